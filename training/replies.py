"""The labelled replies: `corpus/*.jsonl` to learn from, `corpus/apart/*.jsonl` never shown."""

import json
import random
import re
import unicodedata
from pathlib import Path

LABELS = ["accept", "decline", "delegate", "tentative", "none"]
# How many come: not said, 1 to 12, more.
PARTIES = 14
HERE = Path(__file__).resolve().parent


def load(folder):
    paths = sorted((HERE / folder).glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


# Decks of contrasts and of counted parties are no sample of what people write, and what came after them must not change which
# replies are held: all of these are learned from.
NO_SAMPLE = re.compile(r"-[f-v]\d+$")


def split(rows, share=20, seed=7):
    """-> (to learn from, to calibrate on): every twentieth of a language, the two of a pair of near copies on one side."""
    given = [row for row in rows if NO_SAMPLE.search(row["id"])]
    rows = [row for row in rows if not NO_SAMPLE.search(row["id"])]
    rng = random.Random(seed)
    by_language = {}
    for row in rows:
        by_language.setdefault(row["lang"], []).append(row)
    learn, held = given, []
    for language in sorted(by_language):
        group = by_language[language]
        starts = [at for at in range(0, len(group), 10)]
        chosen = set(rng.sample(starts, max(1, len(starts) // share)))
        for at in starts:
            (held if at in chosen else learn).extend(group[at : at + 10])
    return learn, held


LATIN_MARKS = {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "ı": "i", "ħ": "h"}


def plain(text):
    """Without diacritics, as people type who have no keyboard for them. Cyrillic and Greek letters keep what they need."""
    out = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            # й and ї are letters; a tonos on Greek is left out by many.
            if out and "\u0400" <= out[-1] <= "\u04ff":
                out.append(char)
            continue
        out.append(LATIN_MARKS.get(char, char))
    return unicodedata.normalize("NFC", "".join(out))


def varied(text, rng):
    """One of the ways in which the same words are typed."""
    dice = rng.random()
    if dice < 0.12:
        text = plain(text)
    elif dice < 0.20:
        text = text.lower()
    elif dice < 0.25:
        text = plain(text).lower()
    elif dice < 0.27:
        text = text.upper()
    if rng.random() < 0.10:
        text = text.rstrip(" .!?")
    if rng.random() < 0.08 and len(text) > 12:
        at = rng.randrange(1, len(text) - 2)
        if text[at].isalpha() and text[at + 1].isalpha():
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :] if rng.random() < 0.5 else text[:at] + text[at + 1 :]
    if rng.random() < 0.06:
        text = text.replace("\n", " ")
    return text
