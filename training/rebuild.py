"""Learns from corpus/ and writes ../models: one command for the whole way, `python rebuild.py [--hours H]` (of learning; 2.5)."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import replies

HERE = Path(__file__).resolve().parent
# glibc keeps what a step gives back, instead of asking the kernel for it again: a fifth of a step.
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_TOP_PAD_": str(1 << 28)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", default="2.5")
    hours = parser.parse_args().hours
    _, held = replies.split(replies.load("corpus"))
    (HERE / "held.txt").write_text("".join(row["id"] + "\n" for row in held), encoding="utf-8")
    for step in (["train.py", "--epochs", "4", "--hours", hours], ["export.py"], ["grams.py"]):
        subprocess.run([sys.executable, *step], cwd=HERE, check=True, env=KEPT | os.environ)
    subprocess.run(["cargo", "bench", "--bench", "judge", "--", "calibrate"], cwd=HERE.parent, check=True)
    subprocess.run(["cargo", "bench", "--bench", "judge", "--", "curve"], cwd=HERE.parent, check=True)


if __name__ == "__main__":
    main()
