"""Makes releases, torrents and signatures without any code of owrd: an independent second implementation, and the
attacker's workbench. Standard library only; Ed25519 by the openssl program."""

import hashlib
import json
import os
import struct
import subprocess
import tempfile
import time
from pathlib import Path

BLOCK = 16 * 1024
MANIFEST = "application/vnd.owrd.manifest.v1+protobuf"
ROOT = "application/vnd.owrd.root.v1+protobuf"
BUNDLE_MAGIC = b"owrd-bundle-1\n"
ROLE_WEIGHTS, ROLE_LICENSE, ROLE_LAYERS, ROLE_OTHER = 1, 2, 7, 15


def safetensors(data):
    """A safetensors file with one tensor that holds these bytes."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + data


# Protobuf's wire format: as much of it as owrd's messages use.

def varint(number):
    out = bytearray()
    while True:
        out.append(number & 0x7F | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def message(*fields):
    """Each field is (number, value): int, str, bytes, or a list of those (repeated). Empty values are left out."""
    out = b""
    for number, value in fields:
        repeated = isinstance(value, list)
        for item in value if repeated else [value]:
            if isinstance(item, int):
                if item or repeated:
                    out += varint(number << 3) + varint(item)
            else:
                item = item.encode() if isinstance(item, str) else item
                if item or repeated:
                    out += varint(number << 3 | 2) + varint(len(item)) + item
    return out


def fields_of(wire):
    """Takes a message apart: a list of (number, value)."""
    fields, at = [], 0

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = wire[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(wire):
        tag = read_varint()
        if tag & 7 == 0:
            fields.append((tag >> 3, read_varint()))
        else:
            assert tag & 7 == 2, "only varints and bytes are used"
            length = read_varint()
            fields.append((tag >> 3, wire[at:at + length]))
            at += length
    return fields


# Signing.

def key_id_of(public_key):
    return hashlib.sha256(b"owrd-key-v1\n\x01" + public_key).digest()


class SigningKey:
    """An Ed25519 key of the openssl program: a new one, or that of a seed."""

    # The beginning of a PKCS #8 key of Ed25519 (RFC 8410, section 7), before the seed.
    PKCS8 = bytes.fromhex("302e020100300506032b657004220420")

    def __init__(self, seed=None):
        self.secret = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"] if seed is None else
                                     ["openssl", "pkey", "-inform", "DER"],
                                     input=None if seed is None else self.PKCS8 + seed, check=True,
                                     capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=self.secret, check=True,
                             capture_output=True).stdout
        self.public = der[-32:]
        self.id = key_id_of(self.public)

    @classmethod
    def of_file(cls, path):
        """That of a key file of owrd's which no passphrase protects."""
        lines = dict(line.split(": ", 1) for line in Path(path).read_text().splitlines() if ": " in line)
        assert lines["kdf"] == "none", path
        key = cls(bytes.fromhex(lines["secret"]))
        assert key.public.hex() == lines["public"], path
        return key

    def sign(self, data):
        with tempfile.TemporaryDirectory() as directory:
            key, text = Path(directory, "key"), Path(directory, "text")
            key.write_bytes(self.secret)
            text.write_bytes(data)
            return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", text],
                                  check=True, capture_output=True).stdout


def envelope(kind, payload, *keys):
    """DSSE's pre-authentication encoding, signed and wrapped."""
    to_sign = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    signatures = [message((1, key.id), (2, key.sign(to_sign))) for key in keys]
    return message((1, kind), (2, payload), (3, signatures))


class Publisher:
    """A publisher of one key, with its root 1."""

    def __init__(self, name):
        self.name = name
        self.key = SigningKey()
        now = int(time.time())
        role = message((1, [self.key.id]), (2, 1))
        key = message((1, 1), (2, self.key.public), (3, name))
        body = ((2, 1), (3, now), (4, now + 365 * 86400), (5, name), (7, [key]), (8, role), (9, role))
        payload = message(*body)
        self.id = hashlib.sha256(payload).digest()
        self.root = envelope(ROOT, payload, self.key)

    def bundle(self):
        """The .owrp that people pin."""
        return BUNDLE_MAGIC + message((1, [self.root]))


# BEP 52.

def merkle_root(leaves, width, pad=bytes(32)):
    row = leaves + [pad] * (width - len(leaves))
    while len(row) > 1:
        row = [hashlib.sha256(a + b).digest() for a, b in zip(row[::2], row[1::2])]
    return row[0]


def power_of_two_at_least(number):
    return 1 << max(0, number - 1).bit_length()


def piece_layer(data, piece_length):
    """The hash of each piece, the last one filled up with zero leaves."""
    leaves = [hashlib.sha256(data[at:at + BLOCK]).digest() for at in range(0, len(data), BLOCK)]
    blocks = piece_length // BLOCK
    if len(leaves) <= blocks:
        return [merkle_root(leaves, power_of_two_at_least(len(leaves)))]
    return [merkle_root(leaves[at:at + blocks], blocks) for at in range(0, len(leaves), blocks)]


def file_root(data, piece_length):
    layer = piece_layer(data, piece_length)
    if len(data) <= piece_length:
        return layer[0]
    pad = merkle_root([], piece_length // BLOCK)
    return merkle_root(layer, power_of_two_at_least(len(layer)), pad)


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, (bytes, bytearray)):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, str):
        return bencode(value.encode())
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    items = sorted((k.encode() if isinstance(k, str) else k, v) for k, v in value.items())
    return b"d" + b"".join(bencode(k) + bencode(v) for k, v in items) + b"e"


class Torrent:
    """A v2-only torrent of a dict path -> bytes: what any other client would make of the same files."""

    def __init__(self, name, files, piece_length):
        self.name, self.files = name, dict(files)
        tree, self.layers = {}, {}
        for path, data in self.files.items():
            node = tree
            for element in path.split("/"):
                node = node.setdefault(element, {})
            node[""] = {"length": len(data)}
            if data:
                root = file_root(data, piece_length)
                node[""]["pieces root"] = root
                if len(data) > piece_length:
                    self.layers[root] = b"".join(piece_layer(data, piece_length))
        self.info = bencode({"file tree": tree, "meta version": 2, "name": name, "piece length": piece_length})
        self.infohash = hashlib.sha256(self.info).digest()

    def encoded(self):
        return b"d4:info" + self.info + b"12:piece layers" + bencode(self.layers) + b"e"

    def magnet(self):
        return "magnet:?xt=urn:btmh:1220" + self.infohash.hex() + "&dn=" + self.name


def read_directory(directory):
    """All files below `directory`: path -> bytes."""
    directory = Path(directory)
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in sorted(directory.rglob("*")) if path.is_file()}


def path_key(path):
    return [element.encode() for element in path.split("/")]


def tree_order(paths):
    return sorted(paths, key=path_key)


# Releases.

PIECE_LENGTH = 1 << 20


class Release:
    """A release by the rules of the format. `changes` replaces fields of the manifest by number, `spoil` gets the
    finished file entries (path -> dict) and may lie about them."""

    def __init__(self, publisher, files, model="atlas", version="1.0.0", piece_length=PIECE_LENGTH, changes=None,
                 spoil=None, signers=None, license_id="Apache-2.0"):
        files = dict(files)
        names = tree_order(list(files) + ["layers.owrd"])
        files["layers.owrd"] = b"".join(
            b"".join(piece_layer(files[name], piece_length)) for name in names
            if name != "layers.owrd" and len(files[name]) > piece_length)
        entries = {}
        for name in names:
            data = files[name]
            role = {"layers.owrd": ROLE_LAYERS, "LICENSE": ROLE_LICENSE}.get(
                name, ROLE_WEIGHTS if name.endswith(".safetensors") else ROLE_OTHER)
            entries[name] = {"path": name, "length": len(data), "role": role,
                             "root": file_root(data, piece_length) if data else b"",
                             "sha256": hashlib.sha256(data).digest()}
        if spoil:
            spoil(entries)
        licence = message((1, license_id), (2, "LICENSE" if "LICENSE" in files else ""))
        manifest = {1: publisher.id, 2: model, 3: version, 4: int(time.time()), 5: f"{model}-{version}",
                    6: piece_length,
                    8: [message((1, e["path"]), (2, e["length"]), (3, e["root"]), (4, e["sha256"]), (5, e["role"]))
                        for e in sorted(entries.values(), key=lambda e: path_key(e["path"]))],
                    9: licence}
        manifest.update(changes or {})
        self.payload = message(*sorted(manifest.items()))
        self.id = hashlib.sha256(self.payload).digest()
        self.proof = envelope(MANIFEST, self.payload, *(signers or [publisher.key]))
        self.publisher = publisher
        self.dir = manifest[5]
        self.piece_length = piece_length
        self.files = files | {"release.owrd": self.proof}
        self.torrent = Torrent(self.dir, self.files, piece_length)

    def bundle(self, peers=()):
        """The .owr of this release."""
        return BUNDLE_MAGIC + message((1, [self.publisher.root]), (2, self.proof), (3, list(peers)))

    def write_to(self, parent):
        """Writes the directory below `parent` and gives its path."""
        return write_files(Path(parent, self.dir), self.files)


def write_files(directory, files):
    directory = Path(directory)
    for path, data in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return directory


def flip(data, at):
    """The same bytes with one bit changed at offset `at`."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def flip_file(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))
        file.flush()
        os.fsync(file.fileno())
