"""Bad days while bytes are flowing: files that are damaged as they are served, seeds that answer as no client should, and
releases of unusual shapes."""

import os
import random

import forge
from harness import LOOPBACK_ONLY, SEED, Lab, SystemTest, main, wait_for
from peers import RudeSeed

REF = "acme/atlas:1.0.0"
SHARD = "model-00001-of-00002.safetensors"


def torrent_of(good):
    """The release's torrent, from its files."""
    name = dict(forge.fields_of(dict(forge.fields_of(good["release.owrd"]))[2]))[5].decode()
    return forge.Torrent(name, good, forge.PIECE_LENGTH)


def pieces_of(good):
    """The bytes of all pieces, in their order."""
    return [good[path][at:at + forge.PIECE_LENGTH] for path in forge.tree_order(good)
            for at in range(0, len(good[path]), forge.PIECE_LENGTH)]


def has_data(directory):
    return directory.exists() and any(path.stat().st_blocks for path in directory.rglob("*.safetensors"))


class DamageUnderLoad(SystemTest):
    """A shard is damaged while the seed is serving it; then it is put back, and the get that waited completes."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self, config=LOOPBACK_ONLY + '[limits]\nup = "6MB/s"\n')
        self.model = self.lab.model(megabytes=24)
        self.magnet = self.lab.publish(self.model)
        self.good = forge.read_directory(self.model)
        self.to = self.place / "to"

    def damage_while_serving(self, damage):
        worker = self.lab.daemon.worker_pid()
        user = self.user(pins=self.lab.bundle)
        getting = user.spawn("get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.to)
        wait_for(lambda: has_data(self.to), "nothing arrives")
        damage(self.model / SHARD)
        self.lab.daemon.wait_for_state(REF, "DAMAGED")
        self.assert_nothing_final_but(self.to, self.good)
        self.assertTrue(getting.is_running(), str(getting.result()))

        (self.model / SHARD).unlink(missing_ok=True)
        (self.model / SHARD).write_bytes(self.good[SHARD])
        self.lab.ok("verify", REF)
        self.lab.ok("seed", REF)
        finished = getting.finish(timeout=180)
        self.assertEqual(finished.code, 0, str(finished))
        self.assert_same_files(self.model, self.to)
        self.assertEqual(self.lab.daemon.worker_pid(), worker, "the worker did not live through it")

    def test_truncated(self):
        self.damage_while_serving(lambda path: os.truncate(path, 100_000))

    def test_replaced_by_another_file_of_its_length(self):
        def replace(path):
            other = path.with_suffix(".new")
            other.write_bytes(random.Random(SEED).randbytes(len(self.good[SHARD])))
            other.rename(path)
        self.damage_while_serving(replace)

    def test_overwritten_in_place(self):
        def overwrite(path):
            for at in range(0, len(self.good[SHARD]), 100_000):
                forge.flip_file(path, at)
        self.damage_while_serving(overwrite)

    def test_deleted(self):
        self.damage_while_serving(lambda path: path.unlink())


class RudeSeeds(SystemTest):
    """Beside a good seed; nothing of what they send may end the worker or get a final name unless it is right."""

    def get_beside(self, answer):
        lab = Lab(self, config=LOOPBACK_ONLY + '[limits]\nup = "8MB/s"\n')
        model = lab.model(megabytes=12)
        magnet = lab.publish(model)
        good = forge.read_directory(model)
        torrent = torrent_of(good)
        self.assertIn(torrent.infohash.hex(), magnet)
        rude = RudeSeed(self, torrent, pieces_of(good), answer)
        user = self.user(pins=lab.bundle, start=True)
        to = self.place / "to"
        user.ok("get", magnet, "--peer", rude.endpoint(), "--peer", lab.endpoint(), "--to", to, timeout=180)
        self.assert_same_files(model, to)
        self.assertGreater(rude.requests, 0, "it was never asked, so nothing was tested")
        self.assertEqual(user.daemon.status().get("workerRestarts", 0), 0, user.daemon.log_text())

    def test_half_blocks(self):
        self.get_beside(lambda piece, begin, data: [(piece, begin, data[:len(data) // 2])])

    def test_wrong_blocks(self):
        self.get_beside(lambda piece, begin, data: [(piece, begin, bytes(len(data)))])

    def test_every_other_block_wrong(self):
        self.get_beside(lambda piece, begin, data:
                        [(piece, begin, data if begin // 16384 % 2 else bytes(len(data)))])

    def test_every_block_twice(self):
        self.get_beside(lambda piece, begin, data: [(piece, begin, data)] * 2)

    def test_blocks_that_nobody_asked_for(self):
        self.get_beside(lambda piece, begin, data: [(piece ^ 1, begin, data), (piece, begin ^ 16384, data),
                                                    (1 << 30, begin, data), (piece, 1 << 30, data)])

    def test_no_blocks_at_all(self):
        self.get_beside(lambda piece, begin, data: [])


class Shapes(SystemTest):
    def test_no_file_is_longer_than_a_piece(self):
        lab = Lab(self)
        model = lab.model(megabytes=0.5)
        magnet = lab.publish(model)
        user = self.user(pins=lab.bundle)
        to = self.place / "to"
        user.ok("get", magnet, "--peer", lab.endpoint(), "--to", to)
        self.assert_same_files(model, to)
        user.ok("verify", to)

    def test_thousands_of_tiny_files(self):
        lab = Lab(self)
        model = lab.model(megabytes=1)
        for number in range(3000):
            path = model / f"notes/{number // 100}/{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("" if number % 50 == 0 else f"note {number}\n")
        magnet = lab.publish(model)
        user = self.user(pins=lab.bundle)
        to = self.place / "to"
        user.ok("get", magnet, "--peer", lab.endpoint(), "--to", to, timeout=240)
        self.assert_same_files(model, to)
        user.ok("verify", to)


if __name__ == "__main__":
    main()
