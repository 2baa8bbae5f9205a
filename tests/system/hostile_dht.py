"""A DHT of our own on loopback: nodes of BEP 5 and BEP 44 that are honest unless they are told to lie. Standard library
only, without any code of owrd or libtorrent. An honest node keeps what it is given by whoever has a token, but leaves it
to the readers to verify signatures."""

import hashlib
import os
import selectors
import socket
import struct
import threading

import forge

HEAD = "application/vnd.owrd.head.v1+protobuf"
HEAD_SALT = b"owrd/head/1"
ANCHOR_SALT = b"owrd/root/1"
# The order of Ed25519's group (RFC 8032, section 5.1).
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
K = 8


def bdecode(data):
    """A bencoded value: int, bytes, list, or dict with keys of bytes."""
    value, end = _bdecode(data, 0)
    if end != len(data):
        raise ValueError("bytes left over")
    return value


def _bdecode(data, at):
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in (b"l", b"d"):
        values, at = [], at + 1
        while data[at:at + 1] != b"e":
            value, at = _bdecode(data, at)
            values.append(value)
        return (values if kind == b"l" else dict(zip(values[::2], values[1::2]))), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    if not kind.isdigit() or end > len(data):
        raise ValueError("a string that is cut short")
    return data[colon + 1:end], end


def target_of(public_key, salt):
    return hashlib.sha1(public_key + salt).digest()


def compact(address):
    return socket.inet_aton(address[0]) + struct.pack(">H", address[1])


# Items (BEP 44): dicts as they stand in messages, {b"k", b"seq", b"sig", b"v", b"salt"}.

def signed_item(key, salt, sequence, value):
    """`key` is a forge.SigningKey."""
    encoded = forge.bencode(value)
    buffer = b"4:salt" + forge.bencode(salt) + b"3:seqi%de1:v" % sequence + encoded
    # libtorrent 2.0.8 signs and verifies the first 1200 bytes alone. Nobody else takes such a value at all.
    return {b"k": key.public, b"salt": salt, b"seq": sequence, b"v": value, b"sig": key.sign(buffer[:1200])}


def malleated(item):
    """The same signature with S + L for S, which everybody can make of a good one (RFC 8032, section 8.4)."""
    signature = item[b"sig"]
    s = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    return item | {b"sig": signature[:32] + s.to_bytes(32, "little")}


def head_payload(publisher_id, sequence, issued, root_version=1, feed=b"no feed", infohash=bytes(32)):
    file = forge.message((1, len(feed)), (2, hashlib.sha256(feed).digest()))
    return forge.message((1, publisher_id), (2, sequence), (3, issued), (4, issued + 7 * 86400), (5, root_version),
                         (6, file), (8, infohash))


def head_value(envelope):
    """What stands under a locator: the head and, for readers of BEP 46, its infohash."""
    payload = dict(forge.fields_of(dict(forge.fields_of(envelope))[2]))
    return {b"ih": payload[8][:20], b"o": envelope}


def sequence_of(item):
    """Of the head in an item."""
    envelope = dict(forge.fields_of(item[b"v"][b"o"]))
    return dict(forge.fields_of(envelope[2]))[2]


SILENCE = object()


class Node:
    """One node. `lie`, when it is set, is called with the target of a get and the item that is held (or None), and gives
    the item to show, None for nothing, or SILENCE. Puts are taken as by an honest node, so that it can lie well."""

    def __init__(self, network):
        self.network = network
        self.id = os.urandom(20)
        self.secret = os.urandom(8)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.address = self.socket.getsockname()
        self.lie = None
        self.items = {}      # By target: the newest.
        self.history = {}    # By target: all that were taken, the first first.
        self.putters = {}    # By target: the ports from which they came.
        self.peers = {}      # By infohash: those who announced themselves.
        self.gets = {}       # By target: how often it was asked for.
        self.holds = {}      # By target: nodes; gets of it are answered once all of those have been asked for it.
        self.held = []

    @property
    def endpoint(self):
        return "127.0.0.1:%d" % self.address[1]

    def take(self, data, sender):
        try:
            query = bdecode(data)
            kind, arguments = query[b"q"], query[b"a"]
        except (ValueError, KeyError, TypeError, IndexError):
            return
        answer = getattr(self, "on_" + kind.decode(errors="replace"), None)
        if not answer:
            return self.send(sender, query, b"e", [204, "Method Unknown"])
        if kind == b"get":
            target = arguments[b"target"]
            self.gets[target] = self.gets.get(target, 0) + 1
            if not self.is_released(target):
                self.held.append((query, arguments, sender))
                return
        self.reply(answer, query, arguments, sender)

    def reply(self, answer, query, arguments, sender):
        result = answer(arguments, sender)
        if result is SILENCE:
            return
        if isinstance(result, list):
            self.send(sender, query, b"e", result)
        else:
            self.send(sender, query, b"r", {b"id": self.id} | result)

    def send(self, sender, query, kind, body):
        message = forge.bencode({b"t": query[b"t"], b"y": kind, kind: body, b"ip": compact(sender)})
        try:
            self.socket.sendto(message, sender)
        except OSError:
            pass

    def is_released(self, target):
        return all(node.gets.get(target) for node in self.holds.get(target, ()))

    def release(self):
        held, self.held = self.held, []
        for query, arguments, sender in held:
            if self.is_released(arguments[b"target"]):
                self.reply(self.on_get, query, arguments, sender)
            else:
                self.held.append((query, arguments, sender))

    def token(self, sender):
        return hashlib.sha1(self.secret + sender[0].encode()).digest()[:8]

    # Queries, by their names.

    def on_ping(self, _, __):
        return {}

    def on_find_node(self, arguments, _):
        return {b"nodes": self.network.closest(arguments[b"target"])}

    def on_get_peers(self, arguments, sender):
        infohash = arguments[b"info_hash"]
        found = [compact(peer) for peer in self.peers.get(infohash, ())]
        answer = {b"token": self.token(sender), b"nodes": self.network.closest(infohash)}
        return answer | ({b"values": found} if found else {})

    def on_announce_peer(self, arguments, sender):
        if arguments.get(b"token") != self.token(sender):
            return [203, "Bad token"]
        port = sender[1] if arguments.get(b"implied_port") else arguments[b"port"]
        self.peers.setdefault(arguments[b"info_hash"], set()).add((sender[0], port))
        return {}

    def on_get(self, arguments, sender):
        target = arguments[b"target"]
        answer = {b"token": self.token(sender), b"nodes": self.network.closest(target)}
        item = self.items.get(target)
        if self.lie:
            item = self.lie(target, item)
        if item is SILENCE:
            return SILENCE
        if item:
            answer |= {key: item[key] for key in (b"k", b"seq", b"sig", b"v")}
        return answer

    def on_put(self, arguments, sender):
        if arguments.get(b"token") != self.token(sender):
            return [203, "Bad token"]
        if len(forge.bencode(arguments[b"v"])) > 1000:
            return [205, "Message (v field) too big"]
        target = target_of(arguments[b"k"], arguments.get(b"salt", b""))
        before = self.items.get(target)
        if before and before[b"seq"] > arguments[b"seq"]:
            return [302, "Sequence number less than current"]
        item = {key: arguments[key] for key in (b"k", b"seq", b"sig", b"v", b"salt") if key in arguments}
        self.items[target] = item
        if not before or before != item:
            self.history.setdefault(target, []).append(item)
        self.putters.setdefault(target, set()).add(sender[1])
        return {}


class Network:
    """Nodes that all know each other, and a router that knows them and holds nothing, for libtorrent keeps no node in mind
    that it is told to begin with. Served by one thread."""

    def __init__(self, test, size):
        self.lock = threading.RLock()
        self.nodes = [Node(self) for _ in range(size)]
        self.router = Node(self)
        self.router.lie = lambda target, held: None
        self.selector = selectors.DefaultSelector()
        for node in (*self.nodes, self.router):
            self.selector.register(node.socket, selectors.EVENT_READ, node)
        self.is_over = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        test.addCleanup(self.close)

    def close(self):
        self.is_over = True
        self.thread.join()
        for node in (*self.nodes, self.router):
            node.socket.close()
        self.selector.close()

    def _serve(self):
        while not self.is_over:
            for key, _ in self.selector.select(0.2):
                node = key.data
                try:
                    data, sender = node.socket.recvfrom(65536)
                except OSError:
                    continue
                with self.lock:
                    node.take(data, sender)
                    for each in self.nodes:
                        each.release()

    def closest(self, target):
        def distance(node):
            return int.from_bytes(bytes(a ^ b for a, b in zip(node.id, target)), "big")
        near = sorted(self.nodes, key=distance)[:K]
        return b"".join(node.id + compact(node.address) for node in near)

    def items(self, target):
        """What the nodes hold under it, those that hold something."""
        with self.lock:
            return [node.items[target] for node in self.nodes if target in node.items]

    def newest(self, target):
        return max(self.items(target), key=lambda item: item[b"seq"], default=None)

    def lie(self, lie, nodes=None):
        with self.lock:
            for node in self.nodes if nodes is None else nodes:
                node.lie = lie

    def forget(self):
        """As nodes do with what nobody puts or announces again."""
        with self.lock:
            for node in self.nodes:
                node.items, node.history, node.putters, node.peers = {}, {}, {}, {}

    def forget_gets(self):
        with self.lock:
            for node in self.nodes:
                node.gets = {}
