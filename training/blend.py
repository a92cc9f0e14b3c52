"""Blends weights, because those that several goes of learning end or pass by are surer together than each alone:
`python blend.py OUT.pt SHARE=READER.pt …`; a checkpoint of `train.py` stands for the running mean in it."""

import sys

import torch


def weights(path):
    saved = torch.load(path, weights_only=False)
    return saved["average"] if "average" in saved else saved["weights"]


def main():
    out, *parts = sys.argv[1:]
    shares = [(float(share), path) for share, path in (part.split("=", 1) for part in parts)]
    assert abs(sum(share for share, _ in shares) - 1) < 1e-6, "the shares must make 1"
    blended = {}
    for share, path in shares:
        for name, value in weights(path).items():
            blended[name] = blended.get(name, 0) + share * value.reshape(blended[name].shape if name in blended else value.shape)
    configs = (torch.load(path, weights_only=False).get("config") for _, path in shares)
    torch.save({"config": next(config for config in configs if config), "weights": blended}, out)


if __name__ == "__main__":
    main()
