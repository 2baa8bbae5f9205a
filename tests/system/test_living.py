"""Living with owrd: publishers and keys, lists, states, removing, adopting, help; for people and for programs."""

import json
import os
import pty
import signal
import stat
import subprocess
import termios

import forge
from harness import BIN, EXIT, LOOPBACK_ONLY, PATIENCE, Lab, SystemTest, main, wait_for

REF = "acme/atlas:1.0.0"
READING = (("ls",), ("show", REF), ("status",), ("publisher", "ls"), ("publisher", "show", "acme"), ("key", "ls"),
           ("version",))


class Publishers(SystemTest):
    def setUp(self):
        super().setUp()
        self.acme = forge.Publisher("acme")
        self.pin = self.place / "acme.owrp"
        self.pin.write_bytes(self.acme.bundle())
        self.reader = self.user()

    def test_add_show_list_remove(self):
        added = self.reader.ok("publisher", "add", self.pin, "-y")
        self.assertIn("acme", added.out)
        self.assertIn("acme", self.reader.ok("publisher", "ls").out)
        shown = self.reader.ok("publisher", "show", "acme", "--json").record()
        self.assertIn(self.acme.id.hex(), json.dumps(shown))
        self.assertIn(self.acme.key.id.hex(), json.dumps(shown))
        self.reader.ok("publisher", "rm", "acme", "-y")
        self.assertEqual(self.reader.ok("publisher", "ls").out, "")
        self.reader.fails("not-found", "publisher", "show", "acme")

    def test_under_another_name(self):
        self.reader.fails("usage", "publisher", "add", self.pin, "--as", "No Name", "-y")
        self.reader.ok("publisher", "add", self.pin, "--as", "lab", "-y")
        self.assertIn("lab", self.reader.ok("publisher", "ls").out)

    def test_twice_is_once(self):
        self.reader.pins(self.pin)
        self.reader.pins(self.pin)
        self.assertEqual(len(self.reader.ok("publisher", "ls").out.splitlines()), 1)

    def test_again_under_another_name_renames_it(self):
        self.reader.pins(self.pin)
        renamed = self.reader.ok("publisher", "add", self.pin, "--as", "lab")
        self.assertIn("it is lab now", renamed.err)
        self.assertEqual(self.reader.ok("publisher", "ls", "-q").out, "lab\n")

    def test_without_a_terminal_the_question_is_an_error_that_names_the_flag(self):
        finished = self.reader.fails("usage", "publisher", "add", self.pin)
        self.assertRegex(finished.err, r"(-y|--yes)")
        self.assertEqual(self.reader.ok("publisher", "ls").out, "")

    def test_export_gives_what_init_made(self):
        lab = Lab(self)
        self.reader.pins(lab.bundle)
        self.assertIn("acme", self.reader.ok("publisher", "ls").out)
        self.assertTrue(lab.bundle.read_bytes().startswith(forge.BUNDLE_MAGIC))

    def test_init_prints_the_publisher_id(self):
        lab = self.user("lab")
        lab.ok("key", "new", "k")
        finished = lab.ok("publisher", "init", "acme", "--key", "k")
        self.assertRegex(finished.out + finished.err, r"[0-9a-f]{64}")
        lab.fails("failure", "publisher", "init", "acme", "--key", "k", says=["acme"])
        lab.fails("not-found", "publisher", "init", "other", "--key", "none", says=["none"])


class Keys(SystemTest):
    def test_a_key_file_is_for_its_owner_alone(self):
        person = self.user()
        person.ok("key", "new", "mine")
        files = [p for p in person.home.rglob("*mine*") if p.is_file()]
        self.assertEqual(len(files), 1, files)
        self.assertEqual(stat.S_IMODE(files[0].stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(files[0].parent.stat().st_mode) & 0o077, 0)

    def test_list_and_export(self):
        person = self.user()
        person.ok("key", "new", "mine")
        self.assertIn("mine", person.ok("key", "ls").out)
        secret = next(p for p in person.home.rglob("*mine*") if p.is_file()).read_text()
        exported = person.ok("key", "export", "mine")
        self.assertTrue(exported.out)
        # What leaves is the public half: of the key file's words, the secret one is not in it.
        secrets = [word for word in secret.split() if len(word) > 40 and word not in exported.out]
        self.assertTrue(secrets, "the secret is exported")

    def test_a_name_is_given_once(self):
        person = self.user()
        person.ok("key", "new", "mine")
        person.fails("failure", "key", "new", "mine", says=["mine"])
        person.fails("usage", "key", "new", "../evil")

    def test_a_passphrase_from_a_file_protects_the_key(self):
        person = self.user()
        (person.home / "pass").write_text("correct horse\n")
        person.ok("key", "new", "open")
        person.ok("key", "new", "safe", "--passphrase-file", person.home / "pass")
        listed = {record.get("name"): record for record in person.ok("key", "ls", "--json").records()}
        self.assertEqual(set(listed), {"open", "safe"})
        self.assertNotEqual({k: v for k, v in listed["open"].items() if isinstance(v, bool)},
                            {k: v for k, v in listed["safe"].items() if isinstance(v, bool)})


class Releases(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model()
        self.magnet = self.lab.publish(self.model)
        self.lab.daemon.wait_for_state(REF, "SEEDING")

    def test_every_reading_command_gives_json(self):
        for command in READING:
            with self.subTest(command=" ".join(command)):
                for record in self.lab.ok(*command, "--json").records():
                    self.assertIsInstance(record, dict)

    def test_in_a_pipe_a_table_is_tab_separated_without_header(self):
        lines = self.lab.ok("ls").out.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertEqual(lines[0].split("\t")[0], REF)
        self.assertNotIn("\x1b", lines[0])

    def test_quiet_prints_only_names(self):
        self.assertEqual(self.lab.ok("ls", "-q").out, REF + "\n")

    def test_show(self):
        shown = self.lab.ok("show", REF)
        for word in ("acme", "Apache-2.0"):
            self.assertIn(word, shown.out)
        files = self.lab.ok("show", REF, "--files").out
        self.assertIn("model-00001-of-00002.safetensors", files)
        self.assertIn("layers.owrd", files)
        self.assertIn("atlas", self.lab.ok("show", REF, "--manifest").out)

    def test_a_release_is_found_by_its_id(self):
        release_id = self.lab.daemon.release(REF)["releaseId"]
        for ref in (f"@sha256:{release_id}", release_id[:12], f"{REF}@sha256:{release_id}", "acme/atlas@1.0.0",
                    "owrd:" + REF):
            with self.subTest(ref=ref):
                self.assertIn(release_id[:12], self.lab.ok("show", ref, "--json").out)
        self.lab.fails("bad-signature", "show", f"{REF}@sha256:{'ab' * 32}", hinted=False)

    def test_status_with_and_without_a_daemon(self):
        self.lab.endpoint()
        status = self.lab.ok("status", "--json").record()
        self.assertRegex(status["listening"][0], r"127\.0\.0\.1:\d+")
        self.assertIn(str(self.lab.socket), self.lab.ok("status").out)
        self.user("nobody").fails("not-running", "status")

    def test_rm_keeps_what_its_owner_gave(self):
        asked = self.lab.fails("usage", "rm", REF)
        self.assertRegex(asked.err, r"(-y|--yes)")
        before = forge.read_directory(self.model)
        self.lab.ok("rm", REF, "-n")
        self.assertTrue(self.lab.daemon.release(REF))
        self.lab.ok("rm", REF, "-y")
        self.assertIsNone(self.lab.daemon.release(REF))
        self.assertEqual(forge.read_directory(self.model), before)
        self.lab.fails("not-found", "rm", REF, "-y")

    def test_rm_takes_what_the_store_made_unless_told_not_to(self):
        user = self.user(pins=self.lab.bundle, start=True)
        for flags, stays in (((), False), (("--keep-files",), True)):
            with self.subTest(flags=flags):
                path = user.ok("get", self.magnet, "--peer", self.lab.endpoint()).out.strip()
                user.ok("rm", REF, "-y", *flags)
                if stays:
                    self.assert_same_files(self.model, path)
                else:
                    wait_for(lambda: not os.path.exists(path), "the files stay")

    def test_seed_adopts_a_directory_that_holds_a_release(self):
        other = self.user("mirror", pins=self.lab.bundle, start=True)
        copied = forge.write_files(other.home / "copy", forge.read_directory(self.model))
        other.ok("seed", copied, "--detach")
        other.daemon.wait_for_state(REF, "SEEDING")
        self.assertEqual(other.daemon.release(REF)["directory"], str(copied))
        self.assertEqual(list(other.store.rglob("*.safetensors")), [], "nothing is copied")
        self.lab.daemon.stop()
        user = self.user(pins=self.lab.bundle)
        user.ok("get", self.magnet, "--peer", other.daemon.endpoint(), "--to", self.place / "to")
        self.assert_same_files(self.model, self.place / "to")

    def test_seed_refuses_a_directory_that_is_damaged_or_none(self):
        other = self.user("mirror", pins=self.lab.bundle, start=True)
        copied = forge.write_files(other.home / "copy", forge.read_directory(self.model))
        forge.flip_file(copied / "config.json", 3)
        finished = other.fails("bad-content", "seed", copied, "--detach")
        self.assertIn("config.json", finished.err)
        other.fails("not-found", "seed", other.home, says=["release.owrd"])

    def test_bundle(self):
        bundle = self.place / "atlas.owr"
        self.lab.ok("bundle", REF, "-o", bundle)
        self.assertTrue(bundle.read_bytes().startswith(forge.BUNDLE_MAGIC))
        fields = forge.fields_of(bundle.read_bytes()[len(forge.BUNDLE_MAGIC):])
        self.assertEqual(dict(fields)[2], (self.model / "release.owrd").read_bytes())
        self.lab.fails("not-found", "bundle", "acme/none:1.0.0", "-o", bundle)

    def test_pause_stops_serving(self):
        self.lab.ok("pause", REF)
        self.lab.daemon.wait_for_state(REF, "PAUSED")
        user = self.user(pins=self.lab.bundle)
        user.fails("no-sources", "get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.place / "to",
                   "--timeout", "3s")
        self.lab.ok("resume", REF)
        self.lab.daemon.wait_for_state(REF, "SEEDING")
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.place / "to")

    def test_seed_limits_end_the_seeding(self):
        user = self.user(pins=self.lab.bundle, config=LOOPBACK_ONLY + '[seed]\non_complete = "stop"\n', start=True)
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.place / "to")
        user.daemon.wait_for_state(REF, "COMPLETE")
        user.ok("seed", REF, "--detach")
        user.daemon.wait_for_state(REF, "SEEDING")
        user.ok("seed", REF, "--time", "1s", "--detach")
        user.daemon.wait_for_state(REF, "COMPLETE")

    def test_a_seed_limit_of_get_ends_the_seeding(self):
        # Without a limit this daemon seeds for ever.
        user = self.user(pins=self.lab.bundle, start=True)
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.place / "to", "--seed=1s")
        user.daemon.wait_for_state(REF, "COMPLETE")


class Talking(SystemTest):
    def setUp(self):
        super().setUp()
        self.person = self.user()

    def test_ctrl_c_at_a_passphrase_leaves_the_terminal_as_it_was(self):
        terminal, other_end = pty.openpty()
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.close, other_end)

        def echoes():
            return bool(termios.tcgetattr(other_end)[3] & termios.ECHO)
        self.assertTrue(echoes())
        asking = subprocess.Popen([BIN / "owrd", "key", "new", "k"], env=self.person.environment, stdin=other_end,
                                  stdout=subprocess.DEVNULL, stderr=other_end)
        self.addCleanup(asking.kill)
        wait_for(lambda: not echoes(), "it does not ask for a passphrase")
        asking.send_signal(signal.SIGINT)
        self.assertEqual(asking.wait(PATIENCE), -signal.SIGINT)
        self.assertTrue(echoes())
        self.assertEqual(self.person.ok("key", "ls").out, "")

    def test_an_empty_passphrase_file_makes_no_key(self):
        empty = self.person.home / "empty"
        empty.write_text("")
        self.person.fails("usage", "key", "new", "k", "--passphrase-file", empty, says=["empty"])
        self.assertEqual(self.person.ok("key", "ls").out, "")

    def test_help_begins_with_examples(self):
        for arguments in (("--help",), ("help",), ("get", "--help"), ("help", "get"), ("publisher", "add", "-h")):
            with self.subTest(arguments=arguments):
                self.assertIn("owrd", self.person.ok(*arguments).out)

    def test_help_topics(self):
        codes = self.person.ok("help", "exit-codes").out
        for name in ("untrusted", "bad-signature", "bad-content", "no-sources", "no-space", "noperm", "config"):
            self.assertIn(name, codes)
        for topic in ("environment", "refs"):
            self.assertTrue(self.person.ok("help", topic).out)

    def test_completion(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.person.ok("completion", shell).out
            for verb in ("get", "publish", "publisher", "verify"):
                self.assertIn(verb, text)
        self.person.fails("usage", "completion", "tcsh")

    def test_version(self):
        self.assertRegex(self.person.ok("version").out, r"\d+\.\d+\.\d+")
        self.assertRegex(self.person.ok("--version").out, r"\d+\.\d+\.\d+")

    def test_did_you_mean(self):
        self.assertIn("publish", self.person.fails("usage", "publsh").err)
        self.assertIn("--include", self.person.fails("usage", "get", "magnet:", "--inclde", "x").err)

    def test_bad_command_lines(self):
        for arguments in (("get",), ("show",), ("publish", "x"), ("get", "not a ref"), ("show", "a/b/c:d"),
                          ("get", "magnet:?xt=urn:btmh:1220" + "ab" * 32, "--timeout", "5"),
                          ("get", "magnet:?xt=urn:btmh:1220" + "ab" * 32, "--peer", "nowhere")):
            with self.subTest(arguments=arguments):
                self.person.fails("usage", *arguments)

    def test_errors_as_json(self):
        finished = self.person.run("show", "acme/none:1.0.0", "--json")
        self.assertEqual(finished.out, "")
        error = json.loads(finished.err.splitlines()[-1])
        self.assertEqual((error["type"], error["code"], error["name"]),
                         ("error", finished.code, {v: k for k, v in EXIT.items()}[finished.code]))
        self.assertTrue(error["message"])
        self.assertTrue(error["hint"])

    def test_no_colour_in_a_pipe_and_when_asked(self):
        self.assertIn("\x1b[", self.person.run("show", "acme/none:1.0.0", "--color=always").err)
        for options in ({}, {"environment": {"NO_COLOR": "1"}}):
            self.assertNotIn("\x1b[", self.person.run("show", "acme/none:1.0.0", **options).err)

    def test_a_daemon_that_is_named_and_not_there(self):
        missing = self.place / "none.sock"
        finished = self.person.fails("unavailable", "--host", f"unix://{missing}", "ls")
        self.assertIn(str(missing), finished.err)
        self.person.fails("unavailable", "ls", environment={"OWRD_HOST": f"unix://{missing}"})


if __name__ == "__main__":
    main()
