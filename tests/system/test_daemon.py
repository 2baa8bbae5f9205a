"""The daemon's own bad days: other daemons, old sockets, newer databases, full disks, broken clients."""

import errno
import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
from pathlib import Path

import forge
from harness import (BIN, EXIT, LOOPBACK_ONLY, PATIENCE, PROJECT, Connect, ConnectError, Daemon, Lab, SystemTest,
                     main, make_model, skip_loudly, wait_for)

REF = "acme/atlas:1.0.0"


class Starting(SystemTest):
    def owrdd(self, person, *arguments, **options):
        """Runs owrdd to its end."""
        return person.spawn(*arguments, program="owrdd", **options).finish()

    def test_the_second_daemon_names_the_firsts_pid(self):
        person = self.user(start=True)
        second = self.owrdd(person)
        self.assertEqual(second.code, EXIT["tempfail"], str(second))
        self.assertIn(str(person.daemon.pid), second.err)
        self.assertTrue(person.daemon.try_status(), "the first is unharmed")

    def test_the_second_daemon_on_the_same_store_by_another_socket(self):
        person = self.user(start=True)
        second = self.owrdd(person, "--socket", self.place / "other.sock")
        self.assertEqual(second.code, EXIT["tempfail"], str(second))
        self.assertIn(str(person.daemon.pid), second.err)

    def test_a_stale_socket_is_replaced(self):
        person = self.user(start=True)
        person.daemon.kill()
        self.assertTrue(person.socket.exists(), "a killed daemon leaves its socket")
        person.start()

    def test_a_file_in_place_of_the_socket_is_not_removed(self):
        person = self.user()
        person.socket.parent.mkdir(parents=True, exist_ok=True)
        person.socket.write_text("mine")
        finished = self.owrdd(person)
        self.assertNotEqual(finished.code, 0)
        self.assertIn(str(person.socket), finished.err)
        self.assertEqual(person.socket.read_text(), "mine")

    def test_a_socket_path_that_is_too_long(self):
        person = self.user()
        long = self.place / ("x" * (108 - len(str(self.place)) - 1))
        finished = self.owrdd(person, "--socket", long)
        self.assertEqual(finished.code, EXIT["config"], str(finished))
        self.assertIn(str(long), finished.err)
        self.assertIn("107", finished.err)
        self.assertIn("hint:", finished.err)

    def test_the_longest_socket_path_works(self):
        longest = self.place / ("x" * (107 - len(str(self.place)) - 1))
        self.assertEqual(len(str(longest)), 107)
        person = self.user(config=LOOPBACK_ONLY + f'[control]\nsocket = "{longest}"\nsocket_ro = ""\n')
        daemon = Daemon(person, (), longest)
        self.addCleanup(daemon.kill)
        daemon.wait_until_ready()

    def test_a_database_from_a_newer_owrd(self):
        person = self.user(start=True)
        person.daemon.stop()
        database = self.database(person)
        with sqlite3.connect(database) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            self.assertGreater(version, 0)
            connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.close()
        before = database.read_bytes()
        finished = self.owrdd(person)
        self.assertEqual(finished.code, EXIT["config"], str(finished))
        self.assertIn("newer", finished.err)
        self.assertEqual(database.read_bytes(), before)

    def database(self, person):
        found = [p for p in person.store.rglob("*") if p.is_file() and p.read_bytes()[:15] == b"SQLite format 3"]
        self.assertEqual(len(found), 1, f"databases in {person.store}: {found}")
        return found[0]

    def test_a_database_that_is_none(self):
        person = self.user(start=True)
        person.daemon.stop()
        database = self.database(person)
        for beside in database.parent.glob(database.name + "-*"):
            beside.unlink()
        database.write_bytes(b"not a database at all, and long enough to be one" * 100)
        finished = self.owrdd(person)
        self.assertEqual(finished.code, EXIT["bad-content"], str(finished))
        self.assertIn(str(database), finished.err)

    def test_an_unknown_key_is_named_with_its_place_and_the_nearest(self):
        person = self.user(config='[network]\nlisten = ["127.0.0.1:0"]\ndth = false\n')
        for arguments in ((), ("--check-config",)):
            finished = self.owrdd(person, *arguments)
            self.assertEqual(finished.code, EXIT["config"], str(finished))
            self.assertRegex(finished.err, r"owrd\.toml:3:1\b")
            self.assertIn('"dth"', finished.err)
            self.assertIn('"dht"', finished.err)

    def test_check_config(self):
        person = self.user()
        self.assertEqual(self.owrdd(person, "--check-config").code, 0)
        person.configure('[network]\nlisten = ["127.0.0.1:0"\n')
        self.assertEqual(self.owrdd(person, "--check-config").code, EXIT["config"])
        person.configure("[limits]\ndown = 100\n")
        finished = self.owrdd(person, "--check-config")
        self.assertEqual(finished.code, EXIT["config"], str(finished))
        self.assertIn("limits.down", finished.err)

    def test_every_key_of_the_shipped_configuration_is_known(self):
        text = (PROJECT / "systemd/owrd.toml").read_text()
        lines = [line[1:] if line.startswith("#") and not line.startswith("# ") else line
                 for line in text.splitlines()]
        config = self.place / "all.toml"
        config.write_text("\n".join(lines) + "\n")
        self.assertIn("dht = true", config.read_text().splitlines())
        finished = self.owrdd(self.user(), "--system", "--check-config", "--config", config)
        self.assertEqual(finished.code, 0, str(finished))

    def test_version(self):
        finished = self.owrdd(self.user(), "--version")
        self.assertEqual(finished.code, 0)
        self.assertRegex(finished.out, r"\d+\.\d+\.\d+")

    def test_a_bad_command_line(self):
        finished = self.owrdd(self.user(), "--dance")
        self.assertEqual(finished.code, EXIT["usage"], str(finished))
        self.assertIn("--dance", finished.err)

    def test_an_address_that_is_not_ours_is_a_warning_that_people_see(self):
        lab = Lab(self, config=LOOPBACK_ONLY.replace('"127.0.0.1:0"', '"127.0.0.1:0", "192.0.2.1:5000"'))
        lab.publish()
        wait_for(lambda: "192.0.2.1" in json.dumps(lab.daemon.status()["warnings"]), "the status says nothing of it")

    def test_says_ready_and_stopping_to_systemd(self):
        notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(notified.close)
        notified.bind(str(self.place / "notify"))
        notified.settimeout(PATIENCE)
        person = self.user()
        person.environment["NOTIFY_SOCKET"] = str(self.place / "notify")
        person.start()

        def next_with(word):
            while True:
                text = notified.recv(4096).decode()
                if word in text.splitlines():
                    return
        next_with("READY=1")
        person.daemon.process.send_signal(signal.SIGHUP)
        next_with("RELOADING=1")
        next_with("READY=1")
        person.daemon.process.terminate()
        next_with("STOPPING=1")
        self.assertEqual(person.daemon.stop(), 0)

    def test_socket_activation(self):
        activate = "/usr/bin/systemd-socket-activate"
        if not Path(activate).exists():
            skip_loudly("systemd-socket-activate is not installed")
        person = self.user()
        person.socket.parent.mkdir(parents=True, exist_ok=True)
        environment = [f"--setenv={key}={value}" for key, value in person.environment.items()]
        activator = subprocess.Popen([activate, f"--listen={person.socket}", "--fdname=control", *environment,
                                      str(BIN / "owrdd")], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, env=person.environment)
        self.addCleanup(activator.wait)
        self.addCleanup(activator.kill)
        wait_for(person.socket.exists, "systemd-socket-activate does not listen")
        person.ok("status")
        # It has become owrdd itself.
        self.assertEqual(Connect(person.socket).call("Daemon/Status")["pid"], activator.pid)
        activator.terminate()
        self.assertEqual(activator.wait(PATIENCE), 0)
        self.assertTrue(person.socket.exists(), "the socket is the activator's, not owrdd's to remove")


class Stopping(SystemTest):
    def test_sigterm_ends_daemon_and_worker_in_time_and_cleanly(self):
        lab = Lab(self)
        lab.publish()
        worker = lab.daemon.worker_pid()
        self.assertEqual(lab.daemon.stop(timeout=20), 0)
        self.assertFalse(Path(f"/proc/{worker}").exists(), "the worker outlives the daemon")
        self.assertFalse(lab.socket.exists())

    def test_the_worker_is_confined_and_works(self):
        lab = Lab(self)
        lab.model(megabytes=3)
        magnet = lab.publish()
        user = self.user(pins=lab.bundle, start=True)
        # By a name, which the worker has to resolve.
        user.ok("get", magnet, "--peer", lab.endpoint().replace("127.0.0.1", "localhost"), "--to", user.home / "atlas")
        for daemon in (lab.daemon, user.daemon):
            if "not confined" in daemon.log_text():
                skip_loudly("a build for a sanitizer cannot be confined")
            status = dict(line.split(":\t", 1) for line in
                          Path(f"/proc/{daemon.worker_pid()}/status").read_text().splitlines() if ":\t" in line)
            self.assertEqual(status["Seccomp"], "2")
            self.assertEqual(status["NoNewPrivs"], "1")

    def test_the_worker_does_not_outlive_a_killed_daemon(self):
        lab = Lab(self)
        lab.publish()
        worker = lab.daemon.worker_pid()
        lab.daemon.kill()

        def is_gone():
            try:
                return Path(f"/proc/{worker}/stat").read_text().rsplit(")")[-1].split()[0] == "Z"
            except FileNotFoundError:
                return True
        wait_for(is_gone, "the worker outlives the daemon")

    def test_reload(self):
        lab = Lab(self)
        lab.configure(LOOPBACK_ONLY + '[limits]\nup = "1MB/s"\n')
        lab.daemon.rpc.call("Daemon/Reload")
        lab.configure(LOOPBACK_ONLY + '[limits]\nup = "fast"\n')
        with self.assertRaises(ConnectError) as refused:
            lab.daemon.rpc.call("Daemon/Reload")
        self.assertEqual(refused.exception.code, "failed_precondition")
        self.assertIn("limits.up", refused.exception.text)
        # All of it or none: the daemon goes on with what it had.
        self.assertTrue(lab.daemon.status())

    def test_shutdown_by_request(self):
        lab = Lab(self)
        lab.daemon.rpc.call("Daemon/Shutdown")
        self.assertEqual(lab.daemon.process.wait(PATIENCE), 0)


class FullDisk(SystemTest):
    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            skip_loudly("mounting a small tmpfs takes root")

    def small_disk(self, megabytes):
        disk = self.place / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        return disk

    @staticmethod
    def fill(disk, leave=0):
        # Something may be writing meanwhile, so that less is free than was a moment ago.
        def filled():
            free = os.statvfs(disk)
            try:
                os.posix_fallocate(filler.fileno(), 0, max(1, free.f_bavail * free.f_frsize - leave))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return False
            return True
        with open(disk / "filler", "wb") as filler:
            wait_for(filled, "the disk cannot be filled")

    def test_a_disk_that_fills_up_while_fetching(self):
        lab = Lab(self)
        model = lab.model(megabytes=24)
        magnet = lab.publish(model)
        disk = self.small_disk(48)
        user = self.user(pins=lab.bundle, config=LOOPBACK_ONLY + '[limits]\ndown = "4MB/s"\n', start=True)
        to = disk / "atlas"
        user.ok("get", magnet, "--peer", lab.endpoint(), "--to", to, "--detach")
        wait_for(lambda: any(p.stat().st_blocks for p in to.rglob("*.safetensors")) if to.exists() else False,
                 "nothing arrives")
        self.fill(disk)

        def says_why():
            record = user.daemon.release(REF)
            return record and ("disk" in record["detail"].lower() or "space" in record["detail"].lower())
        wait_for(says_why, "it does not say that the disk is full")
        good = forge.read_directory(model)
        self.assert_nothing_final_but(to, good)

        # Room again: it goes on, and loses nothing.
        (disk / "filler").unlink()
        user.ok("watch", REF)
        self.assert_same_files(model, to)

    def test_a_store_on_a_full_disk(self):
        disk = self.small_disk(16)
        self.fill(disk)
        person = self.user()
        finished = person.spawn("--store", disk / "store", program="owrdd").finish()
        self.assertEqual(finished.code, EXIT["no-space"], str(finished))
        self.assertIn(str(disk), finished.err)

    def test_a_disk_that_is_full_when_publishing(self):
        disk = self.small_disk(32)
        lab = Lab(self)
        model = make_model(disk / "atlas", megabytes=8)
        self.fill(disk)
        before = sorted(p.name for p in model.rglob("*"))
        lab.fails("no-space", "publish", model, "--as", REF, "--license", "Apache-2.0", "-y")
        self.assertEqual(sorted(p.name for p in model.rglob("*")), before)
        (disk / "filler").unlink()
        lab.publish(model)


class BrokenClients(SystemTest):
    """Malformed and oversized HTTP: an answer or a closed connection, and a daemon that goes on."""

    def setUp(self):
        super().setUp()
        self.person = self.user(start=True)

    def send(self, data, then_close=False):
        """The status code of the answer; 0 when the connection was closed without one."""
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        connection.connect(str(self.person.socket))
        try:
            connection.sendall(data)
            if then_close:
                connection.shutdown(socket.SHUT_WR)
            reply = connection.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return 0
        return int(reply.split(b" ", 2)[1]) if reply else 0

    def post(self, path="/owrd.v1.Daemon/Status", body=b"{}", kind="application/json", headers=(), verb="POST"):
        lines = [f"{verb} {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", f"Content-Length: {len(body)}",
                 *headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def test_each_gets_the_answer_that_the_protocol_says(self):
        version = "Connect-Protocol-Version: 1"
        cases = {
            "a good one": (self.post(), {200}),
            "a good one with a version": (self.post(headers=[version]), {200}),
            "another version": (self.post(headers=["Connect-Protocol-Version: 2"]), {400}),
            "no such path": (self.post("/owrd.v1.Daemon/Dance"), {404}),
            "no such service": (self.post("/"), {404}),
            "case matters": (self.post("/owrd.v1.Daemon/status"), {404}),
            "another verb": (self.post(verb="PUT"), {405}),
            "another content type": (self.post(kind="text/plain"), {415}),
            "a stream's type on a unary method": (self.post(kind="application/connect+json"), {415}),
            "an empty JSON body": (self.post(body=b""), {400}),
            "broken JSON": (self.post(body=b"{"), {400}),
            "an empty protobuf body": (self.post(body=b"", kind="application/proto"), {200}),
            "broken protobuf": (self.post("/owrd.v1.Releases/Show", b"\xff\xff", "application/proto"), {400}),
            "a bad timeout": (self.post(headers=["Connect-Timeout-Ms: soon"]), {400}),
            "an unknown compression": (self.post(headers=["Content-Encoding: br"]), {501}),
            "too large by its own account": (
                b"POST /owrd.v1.Daemon/Status HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: 99999999999\r\n\r\n", {429}),
            "headers without end": (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000, {0, 400, 429, 431}),
            "no HTTP at all": (os.urandom(200) + b"\r\n\r\n", {0, 400}),
            "TLS": (bytes.fromhex("16030100a5010000a10303") + os.urandom(150), {0, 400}),
            "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400, 404, 405, 505}),
            "a negative length": (b"POST /owrd.v1.Daemon/Status HTTP/1.1\r\nContent-Length: -1\r\n\r\n", {0, 400}),
        }
        for what, (request, expected) in cases.items():
            with self.subTest(what=what):
                self.assertIn(self.send(request, then_close=True), expected)
                self.assertTrue(self.person.daemon.try_status(), "the daemon is gone")

    def test_streams_report_errors_in_the_stream(self):
        def envelope(flags, body):
            return struct.pack(">BI", flags, len(body)) + body
        for body in (b"", b"\x00\x00", envelope(0, b"{")[:-1], envelope(0, b"{}") * 2, envelope(1, b"{}"),
                     envelope(0x80, b"{}"), struct.pack(">BI", 0, 0xFFFFFFFF)):
            with self.subTest(body=body[:20]):
                request = self.post("/owrd.v1.Releases/Watch", body, "application/connect+json")
                self.assertEqual(self.send(request, then_close=False), 200)
                self.assertTrue(self.person.daemon.try_status())

    def test_clients_that_leave_in_the_middle(self):
        for cut in range(1, len(self.post()), 7):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(self.person.socket))
            connection.sendall(self.post()[:cut])
            connection.close()
        self.assertTrue(self.person.daemon.try_status())

    def test_more_connections_than_it_takes(self):
        crowd = []
        for _ in range(300):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(5)
            try:
                connection.connect(str(self.person.socket))
            except OSError:
                break
            crowd.append(connection)
        for connection in crowd:
            connection.close()
        wait_for(self.person.daemon.try_status, "the daemon does not recover")

    def test_errors_carry_a_hint_and_an_exit_code(self):
        with self.assertRaises(ConnectError) as refused:
            self.person.daemon.rpc.call("Releases/Show", {"ref": "@sha256:" + "ab" * 32})
        self.assertEqual(refused.exception.code, "not_found")
        self.assertEqual(refused.exception.details[0]["type"], "owrd.v1.ErrorInfo")

    def test_curl_as_in_the_readme(self):
        finished = subprocess.run(["curl", "-sS", "--unix-socket", self.person.socket, "-H",
                                   "Content-Type: application/json", "-d", "{}",
                                   "http://localhost/owrd.v1.Daemon/Status"], capture_output=True, text=True)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        self.assertEqual(json.loads(finished.stdout)["pid"], self.person.daemon.pid)


class ReadOnlySocket(SystemTest):
    def test_takes_only_methods_without_side_effects(self):
        person = self.user(start=True)
        readonly = person.socket.with_name("owrd-ro.sock")
        self.assertEqual(person.socket.stat().st_mode & 0o077, 0)
        rpc = Connect(readonly)
        self.assertTrue(rpc.call("Daemon/Status")["readOnly"])
        rpc.call("Releases/List")
        for method in ("Daemon/Shutdown", "Daemon/Reload", "Publishers/Remove", "Releases/Pause", "Releases/Remove"):
            with self.subTest(method=method):
                with self.assertRaises(ConnectError) as refused:
                    rpc.call(method, {})
                self.assertEqual(refused.exception.code, "permission_denied")
        for method in ("Releases/Get", "Publishing/Prepare", "Publishing/Commit", "Releases/Seed", "Releases/Verify"):
            with self.subTest(method=method):
                with self.assertRaises(ConnectError) as refused:
                    list(rpc.stream(method, {}))
                self.assertEqual(refused.exception.code, "permission_denied")
        self.assertTrue(person.daemon.try_status())

    def test_of_the_system_daemon_it_is_for_everyone_and_the_other_for_the_group(self):
        person = self.user()
        config = self.place / "system.toml"
        config.write_text(LOOPBACK_ONLY + '[control]\ngroup = ""\n')
        path = self.place / "system.sock"
        daemon = Daemon(person, ("--system", "--config", config, "--store", self.place / "store", "--socket", path), path)
        self.addCleanup(daemon.kill)
        daemon.wait_until_ready()
        self.assertEqual(path.stat().st_mode & 0o777, 0o660)
        self.assertEqual(path.with_name("system-ro.sock").stat().st_mode & 0o777, 0o666)

    def test_the_command_line_reads_by_it_and_says_what_to_do_for_more(self):
        person = self.user(start=True)
        host = f"unix://{person.socket.with_name('owrd-ro.sock')}"
        person.ok("--host", host, "ls")
        person.fails("noperm", "--host", host, "pause", "acme/atlas:1.0.0")


if __name__ == "__main__":
    main()
