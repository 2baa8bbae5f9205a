"""Groups of processes: measured together, ended together, children and all. A group is a control group (version 2), so
that the time of processes that have ended long ago still counts and none escapes by leaving its parent."""

import os
import re
import time
from pathlib import Path


PREFIX = "owrd-bench-"


class NoControlGroups(Exception):
    """This machine does not let us make control groups."""


def find_cgroup2(mounts):
    """Where the text of /proc/self/mountinfo says that the second version's tree is mounted, or None."""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if after.split(" ")[0] == "cgroup2":
            return Path(before.split(" ")[4])
    return None


def usage_seconds(cpu_stat):
    """User and system time, from the text of a group's cpu.stat."""
    return int(re.search(r"^usage_usec (\d+)$", cpu_stat, re.M).group(1)) / 1e6


def is_left_over(path):
    """Whether what bears this name, owrd-bench-PID or longer, is of a bench that was killed before it cleaned up."""
    pid = path.name.removeprefix(PREFIX).split("-")[0]
    return pid.isdigit() and not Path("/proc", pid).exists()


def groups_in(directory):
    return [Group(path, is_new=False) for path in directory.iterdir() if path.is_dir()]


def end_all(directory):
    """Kills all processes of all groups in there, and removes it."""
    for group in groups_in(directory):
        group.end()
    directory.rmdir()


class Groups:
    """All groups of one run of the bench."""

    def __init__(self):
        root = find_cgroup2(Path("/proc/self/mountinfo").read_text())
        if not root:
            raise NoControlGroups("no cgroup2 file system is mounted")
        self.path = root / f"{PREFIX}{os.getpid()}"
        for left in filter(is_left_over, root.glob(PREFIX + "*")):
            end_all(left)
        try:
            self.path.mkdir()
        except OSError as error:
            raise NoControlGroups(f"cannot make a control group in {root}: {error.strerror}") from None
        self.made = 0

    def new(self, name):
        self.made += 1
        return Group(self.path / f"{self.made}-{name}")

    def end_all(self):
        """Kills all processes of all groups."""
        for group in groups_in(self.path):
            group.end()

    def close(self):
        end_all(self.path)


class Group:
    """Processes that do one job, at one end of it."""

    def __init__(self, path, is_new=True):
        self.path = path
        if is_new:
            path.mkdir()

    def enter(self):
        """Moves the calling process into the group: for a child between fork and exec."""
        file = os.open(self.path / "cgroup.procs", os.O_WRONLY)
        os.write(file, b"0")
        os.close(file)

    def pids(self):
        try:
            return [int(line) for line in (self.path / "cgroup.procs").read_text().split()]
        except OSError:
            return []

    def cpu_seconds(self):
        """Of all processes that are or ever were in the group."""
        return usage_seconds((self.path / "cpu.stat").read_text())

    def end(self, patience=10.0):
        """Kills what is left and removes the group."""
        if not self.path.exists():
            return
        (self.path / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + patience
        while True:
            try:
                self.path.rmdir()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
