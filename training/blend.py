"""Blends weights, because those that several goes of learning end or pass by are surer together than each alone:
`python blend.py OUT.pt SHARE=READER.pt …`; a checkpoint of `train.py` stands for the running mean in it."""

import sys

import torch


def main():
    out, *parts = sys.argv[1:]
    shares, saved = zip(*((float(share), torch.load(path, weights_only=False)) for share, path in (part.split("=", 1) for part in parts)))
    assert abs(sum(shares) - 1) < 1e-6, "the shares must make 1"
    each = [one["average"] if "average" in one else one["weights"] for one in saved]
    # A number by itself has no dimension in some files.
    blended = {name: sum(share * one[name].reshape(value.shape) for share, one in zip(shares, each)) for name, value in each[0].items()}
    torch.save({"config": next(one["config"] for one in saved if "config" in one), "weights": blended}, out)


if __name__ == "__main__":
    main()
