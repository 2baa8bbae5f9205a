#!/usr/bin/env python3
"""Measures the main job: tests/bench/measure.py [GIGABYTES]

Publishes a model of that size (4 without argument), gets it with owrd and with qbittorrent-nox, all on loopback, and
prints the time, MB/s and the peak memory of each process. Uses the programs in build/release/bin (or OWRD_BIN_DIR)."""

import os
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
os.environ.setdefault("OWRD_BIN_DIR", str(PROJECT / "build/release/bin"))
sys.path.insert(0, str(PROJECT / "tests/system"))
import unittest  # noqa: E402

import harness  # noqa: E402
from peers import QBittorrent  # noqa: E402

REF = "acme/atlas:1.0.0"


def peak_megabytes(pid):
    """The most memory that the process ever had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


class Measure(harness.SystemTest):
    gigabytes = 4.0

    def report(self, what, seconds, size, **processes):
        memory = ", ".join(f"{name} {peak_megabytes(pid):.0f} MB" for name, pid in processes.items())
        print(f"{what:28} {seconds:7.2f} s  {size / seconds / 1e6:7.0f} MB/s   peak: {memory}", flush=True)

    def test_measure(self):
        lab = harness.Lab(self)
        model = lab.model(megabytes=self.gigabytes * 1024, shards=4)
        size = sum(path.stat().st_size for path in model.iterdir())
        begin = time.monotonic()
        magnet = lab.ok("publish", model, "--as", REF, "--license", "Apache-2.0", "-y", timeout=3600).out.strip()
        self.report("publish", time.monotonic() - begin, size, owrdd=lab.daemon.pid,
                    swarm=lab.daemon.worker_pid())

        user = self.user(pins=lab.bundle)
        user.start()
        begin = time.monotonic()
        user.ok("get", magnet, "--peer", lab.endpoint(), "--to", self.place / "to", timeout=3600)
        self.report("get, by owrd", time.monotonic() - begin, size, user_owrdd=user.daemon.pid,
                    user_swarm=user.daemon.worker_pid(), lab_owrdd=lab.daemon.pid, lab_swarm=lab.daemon.worker_pid())
        user.daemon.stop()

        client = QBittorrent(self, self.place / "qbittorrent")
        begin = time.monotonic()
        client.fetch(magnet, lab.daemon.release(REF)["infohash"], [lab.endpoint()])
        harness.wait_for(client.is_complete, "qbittorrent-nox does not complete", 3600)
        self.report("get, by qbittorrent-nox", time.monotonic() - begin, size, qbittorrent=client.running.pid,
                    lab_swarm=lab.daemon.worker_pid())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Measure.gigabytes = float(sys.argv.pop())
    unittest.main()
