"""The encoder with its heads, in torch."""

import torch
import torch.nn.functional as F
from torch import nn

from replies import LABELS, PARTIES

QUERIES = 4  # ways to weigh the pieces, beside their mean
HEADS = len(LABELS) + 2 + PARTIES  # the answers; asks a question; wants off the list; how many come


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

    def get(self, name):
        return self.base[name.replace(".", "_")]

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.get(name + ".w"), self.get(name + ".b"), 1e-12)

    def pooled(self, words, mask, dropout=0.1):
        """words: [batch, length, hidden], the embeddings of the pieces; mask: true where there is one."""
        config, rate = self.config, dropout if self.training else 0.0
        batch, length, hidden = words.shape
        heads = config["heads"]
        x = words + self.get("emb.pos")[:length] + self.get("emb.type")[0]
        x = F.dropout(self.norm(x, "emb.ln"), rate)
        bias = torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))[:, None, None, :]

        def apart(y):
            return y.view(batch, length, heads, hidden // heads).transpose(1, 2)

        for layer in range(config["layers"]):
            def linear(y, name):
                return F.linear(y, self.get(f"l{layer}.{name}.w"), self.get(f"l{layer}.{name}.b"))

            q, k, v = (apart(linear(x, name)) for name in "qkv")
            seen = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype), dropout_p=rate)
            seen = linear(seen.transpose(1, 2).reshape(batch, length, hidden), "ao")
            x = self.norm(x + F.dropout(seen, rate), f"l{layer}.aln")
            wide = linear(F.gelu(linear(x, "fi")), "fo")
            x = self.norm(x + F.dropout(wide, rate), f"l{layer}.oln")
        x = x.float()
        weight = mask[..., None].to(x.dtype)
        mean = (x * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
        scores = (x @ self.queries.T * hidden**-0.5).masked_fill(~mask[..., None], float("-inf"))
        return torch.cat([mean, scores.softmax(1).transpose(1, 2) @ x], 1).flatten(1)

    def forward(self, words, mask):
        pooled = F.dropout(self.pooled(words, mask), 0.1 if self.training else 0.0)
        return F.linear(pooled, self.head, self.bias)
