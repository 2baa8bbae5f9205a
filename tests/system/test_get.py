"""Getting: what a user does, and what can be in the way."""

import http.server
import os
import signal
import ssl
import subprocess
import threading
from pathlib import Path

import forge
from harness import EXIT, LOOPBACK_ONLY, Daemon, Lab, SystemTest, main, skip_loudly, wait_for
from peers import TorrentClient, lt

REF = "acme/atlas:1.0.0"
SLOW = LOOPBACK_ONLY + '[limits]\ndown = "2MB/s"\n'


class Get(SystemTest):
    """Without a daemon of the user's: the private one."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model()
        self.magnet = self.lab.publish(self.model)
        self.peer = ("--peer", self.lab.endpoint())
        self.user_ = self.user(pins=self.lab.bundle)
        self.to = self.user_.home / "models/atlas"

    def test_a_magnet_link(self):
        finished = self.user_.ok("get", self.magnet, *self.peer, "--to", self.to)
        self.assertEqual(finished.out, f"{self.to}\n")
        self.assertIn("acme", finished.err)
        self.assertIn("verified", finished.err)
        self.assert_same_files(self.model, self.to)

    def test_without_a_directory_it_goes_to_the_store(self):
        finished = self.user_.ok("get", self.magnet, *self.peer)
        path = Path(finished.out.strip())
        self.assertIn(str(self.user_.store), str(path))
        self.assert_same_files(self.model, path)

    def test_a_bundle(self):
        bundle = self.lab.home / "atlas.owr"
        self.lab.ok("bundle", REF, "-o", bundle)
        self.user_.ok("get", bundle, *self.peer, "--to", self.to)
        self.assert_same_files(self.model, self.to)

    def test_a_bundle_may_come_from_others_and_name_peers(self):
        bundle = self.lab.home / "atlas.owr"
        self.lab.ok("bundle", REF, "-o", bundle)
        fields = forge.fields_of(bundle.read_bytes()[len(forge.BUNDLE_MAGIC):])
        fields = [field for field in fields if field[0] != 3] + [(3, self.lab.endpoint())]
        bundle.write_bytes(forge.BUNDLE_MAGIC + forge.message(*sorted(fields, key=lambda field: field[0])))
        self.user_.ok("get", bundle, "--to", self.to)
        self.assert_same_files(self.model, self.to)

    def test_a_ref_that_the_daemon_knows(self):
        self.user_.start()
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to)
        finished = self.user_.ok("get", REF)
        self.assertEqual(finished.out, f"{self.to}\n")

    def test_a_second_copy_says_that_it_is_one(self):
        self.user_.start()
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to)
        second = self.place / "second"
        finished = self.user_.ok("get", REF, "--to", second)
        self.assertEqual(finished.out, f"{second}\n")
        self.assertIn(f"a copy of what is in {self.to}", finished.err)
        self.assert_same_files(self.to, second)
        self.assertEqual(self.user_.daemon.release(REF)["directory"], str(self.to))

    def test_a_ref_that_nobody_knows(self):
        self.user_.fails("not-found", "get", "acme/other:9.9.9", says=["acme/other:9.9.9"])

    def test_the_private_daemon_is_gone_afterwards(self):
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to)
        wait_for(lambda: not Daemon.answers(self.user_.socket), "the private daemon stays")
        self.user_.fails("not-running", "status")

    def test_include_and_exclude(self):
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to, "--include", "*.json", "--include", "LICENSE",
                      "--exclude", "config.json")
        names = sorted(forge.read_directory(self.to))
        self.assertIn("model.safetensors.index.json", names)
        self.assertIn("LICENSE", names)
        self.assertIn("release.owrd", names)
        self.assertNotIn("config.json", names)
        self.assertFalse([name for name in names if name.endswith(".safetensors")])
        # A selection is recorded: verifying it is no failure.
        self.user_.ok("verify", REF)

    def test_include_that_matches_nothing(self):
        self.user_.fails("usage", "get", self.magnet, *self.peer, "--to", self.to, "--include", "*.gguf",
                         says=["--include"])

    def test_dry_run_shows_the_plan_and_writes_nothing(self):
        finished = self.user_.ok("get", self.magnet, *self.peer, "--to", self.to, "--dry-run")
        self.assertIn("model-00001-of-00002.safetensors", finished.out + finished.err)
        self.assertFalse(self.to.exists() and any(self.to.iterdir()))
        self.assertNotIn("atlas", self.user_.ok("ls").out)

    def test_twice_is_once(self):
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to)
        before = {p: p.stat().st_mtime_ns for p in self.to.rglob("*")}
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to)
        self.assertEqual({p: p.stat().st_mtime_ns for p in self.to.rglob("*")}, before)

    def test_json_ends_with_a_record_of_what_came(self):
        records = self.user_.ok("get", self.magnet, *self.peer, "--to", self.to, "--json").records()
        self.assertIn(str(self.to), str(records[-1]))

    def test_seed_ratio_and_duration_are_understood(self):
        self.user_.ok("get", self.magnet, *self.peer, "--to", self.to, "--seed=1s")
        self.assert_same_files(self.model, self.to)
        self.user_.fails("usage", "get", self.magnet, *self.peer, "--to", self.to, "--seed=often", says=["often"])

    def test_a_bundle_over_https_needs_a_certificate_that_is_believed(self):
        key, certificate = self.place / "key.pem", self.place / "cert.pem"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                               "-nodes", "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=localhost",
                               "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], capture_output=True)
        if made.returncode:
            skip_loudly("openssl cannot make a certificate")
        self.lab.ok("bundle", REF, "-o", self.place / "atlas.owr")

        class Files(http.server.SimpleHTTPRequestHandler):
            def __init__(handler, *arguments):
                super().__init__(*arguments, directory=str(self.place))

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"https://127.0.0.1:{server.server_address[1]}/atlas.owr"

        finished = self.user_.fails("unavailable", "get", url, "--to", self.to)
        self.assertRegex(finished.err, r"error: .*(certificate|SSL|TLS)")

    def test_http_without_tls_is_refused(self):
        self.user_.fails("usage", "get", "http://127.0.0.1:9/atlas.owr", says=["https"])


class GetInterrupted(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model(megabytes=16)
        self.magnet = self.lab.publish(self.model)
        self.peer = ("--peer", self.lab.endpoint())
        self.to = self.place / "atlas"

    def wait_for_data(self, person):
        """Until some but not all pieces are there."""
        partial = self.to / ".owrd-partial"

        def begun():
            return sum(p.stat().st_blocks * 512 for p in partial.rglob("*.safetensors")) > 6 << 20
        wait_for(begun, f"nothing arrives in {partial}")

    def test_ctrl_c_keeps_what_is_verified_and_says_how_to_resume(self):
        user = self.user(pins=self.lab.bundle, config=SLOW)
        command = user.spawn("get", self.magnet, *self.peer, "--to", self.to)
        self.wait_for_data(user)
        command.signal(signal.SIGINT)
        finished = command.finish()
        self.assertEqual(finished.code, EXIT["signal"], str(finished))
        self.assertIn("owrd get", finished.err)
        self.assertEqual(finished.out, "")
        good = forge.read_directory(self.model)
        self.assert_nothing_final_but(self.to, good)

        user.configure(LOOPBACK_ONLY)
        # What it has sent is counted when it has noticed that nobody is there any more.
        wait_for(lambda: not self.lab.daemon.release(REF).get("peers"), "the peer stays")
        received = int(self.lab.daemon.release(REF)["bytesUploaded"])
        user.ok("get", self.magnet, *self.peer, "--to", self.to)
        self.assert_same_files(self.model, self.to)
        again = int(self.lab.daemon.release(REF)["bytesUploaded"]) - received
        self.assertLess(again, 16_000_000, "what had been verified was fetched again")

    def test_a_lost_terminal_stops_nothing_in_a_real_daemon(self):
        user = self.user(pins=self.lab.bundle, start=True)
        command = user.spawn("get", self.magnet, *self.peer, "--to", self.to)
        wait_for(lambda: user.daemon.releases(), "the transfer does not begin")
        command.signal(signal.SIGHUP)
        command.finish()
        wait_for(lambda: user.daemon.release(REF), "the release stays unknown")
        wait_for(lambda: user.daemon.release(REF)["state"] in ("RELEASE_STATE_SEEDING", "RELEASE_STATE_COMPLETE"),
                 "the transfer does not complete")
        self.assert_same_files(self.model, self.to)

    def test_ctrl_c_in_a_real_daemon_pauses_what_the_command_started(self):
        user = self.user(pins=self.lab.bundle, config=SLOW, start=True)
        command = user.spawn("get", self.magnet, *self.peer, "--to", self.to)
        self.wait_for_data(user)
        command.signal(signal.SIGINT)
        self.assertEqual(command.finish().code, EXIT["signal"])
        user.daemon.wait_for_state(REF, "PAUSED")

    def test_detach_then_watch(self):
        user = self.user(pins=self.lab.bundle, start=True)
        finished = user.ok("get", self.magnet, *self.peer, "--to", self.to, "--detach")
        self.assertIn("owrd watch", finished.err)
        wait_for(lambda: user.daemon.release(REF), "the release stays unknown")
        user.ok("watch", REF)
        self.assert_same_files(self.model, self.to)

    def test_detach_without_a_daemon_ends_when_the_work_is_done(self):
        user = self.user(pins=self.lab.bundle)
        user.ok("get", self.magnet, *self.peer, "--to", self.to, "--detach")
        good = forge.read_directory(self.model)
        wait_for(lambda: set(good) == {n for n in forge.read_directory(self.to) if not n.startswith(".")}
                 if self.to.exists() else False, "the detached transfer does not complete")
        self.assert_same_files(self.model, self.to)

    def test_pause_and_resume(self):
        user = self.user(pins=self.lab.bundle, config=SLOW, start=True)
        user.ok("get", self.magnet, *self.peer, "--to", self.to, "--detach")
        self.wait_for_data(user)
        user.ok("pause", REF)
        user.daemon.wait_for_state(REF, "PAUSED")
        # Paused outlives the daemon.
        user.daemon.stop()
        user.configure(LOOPBACK_ONLY)
        user.start()
        user.daemon.wait_for_state(REF, "PAUSED")
        user.ok("resume", REF)
        user.ok("watch", REF)
        self.assert_same_files(self.model, self.to)

    def test_a_restarted_daemon_goes_on_by_itself(self):
        user = self.user(pins=self.lab.bundle, config=SLOW, start=True)
        user.ok("get", self.magnet, *self.peer, "--to", self.to, "--detach")
        self.wait_for_data(user)
        self.assertEqual(user.daemon.stop(), 0)
        user.configure(LOOPBACK_ONLY)
        user.start()
        user.ok("watch", REF)
        self.assert_same_files(self.model, self.to)


class GetRefusals(SystemTest):
    """Each has a clear error with a hint and its exit code."""

    def setUp(self):
        super().setUp()
        self.acme = forge.Publisher("acme")
        self.pin = self.place / "acme.owrp"
        self.pin.write_bytes(self.acme.bundle())
        self.reader = self.user(pins=self.pin)
        self.to = self.place / "atlas"
        self.files = {"a.safetensors": forge.safetensors(os.urandom(3_000_000)), "LICENSE": b"free", "config.json": b"{}"}
        self.release = forge.Release(self.acme, self.files)

    def seed(self, release):
        """A plain client that seeds it."""
        release.write_to(self.place / "seed")
        client = TorrentClient(self)
        client.seed(release.torrent, self.place / "seed")
        return ("--peer", client.endpoint())

    def bundle_file(self, content, name="x.owr"):
        path = self.place / name
        path.write_bytes(content)
        return path

    def test_what_is_no_bundle(self):
        for content in (b"", b"garbage", os.urandom(5000), b"PK\x03\x04", forge.BUNDLE_MAGIC[:8]):
            with self.subTest(content=content[:16]):
                self.reader.fails("usage", "get", self.bundle_file(content), "--to", self.to, says=["x.owr"])
                self.assertFalse(self.to.exists())

    def test_a_truncated_bundle(self):
        whole = self.release.bundle()
        for length in (len(whole) - 1, len(whole) // 2, len(forge.BUNDLE_MAGIC) + 1):
            with self.subTest(length=length):
                self.reader.fails("usage", "get", self.bundle_file(whole[:length]), "--to", self.to,
                                  says=["x.owr", "cut short"], hint="again")

    def test_a_bundle_that_is_not_there(self):
        self.reader.fails("not-found", "get", self.place / "none.owr", says=["none.owr"])

    def test_an_oversized_bundle(self):
        path = self.bundle_file(forge.BUNDLE_MAGIC)
        os.truncate(path, 17 * 1024 * 1024)
        self.reader.fails("usage", "get", path, "--to", self.to, says=["x.owr"])

    def test_v1_magnets(self):
        v1 = "ab" * 20
        self.reader.fails("usage", "get", f"magnet:?xt=urn:btih:{v1}", "--to", self.to, says=["v1"])

    def test_hybrid_magnets(self):
        link = f"magnet:?xt=urn:btih:{'ab' * 20}&xt=urn:btmh:1220{'cd' * 32}"
        self.reader.fails("usage", "get", link, "--to", self.to, says=["v1"])

    def test_magnets_that_are_none(self):
        for link in ("magnet:", "magnet:?dn=x", "magnet:?xt=urn:btmh:1220abcd", "magnet:?xt=urn:btmh:1114" + "ab" * 32):
            with self.subTest(link=link):
                self.reader.fails("usage", "get", link, "--to", self.to)

    def test_no_peers_until_the_timeout(self):
        finished = self.reader.fails("no-sources", "get", self.release.torrent.magnet(), "--to", self.to,
                                     "--timeout", "6s", says=["peer"])
        self.assertFalse(self.to.exists() and any(self.to.iterdir()), str(finished))

    def test_a_peer_that_has_not_everything(self):
        # One peer that holds only part of it: what is missing is said.
        release = forge.Release(self.acme, self.files)
        parent = self.place / "seed"
        release.write_to(parent)
        (parent / release.dir / "a.safetensors").unlink()
        client = TorrentClient(self)
        handle = client.session.add_torrent({"ti": lt.torrent_info(lt.bdecode(release.torrent.encoded())),
                                             "save_path": str(parent)})
        wait_for(lambda: handle.status().num_pieces > 0, "the other client does not find its files")
        finished = self.reader.fails("no-sources", "get", release.torrent.magnet(), "--peer", client.endpoint(),
                                     "--to", self.to, "--timeout", "10s")
        self.assertRegex(finished.err, r"piece \d+")

    def test_an_unknown_publisher(self):
        stranger = self.user("stranger")
        peer = self.seed(self.release)
        finished = stranger.fails("untrusted", "get", self.release.torrent.magnet(), *peer, "--to", self.to,
                                  hint="owrd publisher add")
        self.assertIn(self.acme.id.hex()[:8], finished.err.lower().replace(" ", ""))
        found = [p.name for p in self.to.rglob("*") if p.is_file()] if self.to.exists() else []
        self.assertEqual([name for name in found if name != "release.owrd"], [])

    def test_not_enough_disk_is_known_before_the_first_byte(self):
        if os.getuid() != 0:
            skip_loudly("mounting a small tmpfs takes root")
        small = self.place / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=True)
        peer = self.seed(self.release)
        finished = self.reader.fails("no-space", "get", self.release.torrent.magnet(), *peer, "--to", small / "atlas")
        self.assertRegex(finished.err, r"\d+(\.\d)? [kM]B")
        self.assertEqual([p for p in small.rglob("*.safetensors")], [])

    def test_a_destination_that_may_not_be_written(self):
        # Root may write everywhere.
        reader = self.user("nobody", uid=65534 if os.getuid() == 0 else None, pins=self.pin)
        closed = self.place / "closed"
        closed.mkdir(mode=0o555)
        reader.fails("noperm", "get", self.bundle_file(self.release.bundle()), "--to", closed / "atlas",
                     says=[str(closed)])

    def test_a_destination_that_is_a_file(self):
        self.to.write_text("mine")
        self.reader.fails("failure", "get", self.bundle_file(self.release.bundle()), "--to", self.to,
                          says=[str(self.to)], hint="--to")
        self.assertEqual(self.to.read_text(), "mine")

    def test_a_destination_that_holds_other_files(self):
        self.to.mkdir()
        (self.to / "thesis.tex").write_text("years of work")
        (self.to / "config.json").write_text("mine")
        self.reader.fails("failure", "get", self.bundle_file(self.release.bundle()), "--to", self.to,
                          says=[str(self.to)], hint="--to")
        self.assertEqual(forge.read_directory(self.to), {"thesis.tex": b"years of work", "config.json": b"mine"})

    def test_a_symbolic_link_planted_in_the_destination(self):
        outside = self.place / "outside"
        outside.mkdir()
        self.to.mkdir()
        (self.to / ".owrd-partial").symlink_to(outside)
        peer = self.seed(self.release)
        self.reader.fails("failure", "get", self.release.torrent.magnet(), *peer, "--to", self.to, "--timeout", "10s",
                          says=[str(self.to)], hint="--to")
        self.assertEqual(list(outside.iterdir()), [])


if __name__ == "__main__":
    main()
