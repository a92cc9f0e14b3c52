"""Writes the trained reader to ../models: `python export.py [--work FOLDER]`.

reader.onnx   the encoder and its heads: weights of linear layers as 7-bit integers with a scale for each column (so that
              16-bit sums cannot overflow on processors that make them), activations quantised when they are met
words.q4      the embeddings of the kept pieces, a row of Q4_0 blocks for each
pieces.tsv    the pieces and their scores, a line each; line breaks do not occur in pieces
charsmap.bin  sentencepiece's normalisation map
"""

import argparse
import base64
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import replies

LONGEST = 256  # positions that are kept
MODELS = Path(__file__).resolve().parent.parent / "models"


def rounded(weight):
    """-> (7-bit integers, a scale for each output). A row's largest weights may be cut off where the whole row is nearer then."""
    top = np.abs(weight).max(1, keepdims=True)
    nearest, whole, scale = None, None, None
    for share in np.arange(1.0, 0.59, -0.05):
        step = top * share / 63 + 1e-12
        steps = np.rint(weight / step).clip(-63, 63)
        off = ((steps * step - weight) ** 2).sum(1, keepdims=True)
        if nearest is None:
            nearest, whole, scale = off, steps, step
        better = off < nearest
        nearest, whole, scale = np.where(better, off, nearest), np.where(better, steps, whole), np.where(better, step, scale)
    return whole.astype(np.int8), scale[:, 0].astype(np.float32)


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, value):
        self.count += 1
        name = f"c{self.count}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind, inputs, outputs=1, **attributes):
        names = []
        for _ in range(outputs):
            self.count += 1
            names.append(f"v{self.count}")
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def linear(self, x, weight, bias):
        """x: [rows, in]; weight: [out, in]."""
        whole, scale = rounded(weight)
        whole = whole.T
        quantised, step, zero = self.add("DynamicQuantizeLinear", [x], 3)
        product = self.add("MatMulInteger", [quantised, self.constant(whole), zero])
        real = self.add("Cast", [product], to=TensorProto.FLOAT)
        both = self.add("Mul", [step, self.constant(scale)])
        return self.add("Add", [self.add("Mul", [real, both]), self.constant(bias)])


def graph(config, weights):
    hidden, heads = config["hidden"], config["heads"]
    width = hidden // heads
    g = Graph()

    def norm(x, name):
        constants = [g.constant(weights[name + ".w"]), g.constant(weights[name + ".b"])]
        return g.add("LayerNormalization", [x, *constants], axis=-1, epsilon=1e-12)

    length = g.add("Slice", [g.add("Shape", ["words"]), g.constant(np.array([0])), g.constant(np.array([1]))])
    places = weights["emb.pos"][:LONGEST] + weights["emb.type"][0]
    place = g.add("Slice", [g.constant(places), g.constant(np.array([0])), length, g.constant(np.array([0]))])
    x = norm(g.add("Add", ["words", place]), "emb.ln")
    apart = g.constant(np.array([-1, heads, width]))
    for layer in range(config["layers"]):
        def part(name):
            return weights[f"l{layer}.{name}"]

        wide = g.linear(x, np.concatenate([part(f"{n}.w") for n in "qkv"]), np.concatenate([part(f"{n}.b") for n in "qkv"]))
        q, k, v = g.add("Split", [wide, g.constant(np.array([hidden] * 3))], 3, axis=1)
        q = g.add("Transpose", [g.add("Reshape", [q, apart])], perm=[1, 0, 2])
        k = g.add("Transpose", [g.add("Reshape", [k, apart])], perm=[1, 2, 0])
        v = g.add("Transpose", [g.add("Reshape", [v, apart])], perm=[1, 0, 2])
        scores = g.add("Mul", [g.add("MatMul", [q, k]), g.constant(np.float32(width**-0.5))])
        seen = g.add("MatMul", [g.add("Softmax", [scores], axis=-1), v])
        seen = g.add("Reshape", [g.add("Transpose", [seen], perm=[1, 0, 2]), g.constant(np.array([-1, hidden]))])
        x = norm(g.add("Add", [x, g.linear(seen, part("ao.w"), part("ao.b"))]), f"l{layer}.aln")
        inner = g.add("Gelu", [g.linear(x, part("fi.w"), part("fi.b"))])
        x = norm(g.add("Add", [x, g.linear(inner, part("fo.w"), part("fo.b"))]), f"l{layer}.oln")
    mean = g.add("ReduceMean", [x, g.constant(np.array([0]))], keepdims=1)
    scores = g.add("MatMul", [x, g.constant(weights["queries"].T * np.float32(hidden**-0.5))])
    chosen = g.add("MatMul", [g.add("Transpose", [g.add("Softmax", [scores], axis=0)], perm=[1, 0]), x])
    pooled = g.add("Concat", [mean, chosen], axis=0)
    pooled = g.add("Reshape", [pooled, g.constant(np.array([1, -1]))])
    product = g.add("MatMul", [pooled, g.constant(weights["head"].T)])
    g.nodes.append(helper.make_node("Add", [product, g.constant(weights["bias"])], ["heads"]))
    made = helper.make_graph(
        g.nodes,
        "reader",
        [helper.make_tensor_value_info("words", TensorProto.FLOAT, ["length", hidden])],
        [helper.make_tensor_value_info("heads", TensorProto.FLOAT, [1, len(replies.LABELS) + 2 + replies.PARTIES])],
        g.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", default="work")
    work = Path(parser.parse_args().work)
    saved = torch.load(work / "reader.pt", weights_only=False)
    weights = {name.removeprefix("base."): value.numpy() for name, value in saved["weights"].items()}
    weights = {name.replace("_", "."): value for name, value in weights.items()}
    MODELS.mkdir(exist_ok=True)
    onnx.save(graph(saved["config"], weights), MODELS / "reader.onnx")
    (MODELS / "words.q4").write_bytes(np.load(work / "words.npy").tobytes())
    tokenizer = json.loads((work / "tokenizer.json").read_text(encoding="utf-8"))
    charsmap = tokenizer["normalizer"]["normalizers"][0]["precompiled_charsmap"]
    (MODELS / "charsmap.bin").write_bytes(base64.b64decode(charsmap))
    lines = [f"{piece}\t{score:.6f}\n" for piece, score in tokenizer["model"]["vocab"]]
    (MODELS / "pieces.tsv").write_text("".join(lines), encoding="utf-8")
    size = sum(path.stat().st_size for path in MODELS.iterdir() if path.suffix != ".md")
    print(f"{size / 1e6:.1f} MB in {MODELS}")


if __name__ == "__main__":
    main()
