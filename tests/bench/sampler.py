"""What a job costs: seconds, processor time and the peaks of memory of every process, sampled while it runs."""

import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Peak:
    """The most that processes of one name in one group had at one moment, in bytes."""
    pss: int = 0
    anonymous: int = 0

    def raise_to(self, pss, anonymous):
        self.pss, self.anonymous = max(self.pss, pss), max(self.anonymous, anonymous)


@dataclass
class Cost:
    """What one run of a job took. Processor time and peaks are by group, peaks then by name of the program."""
    seconds: float = 0.0
    cpu_seconds: dict = field(default_factory=dict)
    peaks: dict = field(default_factory=dict)

    def total_cpu(self):
        return sum(self.cpu_seconds.values())


def parse_rollup(text):
    """(PSS, anonymous memory) in bytes, from the text of /proc/PID/smaps_rollup."""
    def kilobytes(key):
        found = re.search(rf"^{key}:\s+(\d+) kB$", text, re.M)
        return int(found.group(1)) * 1024 if found else 0
    return kilobytes("Pss"), kilobytes("Anonymous")


def program_of(pid, proc=Path("/proc")):
    """The name of the program: what was executed, for the kernel cuts names at 15 characters. Some write a title there,
    "nginx: worker process"."""
    command = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
    return command.split(":")[0].rsplit("/", 1)[-1] or (proc / str(pid) / "comm").read_text().strip()


def is_unborn(pid, proc=Path("/proc")):
    """Whether the process is still a copy of the bench itself, between fork and exec."""
    own = Path("/proc/self/cmdline").read_bytes()
    return pid != os.getpid() and (proc / str(pid) / "cmdline").read_bytes() == own


def memory_now(pids, proc=Path("/proc")):
    """[(program, PSS, anonymous)] of each process that still is."""
    found = []
    for pid in pids:
        try:
            if is_unborn(pid, proc):
                continue
            found.append((program_of(pid, proc), *parse_rollup((proc / str(pid) / "smaps_rollup").read_text())))
        except OSError:
            continue  # It has ended.
    return found


class Sampler:
    """Measures groups of processes while a block of code runs:

        with Sampler({"seed": group, "fetch": group}) as sampler: ...
        sampler.cost"""

    # Looking costs time that the measured would have: no more than this share of one core.
    SHARE = 0.03

    def __init__(self, groups, interval=0.05):
        self.groups = groups
        self.interval = interval
        self.cost = Cost(peaks={role: {} for role in groups})
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.cpu_before = {role: group.cpu_seconds() for role, group in self.groups.items()}
        self.begin = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.cost.seconds = time.monotonic() - self.begin
        self.cost.cpu_seconds = {role: group.cpu_seconds() - self.cpu_before[role]
                                 for role, group in self.groups.items()}
        self.done.set()
        self.thread.join()
        self._look()

    def _look(self):
        for role, group in self.groups.items():
            for program, pss, anonymous in memory_now(group.pids()):
                self.cost.peaks[role].setdefault(program, Peak()).raise_to(pss, anonymous)

    def _watch(self):
        while True:
            begin = time.thread_time()
            self._look()
            if self.done.wait(max(self.interval, (time.thread_time() - begin) / self.SHARE)):
                return
