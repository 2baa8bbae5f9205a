"""What the system tests stand on: people with homes of their own, daemons, and clients. Runs the real programs; waits for
conditions with deadlines, never for time to pass. Standard library only."""

import http.client
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("OWRD_BIN_DIR", PROJECT / "build/dev/bin"))
sys.path.insert(0, str(PROJECT / "scripts"))
from make_model import make_model  # noqa: E402  (used by the tests too)

# How long something that should happen may take, on a slow machine and under a sanitizer.
PATIENCE = float(os.environ.get("OWRD_TEST_PATIENCE", "60"))
# One seed for everything that is left to chance; printed by every test that uses it, so that a run can be repeated.
SEED = int(os.environ.get("OWRD_TEST_SEED", str(random.SystemRandom().randrange(1 << 32))))

LOOPBACK_ONLY = """
[store]
reserve_free = "0"

[network]
listen = ["127.0.0.1:0"]
dht = false
lsd = false
upnp = false
"""

EXIT = {"ok": 0, "failure": 1, "not-running": 3, "untrusted": 10, "bad-signature": 11, "bad-content": 12,
        "not-found": 13, "no-sources": 14, "no-space": 15, "not-accepted": 16, "unsafe": 17, "usage": 64, "unavailable": 69, "io": 74,
        "tempfail": 75, "noperm": 77, "config": 78, "signal": 130}


def wait_for(condition, what, timeout=PATIENCE):
    """The first true value of `condition`, which is asked again and again. Fails, naming `what`, after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout:.0f} s: {what}")
        time.sleep(0.02)


def skip_loudly(reason):
    print(f"\n*** SKIPPED: {reason}", file=sys.stderr, flush=True)
    raise unittest.SkipTest(reason)


class Finished:
    """What a command left behind."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def __str__(self):
        return f"$ {' '.join(map(str, self.arguments))}\n[exit {self.code}]\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def records(self):
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def record(self):
        records = self.records()
        assert len(records) == 1, f"expected one record:\n{self}"
        return records[0]


class Running:
    """A command that runs beside the test. Its output is collected as it comes."""

    def __init__(self, arguments, **options):
        self.arguments = arguments
        self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace", **options)
        self.lines = {"out": [], "err": []}
        self.readers = [threading.Thread(target=self._read, args=(name, stream), daemon=True)
                        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self.readers:
            reader.start()

    def _read(self, name, stream):
        with stream:
            for line in stream:
                self.lines[name].append(line)

    @property
    def pid(self):
        return self.process.pid

    @property
    def err(self):
        return "".join(self.lines["err"])

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self, timeout=PATIENCE):
        """Waits for its end."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {timeout:.0f} s:\n{self.result()}") from None
        return self.result()

    def result(self):
        for reader in self.readers:
            reader.join(5)
        return Finished(self.arguments, self.process.returncode, "".join(self.lines["out"]), self.err)

    def kill(self):
        if self.is_running():
            self.process.kill()
        self.process.wait()


class ConnectError(Exception):
    def __init__(self, code, text, details=()):
        super().__init__(f"{code}: {text}")
        self.code, self.text, self.details = code, text, details


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Connect:
    """A small client of the control protocol: JSON over a Unix socket."""

    def __init__(self, path):
        self.path = path

    def call(self, method, body=None, timeout=PATIENCE):
        """`method` is "Service/Method"."""
        connection = UnixConnection(self.path, timeout)
        try:
            connection.request("POST", "/owrd.v1." + method, json.dumps(body or {}),
                               {"Content-Type": "application/json", "Connect-Protocol-Version": "1"})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status == 200:
                return json.loads(text)
            error = json.loads(text) if text else {"code": f"http {reply.status}"}
            raise ConnectError(error["code"], error.get("message", ""), error.get("details", []))
        finally:
            connection.close()

    def stream(self, method, body=None, timeout=PATIENCE):
        """Yields the messages of a server stream."""
        connection = UnixConnection(self.path, timeout)
        text = json.dumps(body or {}).encode()
        try:
            connection.request("POST", "/owrd.v1." + method, struct.pack(">BI", 0, len(text)) + text,
                               {"Content-Type": "application/connect+json", "Connect-Protocol-Version": "1"})
            reply = connection.getresponse()
            if reply.status != 200:
                raise ConnectError(f"http {reply.status}", reply.read().decode(errors="replace"))
            while True:
                head = reply.read(5)
                if len(head) < 5:
                    raise ConnectError("unavailable", "the stream ended without its end")
                flags, length = struct.unpack(">BI", head)
                message = json.loads(reply.read(length))
                if flags & 2:
                    if "error" in message:
                        error = message["error"]
                        raise ConnectError(error["code"], error.get("message", ""), error.get("details", []))
                    return
                yield message
        finally:
            connection.close()


class Daemon:
    """A running owrdd of a person."""

    def __init__(self, person, arguments, socket_path, environment=None, **options):
        self.person = person
        self.socket = Path(socket_path)
        self.rpc = Connect(self.socket)
        self.log = person.home / "owrdd.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(BIN / "owrdd"), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=environment or person.environment,
                                            **person.identity, **options)

    @property
    def pid(self):
        return self.process.pid

    @staticmethod
    def answers(socket_path):
        try:
            return Connect(socket_path).call("Daemon/Status", timeout=5)
        except (OSError, ConnectError, http.client.HTTPException):
            return None

    def is_running(self):
        return self.process.poll() is None

    def log_text(self):
        return self.log.read_text(errors="replace")

    def status(self):
        return self.rpc.call("Daemon/Status")

    def try_status(self):
        return self.answers(self.socket)

    def wait_until_ready(self):
        def ready():
            if not self.is_running():
                raise AssertionError(f"owrdd ended with {self.process.returncode}:\n{self.log_text()}")
            status = self.try_status()
            return status and status["pid"] == self.pid  # And not a private daemon that has not ended yet.
        wait_for(ready, f"owrdd does not answer\n{self.log_text()}")
        return self

    def endpoint(self):
        """host:port for peers. The worker, and with it the port, is there as soon as there is something to share."""
        self.worker_pid()
        return self.status()["listening"][0]

    def worker_pid(self):
        """Of a worker that is ready."""
        def running():
            status = self.try_status()
            return status and status.get("listening") and status.get("workerRunning") and int(status["workerPid"])
        return wait_for(running, "the worker does not run")

    def releases(self):
        return self.rpc.call("Releases/List").get("releases", [])

    def release(self, ref):
        for record in self.releases():
            if record.get("ref") == ref:
                return record
        return None

    def wait_for_state(self, ref, state, timeout=PATIENCE):
        """`state` as in the protocol without its prefix, such as SEEDING."""
        def there():
            record = self.release(ref)
            return record if record and record["state"] == "RELEASE_STATE_" + state else None
        try:
            return wait_for(there, "", timeout)
        except AssertionError:
            raise AssertionError(f"{ref} is not {state} but {self.release(ref)}\n{self.log_text()[-4000:]}") from None

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=PATIENCE):
        """SIGTERM; gives the exit code."""
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"owrdd did not stop:\n{self.log_text()[-4000:]}") from None
        return self.process.returncode


class Person:
    """Somebody with a home, a configuration and a store."""

    def __init__(self, test, name, config=LOOPBACK_ONLY, uid=None):
        self.test, self.name, self.uid = test, name, uid
        self.home = test.place / name
        self.sockets = test.place / (name + ".run")
        self.identity = {}
        for directory in (self.home, self.sockets):
            directory.mkdir(mode=0o700)
            if uid is not None:
                os.chown(directory, uid, uid)
        if uid is not None:
            self.identity = {"user": uid, "group": uid, "extra_groups": []}
            os.chmod(test.place, 0o755)
        self.environment = {
            "PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(self.home / "config"), "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"), "XDG_RUNTIME_DIR": str(self.sockets)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.daemon = None
        self.configure(config)

    @property
    def socket(self):
        return self.sockets / "owrd/owrd.sock"

    @property
    def store(self):
        return self.home / "data/owrd/store"

    def configure(self, text):
        directory = self.home / "config/owrd"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "owrd.toml").write_text(text)
        if self.uid is not None:
            for path in (directory.parent, directory, directory / "owrd.toml"):
                os.chown(path, self.uid, self.uid)

    def start(self, *arguments, **options):
        """Starts owrdd and waits until it answers."""
        self.daemon = Daemon(self, arguments, self.socket, **options)
        self.test.addCleanup(self._end, self.daemon)
        return self.daemon.wait_until_ready()

    @staticmethod
    def _end(daemon):
        if daemon.is_running():
            daemon.kill()

    def spawn(self, *arguments, program="owrd", **options):
        running = Running([BIN / program, *arguments], env=self.environment | options.pop("environment", {}),
                          cwd=options.pop("cwd", self.home), **self.identity, **options)
        self.test.addCleanup(running.kill)
        return running

    def run(self, *arguments, code=None, timeout=PATIENCE * 2, **options):
        """Runs owrd. With `code`, an exit code or its name, anything else fails the test."""
        finished = self.spawn(*arguments, **options).finish(timeout)
        if code is not None:
            expected = EXIT[code] if isinstance(code, str) else code
            self.test.assertEqual(finished.code, expected, f"expected exit {code}\n{finished}\n{self._log_end()}")
        return finished

    def _log_end(self):
        if self.daemon:
            return self.daemon.log_text()[-3000:]
        log = self.home / "state/owrd/owrdd.log"
        return log.read_text(errors="replace")[-3000:] if log.exists() else ""

    def ok(self, *arguments, **options):
        """Runs owrd, which must succeed; gives what it finished with."""
        return self.run(*arguments, code=0, **options)

    def fails(self, code, *arguments, says=None, hint=None, hinted=True, prints=False, **options):
        """Runs owrd, which must fail with this exit code (or one of several), say on stderr in the fixed form why and what
        to do, and print no data. `says` and `hint` are words that must be in the error and in the hint, whatever their
        case. `hinted=False` is for what nothing can be done about, `prints=True` for a report that is data."""
        test = self.test
        finished = self.run(*arguments, **options)
        codes = [EXIT[each] if isinstance(each, str) else each
                 for each in (code if isinstance(code, (tuple, list)) else [code])]
        test.assertIn(finished.code, codes, f"expected exit {code}\n{finished}\n{self._log_end()}")
        test.assertRegex(finished.err, r"(?m)^error: \S", str(finished))
        errors = "\n".join(line for line in finished.err.splitlines() if line.startswith(("error:", "  cause:")))
        hints = "\n".join(line for line in finished.err.splitlines() if line.startswith("  hint:"))
        for word in [says] if isinstance(says, str) else says or []:
            test.assertIn(word.lower(), errors.lower(), str(finished))
        for word in [hint] if isinstance(hint, str) else hint or []:
            test.assertIn(word.lower(), hints.lower(), str(finished))
        if hinted:
            test.assertRegex(finished.err, r"(?m)^  hint: \S", str(finished))
        if not prints:
            test.assertEqual(finished.out, "", str(finished))
        return finished

    def pins(self, publisher_file, *arguments):
        return self.ok("publisher", "add", publisher_file, "-y", *arguments)


class Lab(Person):
    """A person with a key, a publisher and a running daemon, who has published what is asked for."""

    def __init__(self, test, name="lab", publisher="acme", config=LOOPBACK_ONLY, start=True, feed=True, keys=(),
                 init=(), **options):
        """Without a feed, a version that was removed may be published again. `init` is for the publisher's root, and may
        name the other `keys` that the person makes."""
        super().__init__(test, name, config, **options)
        self.publisher = publisher
        self.bundle = self.home / f"{publisher}.owrp"
        if start:
            self.start()
        for key in (publisher + "-key", *keys):
            self.ok("key", "new", key)
        self.ok("publisher", "init", publisher, "--key", publisher + "-key", *([] if feed else ["--no-feed"]),
                *init)
        self.ok("publisher", "export", publisher, "-o", self.bundle)

    def model(self, name="atlas", megabytes=6.0, seed=1, **options):
        directory = make_model(self.home / name, megabytes, seed, **options)
        if self.uid is not None:
            for path in (directory, *directory.iterdir()):
                os.chown(path, self.uid, self.uid)
        return directory

    def publish(self, directory=None, ref="acme/atlas:1.0.0", *arguments):
        """Publishes; gives the magnet link."""
        directory = directory or self.model()
        return self.ok("publish", directory, "--as", ref, "--license", "Apache-2.0", "-y", *arguments).out.strip()

    def endpoint(self):
        return self.daemon.endpoint()


class SystemTest(unittest.TestCase):
    """A test of the real programs, with a place of its own that is gone afterwards."""

    maxDiff = None

    def setUp(self):
        if not (BIN / "owrdd").exists():
            self.fail(f"{BIN} holds no owrdd: set OWRD_BIN_DIR to the programs under test")
        # Short, because sockets live below it.
        self.place = Path(tempfile.mkdtemp(prefix="owrd-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)

    def user(self, name="user", pins=None, start=False, **options):
        """Somebody who has pinned that publisher; with `start`, who runs a daemon."""
        person = Person(self, name, **options)
        if start:
            person.start()
        if pins:
            person.pins(pins)
        return person

    def assert_same_files(self, left, right):
        """The same files with the same bytes."""
        def contents(directory):
            return {str(p.relative_to(directory)): p.read_bytes() for p in Path(directory).rglob("*") if p.is_file()}
        ours, theirs = contents(left), contents(right)
        self.assertEqual(sorted(ours), sorted(theirs))
        for name, data in ours.items():
            self.assertTrue(theirs[name] == data, f"{name} differs")

    def assert_nothing_final_but(self, directory, good, allowed=()):
        """Every file under a final name in `directory` is byte for byte that of `good`, and if `allowed` is given has a name
        among those. Hidden folders are where owrd keeps what is not finished."""
        directory = Path(directory)
        if not directory.exists():
            return
        for path in directory.rglob("*"):
            name = path.relative_to(directory)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                self.assertIn(str(name), allowed or good)
                self.assertTrue(path.read_bytes() == good[str(name)], f"{name} is corrupt under its final name")


def main():
    print(f"programs {BIN}, seed {SEED}", file=sys.stderr, flush=True)
    unittest.main(verbosity=2)

