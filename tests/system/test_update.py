"""A next version: what is the same is taken from this disk, the rest is fetched."""

import shutil

import forge
from harness import Lab, SystemTest, main

FIRST = "acme/atlas:1.0.0"
SECOND = "acme/atlas:1.1.0"
SHARDS = 30
MIB = 1 << 20


class Update(SystemTest):
    """Three of thirty shards are new, and of a fourth one piece in ten."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        old = self.lab.model("old", megabytes=SHARDS * 2, shards=SHARDS)
        self.first = self.lab.publish(old, FIRST)
        new = self.lab.home / "new"
        shutil.copytree(old, new)
        for name in ("release.owrd", "layers.owrd", "tensors.owrd"):
            (new / name).unlink()
        shards = sorted(new.glob("*.safetensors"))
        self.assertEqual(len(shards), SHARDS)
        self.changed = 0
        for number, shard in enumerate(shards[:4]):
            size = shard.stat().st_size
            pieces = -(-size // MIB)
            # Within the data: the header stays as it is.
            for piece in range(pieces) if number < 3 else [pieces - 1]:
                forge.flip_file(shard, min(piece * MIB + MIB - 8, size - 1))
                self.changed += min(MIB, size - piece * MIB)
        self.new = new
        self.second = self.lab.publish(new, SECOND)
        self.reader = self.user(pins=self.lab.bundle, start=True)

    def get(self, magnet, *arguments):
        return self.reader.ok("get", magnet, "--peer", self.lab.endpoint(), "--json", *arguments).records()[-1]

    def check(self, done):
        release = self.reader.daemon.release(SECOND)
        own = sum((self.new / name).stat().st_size for name in ("release.owrd", "layers.owrd", "tensors.owrd"))
        fetched = int(release["bytesTotal"]) - int(release["bytesReused"])
        self.assertLessEqual(fetched, (self.changed + own) * 1.01)
        self.assertGreaterEqual(fetched, self.changed)
        # What came over the wire, whatever was asked for.
        self.assertLessEqual(int(release["bytesDownloaded"]), (self.changed + own) * 1.01 + MIB)
        self.assert_same_files(self.new, release["directory"])
        return release

    def test_from_the_store_to_the_store(self):
        self.get(self.first)
        release = self.check(self.get(self.second))
        self.reader.ok("rm", FIRST, "-y")
        self.assert_same_files(self.new, release["directory"])
        self.reader.ok("verify", SECOND)

    def test_from_the_store_to_a_directory(self):
        self.get(self.first)
        self.check(self.get(self.second, "--to", self.place / "to"))

    def test_from_a_directory_that_is_named(self):
        # Downloaded by other means, long ago.
        theirs = self.place / "theirs"
        shutil.copytree(self.lab.home / "old", theirs, ignore=shutil.ignore_patterns("*.owrd"))
        self.check(self.get(self.second, "--reuse", theirs))

    def test_a_person_is_told_how_much(self):
        self.get(self.first)
        finished = self.reader.ok("get", self.second, "--peer", self.lab.endpoint())
        self.assertIn("reused from this disk", finished.err)

    def test_a_directory_that_is_not_there(self):
        self.reader.fails("not-found", "get", self.second, "--reuse", self.place / "nowhere", says="nowhere", hint="ls")


if __name__ == "__main__":
    main()
