"""Learns from corpus/ and writes ../models: one command for the whole way."""

import subprocess
import sys
from pathlib import Path

import replies

HERE = Path(__file__).resolve().parent


def main():
    _, held = replies.split(replies.load("corpus"))
    (HERE / "held.txt").write_text("".join(row["id"] + "\n" for row in held), encoding="utf-8")
    for step in (["train.py", "--epochs", "4"], ["export.py"]):
        subprocess.run([sys.executable, *step], cwd=HERE, check=True)
    subprocess.run(["cargo", "bench", "--bench", "judge", "--", "calibrate"], cwd=HERE.parent, check=True)
    subprocess.run(["cargo", "bench", "--bench", "judge", "--", "curve"], cwd=HERE.parent, check=True)


if __name__ == "__main__":
    main()
