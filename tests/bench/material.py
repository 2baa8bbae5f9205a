"""What is published and fetched: directories of shards, made here, the same bytes for the same arguments."""

import json
import os
import random
import struct
from pathlib import Path

MIB = 1 << 20
CARD = "---\nlicense: apache-2.0\n---\n# Atlas\n\nMade by the bench.\n"


def shard_header(size, name):
    """The beginning of a safetensors file of `size` bytes that holds one tensor of this name."""
    def text_of(length):
        text = json.dumps({name: {"dtype": "U8", "shape": [length], "data_offsets": [0, length]}}).encode()
        return text + b" " * (-len(text) % 8)
    text = text_of(size - 8)  # The number inside is longer than needed, never shorter.
    text = text_of(size - 8 - len(text)).ljust(len(text))
    return struct.pack("<Q", len(text)) + text


def write_shard(path, size, seed):
    """Bytes that do not compress, no two MiB alike."""
    random_mib = random.Random(seed).randbytes(MIB)
    with open(path, "wb") as file:
        file.write(shard_header(size, f"tensor.{seed}"))
        for each in range(size // MIB + 1):
            file.write(struct.pack("<Q", each) + random_mib[8:])
        file.truncate(size)


def write_sparse_shard(path, size, seed):
    """A header and a hole: takes no room, and no two files are alike."""
    with open(path, "wb") as file:
        file.write(shard_header(size, f"tensor.{seed}"))
        file.truncate(size)


def make_release(directory, shards, shard_bytes, seed="atlas", write=write_shard):
    """A directory that can be published; gives its path."""
    directory = Path(directory)
    directory.mkdir(parents=True)
    for each in range(1, shards + 1):
        write(directory / f"model-{each:05}-of-{shards:05}.safetensors", shard_bytes, f"{seed}/{each}")
    (directory / "config.json").write_text('{"model_type": "atlas"}\n')
    (directory / "README.md").write_text(CARD)
    return directory


def change_pieces(path, pieces, piece_length, seed):
    """Overwrites the beginning of each of these pieces."""
    source = random.Random(seed)
    with open(path, "r+b") as file:
        for piece in pieces:
            file.seek(piece * piece_length + 4096)
            file.write(source.randbytes(4096))


def files_of(directory):
    return sorted(path for path in Path(directory).rglob("*") if path.is_file())


def size_of(directory):
    return sum(path.stat().st_size for path in files_of(directory))


def forget(directory):
    """Takes the files out of the page cache, once they are on disk. Touches nobody else's pages."""
    for path in files_of(directory):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(file)


def parse_size(text):
    """64M, 1.5G, 1T or plain bytes; powers of 1024."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    text = text.strip().upper().removesuffix("B").removesuffix("I")
    unit = units.get(text[-1:], 1)
    return int(float(text[:-1] if unit > 1 else text) * unit)
