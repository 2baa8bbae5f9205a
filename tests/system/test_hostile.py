"""Peers that lie, and one that crashes libtorrent."""

import os

import forge
from harness import LOOPBACK_ONLY, Lab, SystemTest, main, skip_loudly, wait_for
from peers import RawPeer, TorrentClient

REF = "acme/atlas:1.0.0"
SHARD = "model-00001-of-00002.safetensors"


class CorruptSeed(SystemTest):
    """A seed whose files were changed after it had hashed them."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model(megabytes=12)
        self.magnet = self.lab.publish(self.model)
        self.good = forge.read_directory(self.model)
        self.to = self.place / "to"
        self.liar = TorrentClient(self, address="127.0.0.3")
        name = dict(forge.fields_of(dict(forge.fields_of(self.good["release.owrd"]))[2]))[5].decode()
        torrent = forge.Torrent(name, self.good, forge.PIECE_LENGTH)
        theirs = self.place / "theirs" / name
        forge.write_files(theirs, self.good)
        self.handle = self.liar.seed(torrent, self.place / "theirs")
        for at in range(5000, len(self.good[SHARD]), 300_000):
            forge.flip_file(theirs / SHARD, at)

    def test_alone_nothing_corrupt_gets_its_final_name(self):
        self.lab.daemon.stop()
        user = self.user(pins=self.lab.bundle)
        user.fails(("no-sources", "bad-content"), "get", self.magnet, "--peer", self.liar.endpoint(), "--to", self.to,
                   "--timeout", "8s")
        self.assert_nothing_final_but(self.to, self.good)
        self.assertFalse((self.to / SHARD).exists())

    def test_a_good_seed_beside_it_completes_the_job(self):
        user = self.user(pins=self.lab.bundle)
        user.ok("get", self.magnet, "--peer", self.liar.endpoint(), "--peer", self.lab.endpoint(), "--to", self.to,
                timeout=180)
        self.assert_same_files(self.model, self.to)
        user.ok("verify", self.to)


class HostileHashes(SystemTest):
    """The unsolicited BEP 52 `hashes` message that ends Debian's libtorrent with SIGSEGV."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model(megabytes=24)
        self.magnet = self.lab.publish(self.model)
        self.infohash = bytes.fromhex(self.lab.daemon.release(REF)["infohash"])

    def attack(self, daemon, source):
        """One attempt; true when the worker is another one afterwards, false when it withstood or refused."""
        worker = daemon.worker_pid()
        try:
            peer = RawPeer(daemon.endpoint(), self.infohash, source)
            peer.wait_for_handshake()
            peer.send_hostile_hashes()
            # Until the connection ends: by the death of the worker, or by its refusal.
            peer.socket.settimeout(5)
            while peer.socket.recv(4096):
                pass
        except (OSError, AssertionError):
            pass
        return daemon.worker_pid() != worker

    def test_a_seed_comes_back_and_the_transfer_completes(self):
        daemon = self.lab.daemon
        pid = daemon.pid
        crashed = self.attack(daemon, "127.0.0.2")
        self.assertTrue(daemon.is_running())
        self.assertEqual(daemon.status()["pid"], pid)
        print(f"the worker {'died and came back' if crashed else 'withstood'}")
        daemon.wait_for_state(REF, "SEEDING")
        user = self.user(pins=self.lab.bundle)
        to = self.place / "to"
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", to)
        self.assert_same_files(self.model, to)

    def test_a_fetching_worker_comes_back_and_the_transfer_completes(self):
        user = self.user(pins=self.lab.bundle, config=LOOPBACK_ONLY + '[limits]\ndown = "6MB/s"\n', start=True)
        to = self.place / "to"
        getting = user.spawn("get", self.magnet, "--peer", self.lab.endpoint(), "--to", to)
        wait_for(lambda: any(p.stat().st_blocks for p in to.rglob("*.safetensors")) if to.exists() else False,
                 "nothing arrives")
        pid = user.daemon.pid
        self.attack(user.daemon, "127.0.0.2")
        self.assertTrue(user.daemon.is_running())
        self.assertEqual(user.daemon.status()["pid"], pid)
        finished = getting.finish(timeout=120)
        self.assertEqual(finished.code, 0, str(finished))
        self.assert_same_files(self.model, to)

    def test_who_crashes_it_again_and_again_is_banned(self):
        daemon = self.lab.daemon
        crashes = [self.attack(daemon, "127.0.0.2") for _ in range(6)]
        if not any(crashes):
            skip_loudly("the worker withstands the message, so nobody gets banned for it")
        self.assertFalse(crashes[-1], f"the attacker is let in after {sum(crashes)} crashes")
        # Others are not.
        user = self.user(pins=self.lab.bundle)
        to = self.place / "to"
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", to)
        self.assert_same_files(self.model, to)


class RudePeers(SystemTest):
    def test_garbage_on_the_peers_port(self):
        lab = Lab(self)
        magnet = lab.publish()
        infohash = bytes.fromhex(lab.daemon.release(REF)["infohash"])
        for kind in range(0, 30):
            peer = RawPeer(lab.endpoint(), infohash, f"127.0.0.{10 + kind}")
            try:
                peer.send(kind, os.urandom(100))
            except OSError:
                pass
            peer.close()
        self.assertTrue(lab.daemon.is_running())
        lab.daemon.worker_pid()
        user = self.user(pins=lab.bundle)
        user.ok("get", magnet, "--peer", lab.endpoint(), "--to", self.place / "to")


if __name__ == "__main__":
    main()
