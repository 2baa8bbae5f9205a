#!/usr/bin/env python3
"""Writes a small but valid model: scripts/make_model.py DIR [MEGABYTES]

Safetensors in two shards with an index, config.json, a README.md with front matter and a LICENSE. The same arguments
give the same bytes. The tensors are F32 and mean nothing."""

import array
import json
import random
import struct
import sys
from pathlib import Path

CARD = """---
license: apache-2.0
language: en
pipeline_tag: text-generation
library_name: transformers
tags: [example]
---
# Atlas

A model of no use, made by `scripts/make_model.py` to show how a release is published and fetched.
"""

CONFIG = {"architectures": ["AtlasForCausalLM"], "model_type": "atlas", "hidden_size": 256, "vocab_size": 512,
          "torch_dtype": "float32"}


def tensor(rows, seed):
    """`rows` x 256 numbers in [-1, 1), little-endian."""
    source = random.Random(seed)
    chunk = array.array("f", (source.uniform(-1, 1) for _ in range(256 * 16)))
    if sys.byteorder == "big":
        chunk.byteswap()
    repeats = -(-rows // 16)
    # Each block of 16 rows differs in its first number, so that no two pieces are the same.
    blocks = (struct.pack("<f", i / repeats) + chunk.tobytes()[4:] for i in range(repeats))
    return b"".join(blocks)[:rows * 1024]


def safetensors(tensors):
    """One shard: an 8-byte length, a JSON header, the tensors one after another."""
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, data in tensors.items():
        header[name] = {"dtype": "F32", "shape": [len(data) // 1024, 256], "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(tensors.values())


def make_model(directory, megabytes=6.0, seed=1, shards=2):
    """Writes the model into `directory`, which is made; gives its path."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    rows = max(16, int(megabytes * 1e6 / shards / 2 / 1024))
    weight_map, total = {}, 0
    for shard in range(1, shards + 1):
        name = f"model-{shard:05}-of-{shards:05}.safetensors"
        tensors = {f"layers.{shard - 1}.{part}.weight": tensor(rows, f"{seed}/{shard}/{part}")
                   for part in ("attention", "mlp")}
        weight_map |= dict.fromkeys(tensors, name)
        total += sum(map(len, tensors.values()))
        (directory / name).write_bytes(safetensors(tensors))
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    (directory / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    (directory / "README.md").write_text(CARD)
    (directory / "LICENSE").write_bytes(Path(__file__).parent.parent.joinpath("LICENSE").read_bytes())
    return directory


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    make_model(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 6.0)
