"""Other BitTorrent clients for the system tests: Debian's python3-libtorrent, qbittorrent-nox, and a hostile one that is
nothing but a socket. All on loopback."""

import os
import shutil
import socket
import struct
import threading
import urllib.parse
import urllib.request
from pathlib import Path

from harness import Running, skip_loudly, wait_for

try:
    import libtorrent as lt
except ImportError:
    lt = None


def address_of(endpoint):
    host, port = endpoint.rsplit(":", 1)
    return host, int(port)


class TorrentClient:
    """Debian's libtorrent, driven from Python: a plain v2 client that knows nothing of owrd."""

    def __init__(self, test, address="127.0.0.1", **settings):
        if not lt:
            skip_loudly("python3-libtorrent is not installed")
        self.session = lt.session({"listen_interfaces": f"{address}:0", "outgoing_interfaces": address,
                                   "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
                                   "enable_natpmp": False, "enable_outgoing_utp": False, "enable_incoming_utp": False,
                                   "allow_multiple_connections_per_ip": True, "alert_mask": 0, **settings})
        self.address = address
        test.addCleanup(self.close)

    def close(self):
        if self.session:
            for handle in self.session.get_torrents():
                self.session.remove_torrent(handle)
            self.session = None

    def endpoint(self):
        return f"{self.address}:{self.session.listen_port()}"

    def fetch(self, magnet, directory, peers):
        """Begins to download from a magnet link alone, and from these peers."""
        parameters = lt.parse_magnet_uri(magnet)
        parameters.save_path = str(directory)
        handle = self.session.add_torrent(parameters)
        for peer in peers:
            handle.connect_peer(address_of(peer))
        return handle

    def fetch_all(self, magnet, directory, peers, timeout=60):
        """Downloads everything; gives the directory of the torrent."""
        handle = self.fetch(magnet, directory, peers)
        wait_for(lambda: handle.status().is_seeding, "the other client does not complete", timeout)
        handle.flush_cache()
        return Path(directory, handle.status().name)

    def seed(self, torrent, parent):
        """Seeds a forge.Torrent whose files lie in parent/<its name>, after checking them as any client does."""
        info = lt.torrent_info(lt.bdecode(torrent.encoded()))
        assert str(info.info_hashes().v2) == torrent.infohash.hex(), "libtorrent derives another infohash"
        handle = self.session.add_torrent({"ti": info, "save_path": str(parent)})
        wait_for(lambda: handle.status().is_seeding, "the other client does not find its own files good")
        return handle


class QBittorrent:
    """qbittorrent-nox of Debian, with a profile of its own, spoken to through its web API."""

    def __init__(self, test, directory):
        program = shutil.which("qbittorrent-nox")
        if not program:
            skip_loudly("qbittorrent-nox is not installed")
        self.downloads = Path(directory, "downloads")
        config = Path(directory, "qBittorrent/config")
        config.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        (config / "qBittorrent.conf").write_text(
            "[LegalNotice]\nAccepted=true\n"
            "[BitTorrent]\nSession\\DHTEnabled=false\nSession\\LSDEnabled=false\nSession\\PeXEnabled=false\n"
            "Session\\Interface=lo\nSession\\InterfaceName=lo\nSession\\InterfaceAddress=127.0.0.1\n"
            f"Session\\DefaultSavePath={self.downloads}\nSession\\BTProtocol=TCP\n"
            "[Network]\nPortForwardingEnabled=false\n"
            "[Preferences]\nWebUI\\Address=127.0.0.1\nWebUI\\LocalHostAuth=false\nWebUI\\CSRFProtection=false\n"
            f"WebUI\\Port={self.port}\nWebUI\\UseUPnP=false\nConnection\\UPnP=false\n"
            f"Downloads\\SavePath={self.downloads}\n")
        home = {"HOME": str(directory), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        self.running = Running([program, f"--profile={directory}", f"--webui-port={self.port}"], env=home)
        test.addCleanup(self.running.kill)
        wait_for(self._answers, "qbittorrent-nox does not answer")

    def _answers(self):
        assert self.running.is_running(), str(self.running.result())
        try:
            return self.ask("app/version")
        except OSError:
            return None

    def ask(self, path, **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v2/{path}", data)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as reply:
            return reply.read().decode()

    def fetch(self, magnet, infohash, peers):
        self.ask("torrents/add", urls=magnet, savepath=str(self.downloads))
        # qBittorrent names a v2 torrent by the first 20 bytes of its infohash.
        self.hash = infohash[:40]
        wait_for(lambda: self.hash in self.ask("torrents/info"), "qbittorrent-nox does not know the torrent")
        self.ask("torrents/addPeers", hashes=self.hash, peers="|".join(peers))

    def is_complete(self):
        return '"progress":1,' in self.ask(f"torrents/info?hashes={self.hash}")


class RawPeer:
    """A BitTorrent connection that says whatever the test wants."""

    HANDSHAKE = b"\x13BitTorrent protocol"

    def __init__(self, endpoint, infohash, source="127.0.0.2"):
        self.socket = socket.create_connection(address_of(endpoint), timeout=10, source_address=(source, 0))
        # Extension protocol (BEP 10) and v2 (BEP 52).
        reserved = bytes([0, 0, 0, 0, 0, 0x10, 0, 0x10])
        self.socket.sendall(self.HANDSHAKE + reserved + infohash[:20] + b"-XX0000-" + os.urandom(12))

    def wait_for_handshake(self):
        reply = b""
        while len(reply) < 68:
            more = self.socket.recv(68 - len(reply))
            assert more, "the peer closed the connection"
            reply += more
        assert reply.startswith(self.HANDSHAKE)

    def send(self, kind, body=b""):
        self.socket.sendall(struct.pack(">IB", 1 + len(body), kind) + body)

    def send_hostile_hashes(self):
        """Hashes (BEP 52, id 22) that nobody asked for, with the all-zero root of a pad file: libtorrent before 2.0.13
        indexes an empty tree."""
        self.send(22, bytes(32) + struct.pack(">IIII", 0, 0, 2, 0) + bytes(64))

    def close(self):
        self.socket.close()


class RudeSeed:
    """Says that it has all of a release, and answers requests for blocks in whatever way it is told: `answer` gives the
    messages for (piece, begin, right bytes of the block), each as piece, begin, bytes."""

    CHOKE, UNCHOKE, BITFIELD, REQUEST, PIECE = 0, 1, 5, 6, 7

    def __init__(self, test, torrent, pieces, answer, address="127.0.0.5"):
        self.infohash, self.pieces, self.answer = torrent.infohash, pieces, answer
        self.listener = socket.create_server((address, 0))
        self.requests = 0
        test.addCleanup(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def endpoint(self):
        return "%s:%d" % self.listener.getsockname()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self._talk(connection)
            except (OSError, EOFError):
                pass  # The other side has had enough of it.

    @staticmethod
    def _read(connection, length):
        data = b""
        while len(data) < length:
            more = connection.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _talk(self, connection):
        connection.settimeout(60)
        self._read(connection, 68)
        reserved = bytes([0, 0, 0, 0, 0, 0, 0, 0x10])
        connection.sendall(RawPeer.HANDSHAKE + reserved + self.infohash[:20] + b"-XX0000-" + os.urandom(12))

        def send(kind, body=b""):
            connection.sendall(struct.pack(">IB", 1 + len(body), kind) + body)
        bits = bytearray((len(self.pieces) + 7) // 8)
        for piece in range(len(self.pieces)):
            bits[piece // 8] |= 0x80 >> piece % 8
        send(self.BITFIELD, bytes(bits))
        send(self.UNCHOKE)
        while True:
            length, = struct.unpack(">I", self._read(connection, 4))
            body = self._read(connection, length)
            if not body or body[0] != self.REQUEST:
                continue
            piece, begin, size = struct.unpack(">III", body[1:13])
            self.requests += 1
            for number, at, data in self.answer(piece, begin, self.pieces[piece][begin:begin + size]):
                send(self.PIECE, struct.pack(">II", number, at) + data)
