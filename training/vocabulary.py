"""The pieces of the base tokenizer that European text needs: a third of them, in the order of the base.

Kept: single characters of European scripts, pieces that common words or our replies are made of, then the most frequent of
the others up to PIECES. The embeddings of kept pieces are those of the base, bit for bit.
"""

import json

import wordfreq
from tokenizers import Tokenizer

import base

PIECES = 90_000
# wordfreq's names; the languages that it lacks come from our own replies.
LANGUAGES = "bg cs da nl en fi fr de el hu it lt lv pl pt ro sk sl es sv sh uk nb tr".split()
SPECIAL = 4


def european(piece):
    def fits(char):
        code = ord(char)
        return (
            char == "▁"
            or code < 0x530
            or 0x1E00 <= code < 0x2C00
            or 0xFB00 <= code < 0xFB07
            or code == 0xFE0F
            or code >= 0x1F000
        )

    return all(map(fits, piece))


def cut(texts):
    """-> (ids of the base that are kept, ascending; a Tokenizer with these alone)."""
    description = json.load(open(base.tokenizer_file(), encoding="utf-8"))
    whole = Tokenizer.from_file(base.tokenizer_file())
    vocabulary = description["model"]["vocab"]
    used = set()

    def use(lines):
        for encoding in whole.encode_batch(lines, add_special_tokens=False):
            used.update(encoding.ids)

    for language in LANGUAGES:
        words = wordfreq.top_n_list(language, 25_000, wordlist="best")
        use(words)
        use([word.capitalize() for word in words[:6_000]])
    words, used = used, set()
    use(texts)
    mask = len(vocabulary) - 1
    fitting = [number for number in range(SPECIAL, mask) if european(vocabulary[number][0])]
    kept = set(range(SPECIAL)) | {number for number in fitting if number in used or len(vocabulary[number][0].lstrip("▁")) <= 1}
    # The base numbers its pieces by frequency, so the first of those that are left are the most useful.
    for number in [number for number in fitting if number in words] + fitting:
        if len(kept) >= PIECES:
            break
        kept.add(number)
    order = sorted(kept)
    description["model"]["vocab"] = [vocabulary[number] for number in order]
    description["added_tokens"] = [token for token in description["added_tokens"] if token["id"] < SPECIAL]
    description["truncation"] = description["padding"] = None
    text = json.dumps(description, ensure_ascii=False, separators=(",", ":"))
    return order, Tokenizer.from_str(text), text
