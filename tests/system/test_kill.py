"""kill -9 of the daemon and of the worker at random moments of publish and get, copies included: what was committed is there, and the
transfer ends correctly. At least twenty kills each. What is left to chance comes from the seed that is printed."""

import os
import random
import signal
import time

import forge
from harness import LOOPBACK_ONLY, SEED, Lab, SystemTest, main, wait_for

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
        self.assertTrue(all(name in ("release.owrd", "layers.owrd") or name.startswith(".") for name in extra), extra)
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
                    for name in ("release.owrd", "layers.owrd"):
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
                    for name in ("release.owrd", "layers.owrd"):
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
                self.assertEqual(list(self.lab.store.rglob(".copying-*")), [], "half a copy is left")
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


if __name__ == "__main__":
    main()
