"""What must never be believed. The releases here are made without owrd's code (forge.py), so that they can lie."""

import os

import forge
from harness import EXIT, Lab, SystemTest, main
from peers import TorrentClient

VIOLATIONS = ("untrusted", "bad-signature", "bad-content", "usage")


class ForgedTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.acme = forge.Publisher("acme")
        self.pin = self.place / "acme.owrp"
        self.pin.write_bytes(self.acme.bundle())
        self.reader = self.user(pins=self.pin)
        self.to = self.place / "to"
        self.files = {"a.safetensors": forge.safetensors(os.urandom(2_500_000)), "LICENSE": b"free", "sub/config.json": b"{}"}
        self.seeds = 0

    def seed(self, torrent):
        """A plain client that seeds this torrent, whatever it holds."""
        self.seeds += 1
        parent = self.place / f"seed{self.seeds}"
        forge.write_files(parent / torrent.name, torrent.files)
        client = TorrentClient(self)
        client.seed(torrent, parent)
        return torrent.magnet(), "--peer", client.endpoint()

    def refused(self, *arguments, codes=VIOLATIONS):
        """The command fails in time with one of the codes and says what to do, and of the release nothing but
        release.owrd was written."""
        finished = self.reader.fails(codes, "get", *arguments, "--to", self.to, "--timeout", "15s")
        if self.to.exists():
            found = [path for path in self.to.rglob("*") if path.is_file() and path.stat().st_size]
            self.assertEqual([path.name for path in found if path.name != "release.owrd"], [], str(finished))
        return finished


class TheForge(ForgedTest):
    def test_an_honest_release_made_without_owrd_is_believed(self):
        release = forge.Release(self.acme, self.files)
        finished = self.reader.ok("get", *self.seed(release.torrent), "--to", self.to)
        self.assertEqual(finished.out, f"{self.to}\n")
        self.assertEqual(forge.read_directory(self.to), release.files)
        self.reader.ok("verify", self.to)

    def test_an_empty_file_and_deep_folders_arrive(self):
        files = self.files | {"a/b/c/d/e/f.txt": b"deep", "empty.txt": b"", "one-block": os.urandom(16384),
                              "one-piece": os.urandom(forge.PIECE_LENGTH), "odd": os.urandom(forge.PIECE_LENGTH * 3 + 1)}
        release = forge.Release(self.acme, files)
        self.reader.ok("get", *self.seed(release.torrent), "--to", self.to)
        self.assertEqual(forge.read_directory(self.to), release.files)


class FlippedProof(ForgedTest):
    """A flipped bit in any part of release.owrd."""

    def setUp(self):
        super().setUp()
        self.release = forge.Release(self.acme, self.files)
        self.proof = self.release.proof

    def offsets(self):
        """Some in every part: each field's tag and length, payload type, payload, key id, signature."""
        payload_at = self.proof.index(self.release.payload)
        key_at = self.proof.index(self.acme.key.id, payload_at + len(self.release.payload))
        parts = {"type tag": 0, "type length": 1, "type": 10, "payload tag": payload_at - 3, "payload start": payload_at,
                 "publisher": payload_at + 5, "payload middle": payload_at + len(self.release.payload) // 2,
                 "payload end": payload_at + len(self.release.payload) - 1,
                 "signature tag": payload_at + len(self.release.payload), "key id": key_at + 7,
                 "signature": key_at + 32 + 2, "signature middle": key_at + 32 + 2 + 32, "end": len(self.proof) - 1}
        return parts

    def test_in_a_bundle(self):
        for part, at in self.offsets().items():
            with self.subTest(part=part):
                bundle = self.place / "x.owr"
                fields = (1, [self.acme.root]), (2, forge.flip(self.proof, at))
                bundle.write_bytes(forge.BUNDLE_MAGIC + forge.message(*fields))
                self.refused(bundle)

    def test_in_the_swarm(self):
        # The torrent is made to match, as a liar would: only owrd's own checks can tell.
        for part, at in self.offsets().items():
            with self.subTest(part=part):
                files = self.release.files | {"release.owrd": forge.flip(self.proof, at)}
                torrent = forge.Torrent(self.release.dir, files, self.release.piece_length)
                self.refused(*self.seed(torrent))

    def test_in_a_directory(self):
        directory = self.release.write_to(self.place / "disk")
        self.reader.ok("verify", directory)
        for part, at in self.offsets().items():
            with self.subTest(part=part):
                (directory / "release.owrd").write_bytes(forge.flip(self.proof, at))
                self.reader.fails(VIOLATIONS, "verify", directory)
                self.reader.fails(VIOLATIONS, "seed", directory)

    def test_in_every_file_of_a_directory(self):
        directory = self.release.write_to(self.place / "disk")
        for name, data in self.release.files.items():
            if name == "release.owrd":
                continue
            with self.subTest(file=name):
                (directory / name).write_bytes(forge.flip(data, len(data) // 2))
                finished = self.reader.fails("bad-content", "verify", directory, prints=True)
                self.assertIn(name, finished.out + finished.err)
                (directory / name).write_bytes(data)
        self.reader.ok("verify", directory)

    def test_in_the_publisher_bundle(self):
        whole = self.acme.bundle()
        stranger = self.user("stranger")
        for at in range(0, len(whole), 13):
            with self.subTest(at=at):
                bad = self.place / "bad.owrp"
                bad.write_bytes(forge.flip(whole, at))
                stranger.fails(VIOLATIONS, "publisher", "add", bad, "-y")
        self.assertEqual(stranger.ok("publisher", "ls").out, "")


class WrongSigners(ForgedTest):
    def test_a_signature_by_another_key(self):
        release = forge.Release(self.acme, self.files, signers=[forge.SigningKey()])
        self.refused(*self.seed(release.torrent), codes=("bad-signature", "untrusted"))

    def test_a_key_that_calls_itself_the_publishers(self):
        thief = forge.SigningKey()
        thief.id = self.acme.key.id
        release = forge.Release(self.acme, self.files, signers=[thief])
        self.refused(*self.seed(release.torrent), codes=("bad-signature", "untrusted"))

    def test_no_signature_at_all(self):
        release = forge.Release(self.acme, self.files)
        release.files["release.owrd"] = forge.message((1, forge.MANIFEST), (2, release.payload))
        self.refused(*self.seed(forge.Torrent(release.dir, release.files, release.piece_length)))

    def test_another_kind_of_object_with_the_same_bytes(self):
        release = forge.Release(self.acme, self.files)
        release.files["release.owrd"] = forge.envelope(forge.ROOT, release.payload, self.acme.key)
        self.refused(*self.seed(forge.Torrent(release.dir, release.files, release.piece_length)))

    def test_a_manifest_of_a_publisher_who_is_not_pinned(self):
        evil = forge.Publisher("evil")
        release = forge.Release(evil, self.files)
        self.refused(*self.seed(release.torrent), codes="untrusted")

    def test_a_publisher_who_calls_himself_like_the_pinned_one(self):
        evil = forge.Publisher("acme")
        release = forge.Release(evil, self.files)
        bundle = self.place / "x.owr"
        bundle.write_bytes(release.bundle())
        self.refused(bundle, codes="untrusted")
        pin = self.place / "evil.owrp"
        pin.write_bytes(evil.bundle())
        self.reader.fails("failure", "publisher", "add", pin, "-y", hint="--as")

    def test_a_fingerprint_that_does_not_match(self):
        stranger = self.user("stranger")
        stranger.fails("bad-signature", "publisher", "add", self.pin, "--fingerprint", "ab" * 32, "-y")
        stranger.ok("publisher", "add", self.pin, "--fingerprint", self.acme.id.hex(), "-y")


class LyingTorrents(ForgedTest):
    """The publisher's word stands against what the swarm says."""

    def test_a_file_list_that_differs_from_the_manifest(self):
        release = forge.Release(self.acme, self.files)
        lies = {
            "one file more": release.files | {"extra.bin": b"surprise"},
            "one file less": {n: d for n, d in release.files.items() if n != "LICENSE"},
            "another name": {("LICENCE" if n == "LICENSE" else n): d for n, d in release.files.items()},
            "other bytes": release.files | {"LICENSE": b"paid"},
            "another length": release.files | {"LICENSE": b"free!"},
        }
        for lie, files in lies.items():
            with self.subTest(lie=lie):
                torrent = forge.Torrent(release.dir, files, release.piece_length)
                self.refused(*self.seed(torrent), codes=("bad-content", "bad-signature"))

    def test_another_name_or_piece_length(self):
        release = forge.Release(self.acme, self.files)
        for name, piece_length in (("other", release.piece_length), (release.dir, release.piece_length * 2)):
            with self.subTest(name=name, piece_length=piece_length):
                torrent = forge.Torrent(name, release.files, piece_length)
                self.refused(*self.seed(torrent), codes=("bad-content", "bad-signature"))

    def test_a_torrent_that_is_no_release(self):
        torrent = forge.Torrent("holiday", {"a.jpg": os.urandom(50_000), "b.jpg": os.urandom(5)}, 16384)
        self.refused(*self.seed(torrent))

    def test_layers_that_do_not_fold_to_the_roots(self):
        release = forge.Release(self.acme, self.files)
        layers = forge.flip(release.files["layers.owrd"], 40)

        def sign_the_lie(entries):
            entries["layers.owrd"]["root"] = forge.file_root(layers, release.piece_length)
        lying = forge.Release(self.acme, self.files, spoil=sign_the_lie)
        files = lying.files | {"layers.owrd": layers}
        finished = self.refused_with_layers(forge.Torrent(lying.dir, files, lying.piece_length))
        self.assertIn("layers.owrd", finished.err)

    def refused_with_layers(self, torrent):
        finished = self.reader.fails("bad-content", "get", *self.seed(torrent), "--to", self.to, "--timeout", "15s")
        self.assertFalse(list(self.to.rglob("a.safetensors")) if self.to.exists() else [])
        return finished

    def test_a_flat_hash_that_is_wrong_although_signed(self):
        def lie(entries):
            entries["LICENSE"]["sha256"] = bytes(32)
        release = forge.Release(self.acme, self.files, spoil=lie)
        finished = self.reader.run("get", *self.seed(release.torrent), "--to", self.to, "--timeout", "15s")
        # The Merkle root decides what arrives; a manifest that contradicts itself may be refused, never repaired.
        self.assertIn(finished.code, (0, EXIT["bad-content"]), str(finished))
        self.assertTrue(finished.code == 0 or "hint:" in finished.err, str(finished))


class HostileManifests(ForgedTest):
    """Signed by the pinned publisher, and refused all the same."""

    def refused_bundle(self, release):
        bundle = self.place / "x.owr"
        bundle.write_bytes(release.bundle())
        return self.refused(bundle)

    def test_paths_that_lead_out_or_deceive(self):
        for path in ("../evil", "/etc/evil", "a/../../evil", "a//b", "a/./b", "con", "nul.txt", "a\\b", "C:evil",
                     "trailing.", "space ", "\u202eevil", "a\u200bb", "x" * 256, "/".join("a" * 9), "tab\tx"):
            with self.subTest(path=path):
                def lie(entries):
                    entries["LICENSE"]["path"] = path
                finished = self.refused_bundle(
                    forge.Release(self.acme, {"LICENSE": b"x", "a.safetensors": b"y"}, spoil=lie))
                self.assertIn("file \"", finished.err)
                self.assertNotIn("order of the file tree", finished.err)
        self.assertFalse((self.place / "evil").exists())

    def test_a_directory_name_that_leads_out(self):
        for name in ("..", "../evil", "/etc", "", "a/b", "."):
            with self.subTest(name=name):
                self.refused_bundle(forge.Release(self.acme, self.files, changes={5: name}))

    def test_two_paths_that_are_one(self):
        for first, second in (("LICENSE", "license"), ("a", "a/b"), ("x", "x")):
            with self.subTest(first=first, second=second):
                def lie(entries):
                    entries["1"]["path"], entries["2"]["path"] = first, second
                self.refused_bundle(forge.Release(self.acme, {"1": b"x", "2": b"y"}, spoil=lie))

    def test_piece_lengths_that_are_none(self):
        for length in (0, 1, 8192, 3 << 20, 1 << 40):
            with self.subTest(length=length):
                self.refused_bundle(forge.Release(self.acme, self.files, changes={6: length}))

    def test_a_feature_that_this_owrd_does_not_know(self):
        finished = self.refused_bundle(forge.Release(self.acme, self.files, changes={40: ["teleport"]}))
        self.assertIn("teleport", finished.err)

    def test_sizes_beyond_all_bounds(self):
        def lie(entries):
            entries["a.safetensors"]["length"] = 1 << 62
        self.refused_bundle(forge.Release(self.acme, self.files, spoil=lie))

    def test_a_name_that_belongs_to_owrd(self):
        def lie(entries):
            entries["LICENSE"]["path"] = "release.owrd"
        self.refused_bundle(forge.Release(self.acme, self.files, spoil=lie))

    def test_an_oversized_manifest(self):
        proof = forge.envelope(forge.MANIFEST, os.urandom(9 << 20), self.acme.key)
        files = {"LICENSE": b"x", "layers.owrd": b"", "release.owrd": proof}
        torrent = forge.Torrent("atlas-1.0.0", files, forge.PIECE_LENGTH)
        finished = self.refused(*self.seed(torrent))
        self.assertRegex(finished.err, r"(MB|MiB|large|long|big)")
        bundle = self.place / "x.owr"
        bundle.write_bytes(forge.BUNDLE_MAGIC + forge.message((1, [self.acme.root]), (2, proof)))
        self.refused(bundle)

    def test_another_content_of_a_version_that_is_here_already(self):
        first = forge.Release(self.acme, self.files)
        self.reader.ok("get", *self.seed(first.torrent), "--to", self.place / "first")
        second = forge.Release(self.acme, self.files | {"LICENSE": b"changed"})
        self.reader.fails("bad-signature", "get", *self.seed(second.torrent), "--to", self.to, "--timeout", "15s",
                          says=["1.0.0"])
        self.assertEqual(forge.read_directory(self.place / "first"), first.files)


class WireForms(ForgedTest):
    """Two readers must not understand the same bytes differently."""

    def test_manifests_that_are_not_in_strict_form(self):
        honest = forge.Release(self.acme, self.files)
        loose = {
            "a field twice": honest.payload +
            forge.message((5, "again")),
            "bytes left over": honest.payload + b"\x00",
            "a long varint": forge.message((1, self.acme.id), (2, "atlas"), (3, "1.0.0")) + b"\x20\x81\x80\x00",
            "fields out of order": forge.message((2, "atlas"), (1, self.acme.id)),
        }
        for what, payload in loose.items():
            with self.subTest(what=what):
                bundle = self.place / "x.owr"
                proof = forge.envelope(forge.MANIFEST, payload, self.acme.key)
                bundle.write_bytes(forge.BUNDLE_MAGIC + forge.message((1, [self.acme.root]), (2, proof)))
                self.refused(bundle)


class WithOwrdsOwnReleases(SystemTest):
    def test_a_removed_publisher_is_believed_no_more(self):
        lab = Lab(self)
        magnet = lab.publish()
        reader = self.user(pins=lab.bundle)
        reader.ok("publisher", "rm", "acme", "-y")
        reader.fails("untrusted", "get", magnet, "--peer", lab.endpoint(), "--to", self.place / "to",
                     hint="owrd publisher add")


if __name__ == "__main__":
    main()
