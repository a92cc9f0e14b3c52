"""Fine-tunes the base encoder on corpus/*.jsonl: `python train.py [--epochs N] [--hours H] [--start READER.pt] [--out FOLDER]`.

Some 2,400 steps an epoch, each 0.4 seconds on 2 cores with AMX (as `rebuild.py` calls it; with slower attention it was 0.6 to 1.1 with
AVX-512, 2.5 with AVX2 alone): it ends with the last epoch or when the hours are over, and the pace slows down towards whichever comes
first. A run that was broken off goes on from its last checkpoint, with replies drawn anew.
The share that is held apart for calibration is never learned from; corpus/apart is not opened here.
"""

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import base
import replies
import vocabulary
from encoder import Reader

LONGEST = 144  # pieces of a reply while learning: its beginning and its end
SHAPES = (12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 120, LONGEST)
TOKENS = 1536  # of a batch, about
# With --start the weights move back so far at the end towards those that they started from: of the surest answers on
# corpus/calibrate fewer were wrong then. What is printed before and after it is of the replies held apart.
BACK = 0.3
# Of the replies that are easy for a keyword search and state no number so many are shown in an epoch.
PLAIN = 0.5
# How much the number of people counts beside the answer: of those learned from fewer are read right than of the answers.
PARTY = 2.0
# A yes for a no, or a no for a yes, costs so much beside what any other mistake costs.
SWAP = 0.5
CHECKPOINT = 400  # steps from one to the next


def is_half_faster():
    """Whether half precision (BF16) is faster than plain floats here: some processors that have it are slower with it, and where it
    is imitated it takes many times as long."""
    def took(kind):
        x, weight = torch.randn(TOKENS, 384).to(kind), torch.randn(1536, 384).to(kind)
        F.linear(x, weight)
        began = time.perf_counter()
        for _ in range(3):
            F.linear(x, weight)
        return time.perf_counter() - began

    return took(torch.bfloat16) < took(torch.float32)


HALF = is_half_faster()


def numbers(tokenizer, texts, longest=LONGEST):
    out = []
    for encoding in tokenizer.encode_batch(["query: " + text for text in texts]):
        ids = encoding.ids
        out.append(ids if len(ids) <= longest else ids[: longest // 2] + ids[-(longest - longest // 2) :])
    return out


def batches(lengths, rng=None):
    """-> [(length, rows)]: rows padded to one of SHAPES, always as many as make about TOKENS, because every new shape costs a
    compilation; a last batch is filled up with rows that it has already."""
    by_shape = {}
    for at, length in enumerate(lengths):
        by_shape.setdefault(next(shape for shape in SHAPES if length <= shape), []).append(at)
    out = []
    for shape, rows in sorted(by_shape.items()):
        if rng:
            rng.shuffle(rows)
        size = TOKENS // shape
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            out.append((shape, [batch[at % len(batch)] for at in range(size)]))
    if rng:
        rng.shuffle(out)
    return out


def tensors(rows, length, words):
    ids = np.ones((len(rows), length), np.int64)
    mask = np.zeros((len(rows), length), bool)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = row
        mask[at, : len(row)] = True
    return words[torch.from_numpy(ids)], torch.from_numpy(mask)


def targets(rows):
    answer = torch.tensor([replies.LABELS.index(row["label"]) for row in rows])
    flags = torch.tensor([[float(row["question"]), float(row["unsubscribe"])] for row in rows])
    # How many come is asked only of those who come.
    comes = ("accept", "tentative")
    party = [min(row["party"] or 0, replies.PARTIES - 1) if row["label"] in comes else -100 for row in rows]
    return answer, flags, torch.tensor(party)


def logits(model, rows, words):
    """[rows, heads] of plain float arithmetic."""
    model.eval()
    out = torch.zeros(len(rows), model.head.shape[0])
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=HALF):
        for length, batch in batches(list(map(len, rows))):
            out[batch] = model(*tensors([rows[at] for at in batch], length, words)).float()
    return out


def look(model, rows, ids, words):
    out = logits(model, ids, words)
    answer, flags, party = targets(rows)
    guess = out[:, :5].argmax(1)
    hard = torch.tensor([row["hard"] for row in rows])
    right = guess == answer
    surest = out[:, :5].softmax(1).amax(1).argsort(descending=True)[: len(rows) // 2]
    swaps = ((guess == 0) & (answer == 1) | (guess == 1) & (answer == 0)).sum().item()
    question = ((out[:, 5] > 0) == (flags[:, 0] > 0)).float().mean().item()
    said = party > 0
    people = (out[:, 7:].argmax(1) == party)[said].float().mean().item()
    off = ((out[:, 6] > 0) == (flags[:, 1] > 0)).float().mean().item()
    return (
        f"right {right.float().mean():.3f} plain {right[~hard].float().mean():.3f} hard {right[hard].float().mean():.3f} "
        f"swaps {swaps}/{len(rows)} wrong of the surest {len(surest)}: {(~right[surest]).sum()} question {question:.3f} unsubscribe {off:.3f} "
        f"party where said {people:.3f}"
    )


def is_shown(row, rng):
    """Whether an epoch shows it: the hard ones, those that say how many come, and a share of the others."""
    states_party = bool(row["party"]) and row["label"] in ("accept", "tentative")
    return row["hard"] or states_party or rng.random() < PLAIN


def pace(done):
    """The share of the full rate, when so much of the way is done."""
    warm = 1 / 12
    if done < warm:
        return done / warm
    return 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--hours", type=float, default=2.5, help="of learning, those before a break included")
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--out", default="work")
    parser.add_argument("--start", help="a reader.pt to go on from, instead of the base")
    options = parser.parse_args()
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    rng = random.Random(1)

    learn, held = replies.split(replies.load("corpus"))
    kept, tokenizer, description = vocabulary.cut([row["text"] for row in learn])
    (folder / "tokenizer.json").write_text(description, encoding="utf-8")
    config, weights, packed = base.weights()
    packed = packed[kept]
    np.save(folder / "words.npy", packed)
    words = torch.from_numpy(base.unpack_q4(packed, len(kept), config["hidden"]))
    model = Reader(config, weights)
    held_ids = numbers(tokenizer, [row["text"] for row in held])
    print(f"{len(learn)} to learn from, {len(held)} held apart, {len(kept)} pieces", flush=True)

    of_an_epoch = numbers(tokenizer, [row["text"] for row in learn if is_shown(row, rng)])
    steps = options.epochs * len(batches(list(map(len, of_an_epoch))))
    start = torch.load(options.start, weights_only=False)["weights"] if options.start else {}
    if start:
        model.load_state_dict(start)
    heads = [model.head, model.bias, model.queries]
    body = list(model.base.values())
    optimizer = torch.optim.AdamW(
        [{"params": body, "weight_decay": 0.01, "full": options.rate}, {"params": heads, "weight_decay": 0.0, "full": options.rate * 10}],
        betas=(0.9, 0.98),
        fused=True,
    )
    average = {name: value.detach().clone() for name, value in model.named_parameters()}
    step, before, began = 0, 0.0, time.time()
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average, step, before = state["average"], state["step"], state["seconds"]
        rng.setstate(state["rng"])
        print(f"going on after step {step}", flush=True)

    def spent():
        return before + time.time() - began

    def shown():
        """Epoch after epoch, without end: (length of a batch, its rows, their pieces)."""
        while True:
            rows = [row for row in learn if is_shown(row, rng)]
            ids = numbers(tokenizer, [replies.varied(row["text"], rng) for row in rows])
            for length, batch in batches(list(map(len, ids)), rng):
                yield length, [rows[at] for at in batch], [ids[at] for at in batch]

    total, count = 0.0, 0
    for length, rows, ids in shown():
        done = max(step / steps, spent() / (options.hours * 3600))
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = group["full"] * pace(done)
        model.train()
        vectors, mask = tensors(ids, length, words)
        answer, flags, party = targets(rows)
        with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
            out = model(vectors, mask)
        out = out.float()
        loss = F.cross_entropy(out[:, :5], answer, label_smoothing=0.05)
        decided = answer < 2
        opposite = out[:, :5].softmax(1)[decided].gather(1, 1 - answer[decided, None])
        loss = loss + SWAP * opposite.sum() / len(answer)
        loss = loss + F.binary_cross_entropy_with_logits(out[:, 5:7], flags)
        if (party >= 0).any():
            loss = loss + PARTY * F.cross_entropy(out[:, 7:], party)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(0.998, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in model.named_parameters():
                average[name].lerp_(value, 1 - keep)
        total, count = total + loss.item(), count + 1
        if step % (CHECKPOINT // 4) == 0:
            print(f"step {step} of {steps} at most, loss {total / count:.3f}, {spent():.0f} s", flush=True)
        if step % CHECKPOINT == 0:
            print(look(model, held, held_ids, words), flush=True)
            total, count = 0.0, 0
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "average": average,
                "step": step,
                "seconds": spent(),
                "rng": rng.getstate(),
            }
            torch.save(state, folder / "checkpoint.new")
            (folder / "checkpoint.new").replace(checkpoint)
    print(f"{step} steps in {spent() / 3600:.2f} hours", flush=True)
    model.load_state_dict(average)
    print(f"averaged: {look(model, held, held_ids, words)}", flush=True)
    for name, value in average.items():
        if name in start and name != "queries":
            value.lerp_(start[name], BACK)
    model.load_state_dict(average)
    if start:
        print(f"moved back: {look(model, held, held_ids, words)}", flush=True)
    torch.save({"config": config, "weights": {name: value for name, value in model.state_dict().items()}}, folder / "reader.pt")
    checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
