"""kill -9 of the daemon and of the worker at random moments of publish and get, copies included: what was committed is there, and the
transfer ends correctly. At least twenty kills each. What is left to chance comes from the seed that is printed."""

import base64
import hashlib
import http.client
import os
import random
import shutil
import signal
import sqlite3
import threading
import time

import forge
from harness import LOOPBACK_ONLY, SEED, ConnectError, Lab, SystemTest, main, wait_for
from https_server import Authority, Server

REF = "acme/atlas:1.0.0"
KILLS = 20
# So that there are moments in which to be killed.
STRETCHED = LOOPBACK_ONLY + '[limits]\ndown = "12MB/s"\n'
MEGABYTES = 48


class Kills(SystemTest):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(f"{SEED}/{self.id()}")

    def moment(self, longest):
        """A random time of at most `longest` seconds: here, and only here, a test sleeps, for that is what it tests."""
        time.sleep(self.chance.uniform(0, longest))


class WhilePublishing(Kills):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self, feed=False)
        self.model = self.lab.model(megabytes=MEGABYTES)
        self.before = forge.read_directory(self.model)
        self.command = ("publish", self.model, "--as", REF, "--license", "Apache-2.0", "-y")
        # A rehearsal with another name says how long it takes.
        rehearsal = self.lab.model("rehearsal", megabytes=MEGABYTES, seed=2)
        begin = time.monotonic()
        self.lab.publish(rehearsal, "acme/rehearsal:1.0.0")
        self.duration = time.monotonic() - begin

    def check_consistent(self):
        """Either the release is there, whole, or it is not; and the model's files are as they were."""
        record = self.lab.daemon.release(REF)
        if record:
            self.assertTrue((self.model / "release.owrd").exists(), "committed without its proof on disk")
            self.assertTrue((self.model / "layers.owrd").exists(), "committed without its layers on disk")
        after = forge.read_directory(self.model)
        self.assertEqual({name: after[name] for name in self.before}, self.before)
        extra = {name for name in after if name not in self.before}
        self.assertTrue(all(name in ("release.owrd", "layers.owrd", "tensors.owrd") or name.startswith(".") for name in extra), extra)
        return record

    def test_the_daemon_is_killed(self):
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                publishing = self.lab.spawn(*self.command)
                self.moment(self.duration * 1.2)
                self.lab.daemon.kill()
                publishing.finish()
                was_told = "magnet:" in publishing.result().out
                self.lab.start()
                record = self.check_consistent()
                if was_told:
                    self.assertTrue(record, "what was acknowledged is gone")
                self.assertTrue(self.lab.daemon.release("acme/rehearsal:1.0.0"), "an older release is gone")
                if record and kill < KILLS - 1:
                    self.lab.ok("rm", REF, "-y")
                    for name in ("release.owrd", "layers.owrd", "tensors.owrd"):
                        (self.model / name).unlink(missing_ok=True)
        self.lab.ok(*self.command)
        self.lab.daemon.wait_for_state(REF, "SEEDING")
        self.lab.ok("verify", self.model)

    def test_the_worker_is_killed(self):
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                worker = self.lab.daemon.worker_pid()
                publishing = self.lab.spawn(*self.command)
                self.moment(self.duration * 1.2)
                os.kill(worker, signal.SIGKILL)
                finished = publishing.finish()
                self.assertEqual(finished.code, 0, f"publishing does not need the worker\n{finished}")
                wait_for(lambda: self.lab.daemon.worker_pid() != worker, "the worker does not come back")
                self.assertTrue(self.check_consistent())
                self.lab.daemon.wait_for_state(REF, "SEEDING")
                if kill < KILLS - 1:
                    self.lab.ok("rm", REF, "-y")
                    for name in ("release.owrd", "layers.owrd", "tensors.owrd"):
                        (self.model / name).unlink(missing_ok=True)
        self.lab.ok("verify", self.model)


class WhileCopying(Kills):
    """Copies are made beside their place and moved there whole."""

    def setUp(self):
        super().setUp()
        self.lab = Lab(self, feed=False)
        self.model = self.lab.model(megabytes=MEGABYTES)
        self.before = forge.read_directory(self.model)

    def longest(self, *command):
        begin = time.monotonic()
        self.lab.ok(*command)
        return (time.monotonic() - begin) * 1.2

    def test_the_daemon_is_killed_while_it_publishes_a_copy(self):
        command = ("publish", self.model, "--as", REF, "--license", "Apache-2.0", "-y", "--copy")
        duration = self.longest(*command)
        self.lab.ok("rm", REF, "-y")
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                publishing = self.lab.spawn(*command)
                self.moment(duration)
                self.lab.daemon.kill()
                publishing.finish()
                was_told = "magnet:" in publishing.result().out
                self.lab.start()
                record = self.lab.daemon.release(REF)
                self.assertEqual(forge.read_directory(self.model), self.before)
                # Taken away beside what a daemon does when it starts.
                wait_for(lambda: not list(self.lab.store.rglob(".copying-*")), "half a copy is left")
                if was_told:
                    self.assertTrue(record, "what was acknowledged is gone")
                if record:
                    self.lab.ok("verify", record["directory"])
                    self.lab.ok("rm", REF, "-y")
        self.lab.ok(*command)
        self.lab.daemon.wait_for_state(REF, "SEEDING")

    def test_the_daemon_is_killed_while_a_get_copies(self):
        self.lab.publish(self.model)
        signed = forge.read_directory(self.model)
        duration = self.longest("get", REF, "--to", self.place / "rehearsal")
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                to = self.place / f"to-{kill % 4}"
                getting = self.lab.spawn("get", REF, "--to", to)
                self.moment(duration)
                self.lab.daemon.kill()
                getting.finish()
                if to.exists():
                    self.assert_nothing_final_but(to, signed)
                if getting.result().code == 0:
                    self.assert_same_files(self.model, to)
                self.lab.start()
        for number in range(4):
            to = self.place / f"to-{number}"
            finished = self.lab.run("get", REF, "--to", to)
            if finished.code != 0:
                self.assertIn("holds this release already", finished.err, str(finished))
            self.assert_same_files(self.model, to)
        self.assertEqual(forge.read_directory(self.model), signed)


class WhileGetting(Kills):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self, feed=False)
        self.model = self.lab.model(megabytes=MEGABYTES, shards=6)
        self.magnet = self.lab.publish(self.model)
        self.good = forge.read_directory(self.model)
        self.reader = self.user(pins=self.lab.bundle, config=STRETCHED, start=True)
        self.to = self.place / "atlas"
        self.get = ("get", self.magnet, "--peer", self.lab.endpoint(), "--to", self.to)

    def finished_files(self):
        return {str(p.relative_to(self.to)) for p in self.to.rglob("*")
                if p.is_file() and ".owrd-partial" not in p.parts} if self.to.exists() else set()

    def is_done(self):
        record = self.reader.daemon.release(REF)
        return record and record["state"] in ("RELEASE_STATE_SEEDING", "RELEASE_STATE_COMPLETE")

    def complete(self):
        """Undisturbed now, and fast."""
        self.reader.daemon.stop()
        self.reader.configure(LOOPBACK_ONLY)
        self.reader.start()
        self.reader.ok(*self.get, timeout=120)
        self.assert_same_files(self.model, self.to)
        self.reader.ok("verify", self.to)

    def test_the_daemon_is_killed(self):
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                getting = self.reader.spawn(*self.get)
                self.moment(0.6)
                before = self.finished_files()
                self.reader.daemon.kill()
                getting.finish()
                self.assert_nothing_final_but(self.to, self.good)
                self.reader.start()
                self.assertLessEqual(before, self.finished_files(), "a finished file is gone")
        self.complete()

    def test_the_worker_is_killed(self):
        daemon = self.reader.daemon.pid
        getting = self.reader.spawn(*self.get)
        kills = 0
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                worker = self.reader.daemon.worker_pid()
                self.moment(0.4)
                os.kill(worker, signal.SIGKILL)
                kills += 1
                wait_for(lambda: self.reader.daemon.worker_pid() != worker, "the worker does not come back", 20)
                self.assertEqual(self.reader.daemon.pid, daemon)
                self.assertTrue(self.reader.daemon.is_running())
                self.assert_nothing_final_but(self.to, self.good)
        self.assertGreaterEqual(int(self.reader.daemon.status()["workerRestarts"]), kills)
        # The command that waited all the time ends well, or the transfer had been over before the last kill.
        self.assertEqual(getting.finish(timeout=180).code, 0, str(getting.result()))
        self.assert_same_files(self.model, self.to)
        self.reader.ok("verify", self.to)

    def test_the_labs_worker_is_killed_while_it_seeds(self):
        getting = self.reader.spawn(*self.get)
        for kill in range(KILLS):
            with self.subTest(kill=kill, seed=SEED):
                worker = self.lab.daemon.worker_pid()
                self.moment(0.3)
                os.kill(worker, signal.SIGKILL)
                wait_for(lambda: self.lab.daemon.worker_pid() != worker, "the worker does not come back", 20)
        # Its port may have changed with the worker; the reader is told anew.
        if getting.is_running() and not self.is_done():
            getting.signal(signal.SIGINT)
            getting.finish()
            self.get = (*self.get[:3], self.lab.endpoint(), *self.get[4:])
            self.complete()
        else:
            self.assertEqual(getting.finish(timeout=180).code, 0)
            self.assert_same_files(self.model, self.to)


class WhileFollowing(Kills):
    """A publisher that says something new all the time, roots too, and a reader who asks all the time."""

    SECONDS = 40

    def setUp(self):
        super().setUp()
        authority = Authority(self.place)
        server = Server(self, authority)
        server.pages["/acme.owrp"] = self.show
        self.lab = Lab(self, init=["--location", server.url("/acme.owrp")])
        for version in ("1.0.0", "1.1.0"):
            self.lab.publish(self.lab.model(version, megabytes=0.3), f"acme/atlas:{version}")
        self.reader = self.user(pins=self.lab.bundle)
        self.reader.environment["SSL_CERT_FILE"] = str(authority.certificate)
        self.reader.start()
        self.heard = 0
        self.heads = 0
        self.reader.ok("publisher", "refresh", "acme")

    def show(self, handler):
        """A new head for everybody who asks."""
        self.heads += 1
        version = ("1.0.0", "1.1.0")[self.heads % 2]
        call = self.lab.daemon.rpc.call
        call("Publishers/SetChannel", {"publisher": "acme", "model": "atlas", "channel": "stable", "version": version})
        page = base64.b64decode(call("Publishers/Show", {"name": "acme"})["bundle"])
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(page)))
        handler.end_headers()
        handler.wfile.write(page)

    def ask(self, rpc):
        """Until the daemon is gone."""
        try:
            while True:
                for event in rpc.stream("Publishers/Refresh", {"name": "acme"}):
                    source = event.get("source", {})
                    if source.get("isNews"):
                        self.heard = max(self.heard, int(source["sequence"]))
        except (OSError, ConnectError, http.client.HTTPException, ValueError):
            pass

    @staticmethod
    def record(person):
        return person.daemon.rpc.call("Publishers/List")["publishers"][0]

    def stored(self):
        """What a reader of the database finds that was left behind: the head's sequence and the newest root's version."""
        directory = self.place / "left"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        for file in self.reader.store.glob("*.db*"):
            shutil.copy(file, directory)
        database = sqlite3.connect(next(directory.glob("*.db")))
        self.addCleanup(database.close)
        self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        roots = [row[0] for row in database.execute("SELECT envelope FROM publisher_root ORDER BY version")]
        (envelope, feed, attestations), = database.execute("SELECT head, feed, attestations FROM feed")
        listed, = database.execute("SELECT count(*) FROM listed").fetchone()
        database.close()
        head = dict(forge.fields_of(dict(forge.fields_of(envelope))[2]))
        file = dict(forge.fields_of(head[6]))
        self.assertEqual((file[1], file[2]), (len(feed), hashlib.sha256(feed).digest()), "not the feed that the head pins")
        self.assertEqual(head[5], len(roots), "not the root that the head follows")
        for root in roots:
            self.assertIn(root, feed, "a root that the feed does not hold")
        self.assertEqual((attestations, listed), (b"", 2))
        return head[2], len(roots)

    def test_the_daemon_is_killed_while_heads_and_roots_arrive(self):
        known, root, kills, grew = int(self.record(self.reader)["headSequence"]), 1, 0, 0
        until = time.monotonic() + self.SECONDS
        while time.monotonic() < until:
            with self.subTest(kill=kills, seed=SEED):
                asking = threading.Thread(target=self.ask, args=(self.reader.daemon.rpc,), daemon=True)
                asking.start()
                if kills % 4 == 2:
                    # The heads of one root in two are by a new key.
                    new_keys = ["--new-online-keys"] if kills % 8 == 2 else []
                    rotating = self.lab.spawn("publisher", "rotate", "acme", "-y", *new_keys)
                self.moment(0.6)
                self.reader.daemon.kill()
                asking.join()
                if kills % 4 == 2:
                    self.assertEqual(rotating.finish().code, 0, str(rotating.result()))
                sequence, version = self.stored()
                self.assertGreaterEqual(sequence, max(known, self.heard), "what was acknowledged is gone")
                self.assertGreaterEqual(version, root)
                grew += sequence > known
                known, root = sequence, version
                self.reader.start()
                record = self.record(self.reader)
                self.assertGreaterEqual(int(record["headSequence"]), known)
                self.assertGreaterEqual(int(record["rootVersion"]), root)
                self.assertEqual((record.get("evidence", 0), record["listedReleases"]), (0, 2))
            kills += 1
        print(f"{kills} kills, {self.heads} heads, {root} roots; {grew} kills after news")
        self.assertGreater(grew, 2)
        self.assertGreater(root, 1)
        self.reader.ok("publisher", "refresh", "acme")
        ours, theirs = self.record(self.reader), self.record(self.lab)
        for field in ("headSequence", "rootVersion", "feedRecords"):
            self.assertEqual(ours[field], theirs[field], field)
        self.reader.ok("publisher", "show", "acme", "--verify-chain")


if __name__ == "__main__":
    main()
