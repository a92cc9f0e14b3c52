"""The encoder with its heads, in torch."""

import torch
import torch.nn.functional as F
from torch import nn

from replies import LABELS, PARTIES

QUERIES = 4  # ways to weigh the pieces, beside their mean
HEADS = len(LABELS) + 2 + PARTIES  # the answers; asks a question; wants off the list; how many come


class Dropout:
    """Zeroes numbers at a rate while learning, by a mask cut at a random place out of one that is drawn once: drawing a new one each
    time takes a sixth of a step."""

    def __init__(self, rate=0.1, size=1 << 22):
        generator = torch.Generator().manual_seed(2)
        self.size = size
        self.masks = {torch.float32: (torch.rand(size, generator=generator) >= rate) / (1 - rate)}
        self.masks[torch.bfloat16] = self.masks[torch.float32].bfloat16()

    def __call__(self, x):
        at = int(torch.randint(self.size - x.numel(), ()))
        return x * self.masks[x.dtype][at : at + x.numel()].view(x.shape)


class Reader(nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        self.config = config
        self.names = [name for name in weights if name != "emb.word"]
        self.base = nn.ParameterDict({name.replace(".", "_"): nn.Parameter(torch.tensor(weights[name])) for name in self.names})
        # Each looks for pieces of its own: who comes stands elsewhere than whether.
        self.queries = nn.Parameter(torch.randn(QUERIES, config["hidden"]) * 0.05)
        self.head = nn.Parameter(torch.randn(HEADS, (1 + QUERIES) * config["hidden"]) * 0.02)
        self.bias = nn.Parameter(torch.zeros(HEADS))
        self.dropout = Dropout()

    def get(self, name):
        return self.base[name.replace(".", "_")]

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.get(name + ".w"), self.get(name + ".b"), 1e-12)

    def dropped(self, x):
        return self.dropout(x) if self.training else x

    def pooled(self, words, mask):
        """words: [batch, length, hidden], the embeddings of the pieces; mask: true where there is one."""
        config = self.config
        batch, length, hidden = words.shape
        heads = config["heads"]
        x = words + self.get("emb.pos")[:length] + self.get("emb.type")[0]
        x = self.dropped(self.norm(x, "emb.ln"))
        bias = torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))[:, None, None, :]

        def apart(y):
            return y.view(batch, length, heads, hidden // heads).transpose(1, 2)

        for layer in range(config["layers"]):
            def linear(y, name):
                return F.linear(y, self.get(f"l{layer}.{name}.w"), self.get(f"l{layer}.{name}.b"))

            q, k, v = (apart(linear(x, name)) for name in "qkv")
            # By hand: the fused kernel's way back takes half of a step on rows as short as these.
            chances = (q @ k.transpose(2, 3) * (hidden // heads) ** -0.5 + bias).softmax(3)
            seen = chances.to(v.dtype) @ v
            seen = linear(seen.transpose(1, 2).reshape(batch, length, hidden), "ao")
            x = self.norm(x + self.dropped(seen), f"l{layer}.aln")
            wide = linear(F.gelu(linear(x, "fi")), "fo")
            x = self.norm(x + self.dropped(wide), f"l{layer}.oln")
        x = x.float()
        weight = mask[..., None].to(x.dtype)
        mean = (x * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
        scores = (x @ self.queries.T * hidden**-0.5).masked_fill(~mask[..., None], float("-inf"))
        return torch.cat([mean, scores.softmax(1).transpose(1, 2) @ x], 1).flatten(1)

    def forward(self, words, mask):
        return F.linear(self.dropped(self.pooled(words, mask)), self.head, self.bias)
