"""Publishing: what a release engineer does, and what can go wrong before anything is signed."""

import os
import threading

import forge
from harness import Lab, SystemTest, main, make_model


class Publish(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)

    def test_prints_only_the_magnet_link_and_seeds_in_place(self):
        model = self.lab.model()
        before = forge.read_directory(model)

        finished = self.lab.ok("publish", model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y")

        self.assertRegex(finished.out, r"\Amagnet:\?xt=urn:btmh:1220[0-9a-f]{64}\S*\n\Z")
        for word in ("Apache-2.0", "acme-key", "1.0.0"):
            self.assertIn(word, finished.err)
        after = forge.read_directory(model)
        self.assertEqual(sorted(set(after) - set(before)), ["layers.owrd", "release.owrd", "tensors.owrd"])
        self.assertEqual({name: after[name] for name in before}, before)
        self.lab.daemon.wait_for_state("acme/atlas:1.0.0", "SEEDING")
        self.assertEqual(list(self.lab.store.rglob("*.safetensors")), [], "nothing is copied")

    def test_json_gives_one_record(self):
        record = self.lab.ok("publish", self.lab.model(), "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y",
                             "--json").record()
        text = str(record)
        self.assertEqual(record["ref"], "acme/atlas:1.0.0")
        self.assertRegex(text, r"[0-9a-f]{64}")
        self.assertIn("magnet:?xt=urn:btmh:1220", record["magnet"])
        self.assertIn(record["btmh"], record["magnet"])
        # The model's files and owrd's own; numbers are numbers.
        shown = self.lab.daemon.release("acme/atlas:1.0.0")
        self.assertEqual(record["files"], shown["files"])
        self.assertEqual(record["bytes"], int(shown["bytesTotal"]))

    def test_the_torrent_is_the_one_that_any_client_would_make(self):
        model = self.lab.model()
        magnet = self.lab.publish(model)
        envelope = dict(forge.fields_of((model / "release.owrd").read_bytes()))
        manifest = dict(forge.fields_of(envelope[2]))
        torrent = forge.Torrent(manifest[5].decode(), forge.read_directory(model), manifest[6])
        self.assertIn(torrent.infohash.hex(), magnet)

    def test_dry_run_shows_the_same_review_and_writes_nothing(self):
        model = self.lab.model()
        before = forge.read_directory(model)
        finished = self.lab.ok("publish", model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-n")
        self.assertIn("Apache-2.0", finished.err)
        self.assertEqual(forge.read_directory(model), before)
        self.assertEqual(self.lab.daemon.releases(), [])

    def test_litter_is_left_out_and_named(self):
        model = self.lab.model()
        for name in (".git/config", ".cache/huggingface/x", ".DS_Store", "config.json~"):
            (model / name).parent.mkdir(parents=True, exist_ok=True)
            (model / name).write_text("litter")
        finished = self.lab.ok("publish", model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y")
        for name in (".git", ".cache", ".DS_Store", "config.json~"):
            self.assertIn(name, finished.err)
        listed = self.lab.daemon.rpc.call("Releases/Show", {"ref": "acme/atlas:1.0.0"})["files"]
        self.assertFalse([f["path"] for f in listed if f["path"].startswith(".") or f["path"].endswith("~")])

    def test_copy_puts_it_in_the_store(self):
        model = self.lab.model()
        before = forge.read_directory(model)
        self.lab.publish(model, "acme/atlas:1.0.0", "--copy")
        self.assertEqual(forge.read_directory(model), before)
        self.lab.daemon.wait_for_state("acme/atlas:1.0.0", "SEEDING")
        record = self.lab.daemon.release("acme/atlas:1.0.0")
        self.assertIn(str(self.lab.store), record["directory"])
        copied = forge.read_directory(record["directory"])
        self.assertEqual({name: copied[name] for name in before}, before)

    def test_the_same_content_again_gives_the_same_link(self):
        model = self.lab.model()
        self.assertEqual(self.lab.publish(model), self.lab.publish(model))
        self.assertEqual(len(self.lab.daemon.releases()), 1)

    def test_a_next_version_from_another_directory(self):
        self.lab.publish(self.lab.model("one"), "acme/atlas:1.0.0")
        self.lab.publish(self.lab.model("two", seed=2), "acme/atlas:1.1.0")
        self.assertEqual({r["ref"] for r in self.lab.daemon.releases()}, {"acme/atlas:1.0.0", "acme/atlas:1.1.0"})

    def test_takes_the_version_as_people_write_it(self):
        self.assertIn("btmh", self.lab.publish(ref="acme/atlas:1.0"))


class PublishRefusals(SystemTest):
    """Each has a clear error with its exit code, and leaves the directory as it was."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model()

    def refused(self, code, *arguments, says, hint=None, directory=None, publisher="acme", flags=("-y",)):
        directory = directory or self.model
        before = sorted(str(p) for p in directory.rglob("*"))
        finished = self.lab.fails(code, "publish", directory, "--as", f"{publisher}/atlas:1.0.0", "--license",
                                  "Apache-2.0", *flags, *arguments, says=says, hint=hint)
        self.assertEqual(sorted(str(p) for p in directory.rglob("*")), before)
        self.assertEqual(self.lab.daemon.releases(), [])
        return finished

    def test_an_empty_directory(self):
        empty = self.lab.home / "empty"
        empty.mkdir()
        self.refused("usage", says=["empty"], hint="the directory that holds the weights", directory=empty)

    def test_a_directory_that_is_not_there(self):
        missing = self.lab.home / "missing"
        self.lab.fails("not-found", "publish", missing, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y",
                       says=["missing"])

    def test_no_weights(self):
        for path in self.model.glob("*.safetensors"):
            path.unlink()
        self.refused("usage", says=["weight"], hint="the directory that holds them")

    def test_a_symbolic_link_out_of_the_tree(self):
        (self.model / "passwd.json").symlink_to("/etc/passwd")
        self.refused("usage", says=["passwd.json", "link"], hint="passwd.json")

    def test_a_symbolic_link_to_a_directory(self):
        (self.model / "etc").symlink_to("/etc")
        self.refused("usage", says=["etc", "link"])

    def test_names_that_are_refused(self):
        # notes on paths: refused, never repaired.
        for name in ("con.json", "a:b.json", "trailing.", "space ", "back\\slash", "bidi\u202ename", "zero\u200bwidth",
                     "tab\tname", "cafe\u0301.txt"):
            with self.subTest(name=name):
                path = self.model / name
                path.write_text("x")
                hint = "mv " if name.isascii() and name.isprintable() else "rename"
                self.refused("usage", says=['file "', name[:3]], hint=hint)
                path.unlink()

    def test_names_that_differ_only_in_case(self):
        (self.model / "Config.JSON").write_text("{}")
        self.refused("usage", says=["config.json"], hint="rename")

    def test_git_lfs_pointers_in_place_of_weights(self):
        shard = next(self.model.glob("*.safetensors"))
        shard.write_text("version https://git-lfs.github.com/spec/v1\n"
                         f"oid sha256:{'ab' * 32}\nsize 4976698672\n")
        self.refused("usage", says=[shard.name, "lfs"], hint="lfs pull")

    def test_a_file_that_changes_while_it_is_hashed(self):
        shard = sorted(make_model(self.model, megabytes=400).glob("*.safetensors"))[0]
        stop = threading.Event()

        def keep_changing():
            while not stop.is_set():
                forge.flip_file(shard, 4096)

        changer = threading.Thread(target=keep_changing)
        changer.start()
        try:
            self.refused("bad-content", says=[shard.name, "chang"], hint="run the command again")
        finally:
            stop.set()
            changer.join()

    def test_the_same_version_with_other_content(self):
        magnet = self.lab.publish(self.model)
        other = self.lab.model("other", seed=2)
        self.lab.fails("failure", "publish", other, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y",
                       says=["atlas:1.0.0", "other content"])
        self.assertEqual(sorted(p.name for p in other.glob("*.owrd")), [])
        self.assertEqual(len(self.lab.daemon.releases()), 1)
        self.assertIn(self.lab.daemon.release("acme/atlas:1.0.0")["infohash"], magnet)

    def test_no_such_publisher(self):
        self.refused("not-found", publisher="nobody", says=["nobody"], hint="owrd publisher")

    def test_no_key(self):
        keys = [p for p in (self.lab.home / "config/owrd").rglob("*") if p.is_file() and "acme-key" in p.name]
        self.assertTrue(keys, "the keyring lies elsewhere than $XDG_CONFIG_HOME/owrd")
        for key in keys:
            key.unlink()
        self.refused("not-found", says=["key"], hint="owrd key")

    def test_a_key_that_does_not_sign_for_this_publisher(self):
        self.lab.ok("key", "new", "other")
        self.refused("untrusted", "--key", "other", says=["other"], hint="owrd publisher show acme")

    def test_a_wrong_passphrase(self):
        right, wrong = self.lab.home / "right", self.lab.home / "wrong"
        right.write_text("correct horse\n")
        wrong.write_text("battery staple\n")
        self.lab.ok("key", "new", "safe", "--passphrase-file", right)
        self.lab.ok("publisher", "init", "vault", "--key", "safe", "--passphrase-file", right)
        self.refused("noperm", "--passphrase-file", wrong, says=["passphrase"], hint=str(wrong), publisher="vault")
        self.lab.ok("publish", self.model, "--as", "vault/atlas:1.0.0", "--license", "Apache-2.0", "-y",
                    "--passphrase-file", right)

    def test_an_encrypted_key_and_nobody_to_ask(self):
        right = self.lab.home / "right"
        right.write_text("correct horse\n")
        self.lab.ok("key", "new", "safe", "--passphrase-file", right)
        self.lab.ok("publisher", "init", "vault", "--key", "safe", "--passphrase-file", right)
        self.refused("usage", says=["passphrase"], hint="--passphrase-file", publisher="vault")

    def test_a_question_without_a_terminal_names_the_flag(self):
        finished = self.refused("usage", says=[], flags=())
        self.assertRegex(finished.err, r"(-y|--yes)")

    def test_a_licence_that_does_not_exist(self):
        self.lab.fails("usage", "publish", self.model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2", "-y",
                       says=["Apache-2"])

    def test_a_version_that_is_none(self):
        self.lab.fails("usage", "publish", self.model, "--as", "acme/atlas:latest!", "--license", "Apache-2.0", "-y")


class PublishAsSomebody(SystemTest):
    """What root would never notice, so that as root these run as nobody."""

    def test_an_unreadable_file(self):
        uid = 65534 if os.getuid() == 0 else None
        lab = Lab(self, uid=uid)
        model = lab.model()
        secret = model / "config.json"
        secret.chmod(0)
        lab.fails("noperm", "publish", model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y",
                  says=["config.json"], hint=f"chmod a+r {secret}")
        self.assertEqual(sorted(p.name for p in model.glob("*.owrd")), [])

    def test_a_directory_that_may_not_be_written_is_published_by_copy(self):
        uid = 65534 if os.getuid() == 0 else None
        lab = Lab(self, uid=uid)
        model = lab.model()
        model.chmod(0o555)
        self.addCleanup(model.chmod, 0o755)
        finished = lab.fails("noperm", "publish", model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y",
                             hint="--copy")
        self.assertIn(str(model), finished.err)
        lab.publish(model, "acme/atlas:1.0.0", "--copy")


class PublishWithoutDaemon(SystemTest):
    def test_works_and_says_how_to_keep_seeding(self):
        lab = Lab(self, start=False)
        model = lab.model()
        finished = lab.ok("publish", model, "--as", "acme/atlas:1.0.0", "--license", "Apache-2.0", "-y")
        self.assertIn("magnet:", finished.out)
        self.assertRegex(finished.err, r"hint: .*owrd seed")
        # What was committed is there for the daemon that comes later.
        lab.start()
        lab.daemon.wait_for_state("acme/atlas:1.0.0", "SEEDING")


if __name__ == "__main__":
    main()
