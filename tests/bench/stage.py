"""The stage that a topic plays on: a place on disk, a place in memory, groups of processes, hosts. When it is struck,
nothing is left: no process, no namespace, no file."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from . import PROJECT
from .groups import PREFIX, Groups, is_left_over
from .hosts import Network
from .sampler import Sampler


class BenchError(Exception):
    """Something that the bench relies on did not work."""


class Stage:
    """Also what the system tests' harness takes for its test: a place, cleanups and one assertion."""

    def __init__(self, ram, disk, programs):
        self.libtorrent = build("libtorrent_client", programs, "libtorrent-rasterbar")
        self.delay_line = build("delay_line", programs)
        self.network = None
        with contextlib.ExitStack() as self.cleanups:
            self.groups = Groups()
            self.addCleanup(self.groups.close)
            # Short, because sockets live below it.
            self.place = self._directory("/tmp")
            self.ram = self._directory(ram)
            self.disk = self._directory(disk)
            self.cleanups = self.cleanups.pop_all()

    def _directory(self, parent):
        os.makedirs(parent, exist_ok=True)
        for left in filter(is_left_over, Path(parent).glob(PREFIX + "*")):
            shutil.rmtree(left)
        path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
        path.chmod(0o755)
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *details):
        # A second Ctrl-C must not leave half of it standing.
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            return self.cleanups.__exit__(*details)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def addCleanup(self, function, *arguments, **options):
        self.cleanups.callback(function, *arguments, **options)

    def assertEqual(self, one, two, message):
        if one != two:
            raise BenchError(message)

    def plug(self, **options):
        """Makes the network that hosts are plugged into."""
        self.network = Network(self.delay_line, self.groups, **options)
        # Namespaces live as long as what runs in them: groups end first.
        self.addCleanup(self.network.close)
        self.addCleanup(self.groups.end_all)
        return self.network

    def run(self, arguments, group, host=None, timeout=600, **options):
        """Runs a command in a group, and on a host; gives what it printed."""
        done = subprocess.run([str(each) for each in arguments], preexec_fn=entering(group, host), timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", **options)
        if done.returncode:
            raise BenchError(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout[-2000:]}"
                             f"{done.stderr[-2000:]}")
        return done.stdout

    def measured(self, arguments, name="run", **options):
        """What that command costs."""
        group = self.groups.new(name)
        try:
            with Sampler({name: group}) as sampler:
                self.run(arguments, group, **options)
            return sampler.cost
        finally:
            group.end()


def entering(group, host=None):
    return host.entering(group) if host else group.enter


def build(name, directory, package=None):
    """One of the bench's own small programs, compiled when it is not there or older than its source."""
    source, program = PROJECT / f"tests/bench/{name}.cpp", Path(directory, name)
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", package], check=True, capture_output=True,
                           text=True).stdout.split() if package else []
    subprocess.run(["g++", "-std=c++17", "-O2", "-w", "-o", program, source, *flags], check=True)
    return program
