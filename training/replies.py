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


# How people type who read Greek or Cyrillic and have Latin keys; where there are several ways, one holds for a whole mail.
CYRILLIC = (
    "а=a б=b в=v г=g,h ґ=g д=d е=e є=ie,ye ж=zh,j,z з=z и=i і=i ї=i,yi й=y,j,i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h,kh "
    "ц=c,ts ч=ch,4 ш=sh,6 щ=sht,shch,6t ъ=a,u,y ы=y ь=y э=e ю=yu,iu,ju я=ya,q,ja ѓ=gj ќ=kj ѕ=dz ў=u ё=e,yo"
)
UKRAINIAN = "и=y г=h,g"
SERBIAN = "г=g ђ=đ,dj ж=ž,z ј=j љ=lj њ=nj ћ=ć,c х=h ц=c ч=č,c џ=dž,dz ш=š,s"
GREEK = "α=a β=v,b γ=g δ=d ε=e ζ=z η=i,h θ=th,8 ι=i κ=k λ=l μ=m ν=n ξ=x,ks ο=o π=p ρ=r σ=s ς=s τ=t υ=u,y φ=f χ=x,h,ch ψ=ps ω=o,w"


def latin(text, rng):
    """By Latin keys."""
    own = UKRAINIAN if re.search("[іїєґ]", text) else SERBIAN if re.search("[ђјљњћџ]", text) else ""
    pairs = (pair.split("=") for pair in f"{CYRILLIC} {GREEK} {own}".split())
    keys = {key: rng.choice(ways.split(",")) for key, ways in pairs}
    out = []
    for char in text:
        letter = unicodedata.normalize("NFD", char)[0] if "\u0370" <= char <= "\u03ff" else char
        way = keys.get(letter.lower(), char)
        out.append(way.capitalize() if letter.isupper() else way)
    return "".join(out)


def varied(text, rng):
    """One of the ways in which the same words are typed."""
    if rng.random() < 0.08:
        text = latin(text, rng)
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
