"""Teaches the witness that stands beside the encoder and writes ../models/grams.i8: `python grams.py [--buckets TEXT]`.

Logistic regression (an answer against the others) over grams of letters and words, whose buckets are bits of a CRC-32. The buckets
that say most are kept, and their weights learned once more without the rest.
"""

import argparse
import re
import unicodedata
import zlib
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import SGDClassifier

import replies

BITS = 20
LETTERS = (3, 4, 5)
KEPT = 100_000
ROUNDS = 10
ALPHA = 1e-6
# How much of it is added to the encoder's heads; chosen on corpus/calibrate and the replies held apart.
SHARE = 0.2
WORD = re.compile(r"[^\W_]+|[?!]")
PLACE = Path(__file__).resolve().parent.parent / "models" / "grams.i8"


def buckets(text):
    """The same as in src/judge/learned/grams.rs."""
    text = "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
    words = WORD.findall(text)
    grams = {"_".join(words[at : at + count]) + "_" for count in (1, 2) for at in range(len(words) - count + 1)}
    for word in words:
        word = f" {word} "
        grams.update(word[at : at + length] for length in LETTERS for at in range(len(word) - length + 1))
    return sorted({zlib.crc32(gram.encode()) >> (32 - BITS) for gram in grams})


def features(texts):
    """[texts, buckets], each row of length 1."""
    rows = [buckets(text) for text in texts]
    starts = np.cumsum([0, *map(len, rows)])
    values = np.concatenate([np.full(len(row), max(1, len(row)) ** -0.5, np.float32) for row in rows])
    return csr_matrix((values, np.concatenate(rows).astype(np.int32), starts), shape=(len(rows), 1 << BITS))


def learned(rows, answers):
    return SGDClassifier(alpha=ALPHA, loss="log_loss", average=True, max_iter=ROUNDS, tol=None, random_state=1).fit(rows, answers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--buckets", help="prints the buckets of a text, and learns nothing")
    text = parser.parse_args().buckets
    if text is not None:
        print(buckets(text))
        return
    rows, held = replies.split(replies.load("corpus"))
    grams = features([row["text"] for row in rows])
    answers = np.array([replies.LABELS.index(row["label"]) for row in rows])
    first = learned(grams, answers)
    weight = np.sqrt((first.coef_**2).sum(0) * np.asarray((grams > 0).sum(0)).ravel())
    kept = np.sort(np.argsort(-weight)[:KEPT])
    only = np.zeros(1 << BITS, np.float32)
    only[kept] = 1
    model = learned(grams @ diags(only), answers)
    weights = model.coef_[:, kept].T * SHARE
    scale = np.abs(weights).max() / 127
    records = np.zeros((len(kept), 8), np.uint8)
    records[:, :3] = kept.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3]
    records[:, 3:] = np.rint(weights / scale).astype(np.int8).view(np.uint8)
    numbers = np.concatenate([[scale], model.intercept_ * SHARE]).astype("<f4")
    PLACE.write_bytes(numbers.tobytes() + records.tobytes())
    others = replies.load("corpus/calibrate") + held
    right = [replies.LABELS[answer] == row["label"] for row, answer in zip(others, model.predict(features([row["text"] for row in others])))]
    print(f"{len(kept)} buckets in {PLACE}; by itself right in {np.mean(right):.1%} of {len(others)} replies")


if __name__ == "__main__":
    main()
