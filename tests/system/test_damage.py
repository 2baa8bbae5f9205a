"""Files that change or vanish under a seeded release are noticed, named and no longer served; repairing them."""

import os
import signal

import forge
from harness import EXIT, Lab, SystemTest, main, wait_for
from peers import TorrentClient, lt

REF = "acme/atlas:1.0.0"
SHARD = "model-00001-of-00002.safetensors"
OTHER = "model-00002-of-00002.safetensors"


class DamagedSeed(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model(megabytes=12)
        self.magnet = self.lab.publish(self.model)
        self.good = forge.read_directory(self.model)

    def wait_until_noticed(self, name=SHARD):
        record = self.lab.daemon.wait_for_state(REF, "DAMAGED")
        self.assertEqual(record["damagedFiles"], [name])
        self.assertIn(name, self.lab.ok("show", REF).out + self.lab.ok("status").out)

    def check_not_served(self):
        """A stranger gets everything but the damaged file."""
        client = TorrentClient(self)
        handle = client.fetch(self.magnet, self.place / "theirs", [self.lab.endpoint()])
        wait_for(lambda: handle.status().has_metadata, "no metadata")
        files = handle.torrent_file().files()
        shard = next(i for i in range(files.num_files()) if files.file_path(i).endswith(SHARD))
        others = [i for i in range(files.num_files()) if i != shard and not files.file_flags(i) & lt.file_storage.flag_pad_file]
        wait_for(lambda: all(handle.file_progress()[i] == files.file_size(i) for i in others), "the rest is not served")
        self.assertEqual(handle.file_progress()[shard], 0)
        self.assertEqual(handle.status().total_failed_bytes, 0, "it served what fails its hash")

    def test_a_changed_file(self):
        forge.flip_file(self.model / SHARD, 2_000_000)
        self.wait_until_noticed()
        self.check_not_served()

    def test_a_vanished_file(self):
        (self.model / SHARD).unlink()
        self.wait_until_noticed()
        self.check_not_served()

    def test_a_truncated_file(self):
        os.truncate(self.model / SHARD, 100_000)
        self.wait_until_noticed()
        self.check_not_served()

    def test_a_file_changed_while_the_daemon_was_away(self):
        self.lab.daemon.stop()
        forge.flip_file(self.model / SHARD, 2_000_000)
        self.lab.start()
        self.wait_until_noticed()
        self.check_not_served()

    def test_what_is_good_is_served_while_the_rest_is_repaired(self):
        forge.flip_file(self.model / SHARD, 2_000_000)
        # Nobody else has it, so the repair waits.
        repairing = self.lab.spawn("verify", REF, "--repair")
        self.lab.daemon.wait_for_state(REF, "GETTING")
        user = self.user(pins=self.lab.bundle)
        to = self.place / "some"
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", to, "--include", OTHER)
        self.assertEqual((to / OTHER).read_bytes(), self.good[OTHER])
        self.assertTrue(repairing.is_running())
        repairing.signal(signal.SIGINT)
        repairing.finish()

    def test_a_directory_that_is_gone_at_the_start(self):
        self.lab.daemon.stop()
        self.model.rename(self.place / "moved")
        self.lab.start()
        record = self.lab.daemon.wait_for_state(REF, "DAMAGED")
        self.assertIn(SHARD, record["damagedFiles"])
        # Back again, and seeded again.
        self.lab.daemon.stop()
        (self.place / "moved").rename(self.model)
        self.lab.start()
        self.lab.ok("verify", REF)
        self.lab.ok("seed", REF)
        self.lab.daemon.wait_for_state(REF, "SEEDING")

    def test_verify_names_the_bad_file(self):
        forge.flip_file(self.model / SHARD, 2_000_000)
        finished = self.lab.fails("bad-content", "verify", REF, prints=True, hint="owrd verify --repair")
        self.assertIn(SHARD, finished.out + finished.err)
        self.assertIn("1", finished.out)
        self.assertNotIn(OTHER, finished.err)

    def test_putting_the_file_back_and_verifying_heals(self):
        (self.model / SHARD).unlink()
        self.wait_until_noticed()
        (self.model / SHARD).write_bytes(self.good[SHARD])
        self.lab.ok("verify", REF)
        self.lab.ok("seed", REF)
        self.lab.daemon.wait_for_state(REF, "SEEDING")


class Repair(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model(megabytes=12)
        self.magnet = self.lab.publish(self.model)
        self.reader = self.user(pins=self.lab.bundle, start=True)
        self.to = self.place / "to"
        self.reader.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.to)

    def test_fetches_only_the_bad_pieces(self):
        # The seed counts once a second: first everything that the get took.
        wait_for(lambda: int(self.lab.daemon.release(REF)["bytesUploaded"]) >= 12_000_000, "the get is not counted")
        before = int(self.lab.daemon.release(REF)["bytesUploaded"])
        forge.flip_file(self.to / SHARD, 2_000_000)
        self.reader.fails("bad-content", "verify", REF, prints=True, hint="owrd verify --repair")
        self.reader.ok("verify", REF, "--repair")
        self.assert_same_files(self.model, self.to)
        sent = int(self.lab.daemon.release(REF)["bytesUploaded"]) - before
        self.assertLess(sent, 4 << 20, "more than the bad piece was fetched")

    def test_a_file_that_is_gone(self):
        (self.to / OTHER).unlink()
        self.reader.ok("verify", REF, "--repair")
        self.assert_same_files(self.model, self.to)

    def test_a_directory_is_verified_offline_by_anyone(self):
        nobody = self.user("nobody")
        finished = nobody.run("verify", self.to)
        self.assertIn(finished.code, (0, EXIT["untrusted"]), str(finished))
        nobody.pins(self.lab.bundle)
        nobody.ok("verify", self.to)
        (self.to / "config.json").write_text("{}")
        finished = nobody.fails("bad-content", "verify", self.to, prints=True, hint="owrd verify --repair")
        self.assertIn("config.json", finished.out + finished.err)

    def test_a_directory_without_a_release(self):
        empty = self.place / "empty"
        empty.mkdir()
        self.reader.fails("not-found", "verify", empty, says=["release.owrd"])


if __name__ == "__main__":
    main()
