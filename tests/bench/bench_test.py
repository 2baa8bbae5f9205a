"""The bench's own logic, where it could lie: medians, ratios, targets, the sampler, the clock, the material. Needs no
network, no root and none of owrd's programs."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.groups import find_cgroup2, is_left_over, usage_seconds  # noqa: E402
from bench.machine import cpu_of  # noqa: E402
from bench.material import (MIB, change_pieces, files_of, make_release, parse_size, size_of,  # noqa: E402
                            write_sparse_shard)
from bench.rounds import Clock, interleaved  # noqa: E402
from bench.sampler import Cost, Peak, Sampler, memory_now, parse_rollup, program_of  # noqa: E402
from bench.table import GIB, LIMIT, OWRD, PEER, Run, Table, Target, columns, ratio  # noqa: E402
from bench.topics.hash import CORES, best_on_all_cores  # noqa: E402

ROLLUP = """558d60e6e000-7ffc17436000 ---p 00000000 00:00 0                          [rollup]
Rss:                1692 kB
Pss:                 240 kB
Pss_Dirty:           116 kB
Pss_Anon:            116 kB
Anonymous:           112 kB
AnonHugePages:         0 kB
"""


def cost(seconds, cpu=0.0, **peaks):
    return Cost(seconds, {"all": cpu}, {"all": {name: Peak(*each) for name, each in peaks.items()}})


class Tables(unittest.TestCase):
    def table(self):
        return Table("t", [Run("owrd", OWRD, GIB, cost(1, 2)), Run("peer", PEER, GIB, cost(4, 1)),
                           Run("owrd", OWRD, GIB, cost(2, 6)), Run("slow peer", PEER, GIB, cost(8, 1)),
                           Run("owrd", OWRD, GIB, cost(4, 4)), Run("wire", LIMIT, GIB, cost(0.5))], "wire")

    def test_a_line_is_the_median_of_its_runs_and_tells_the_spread(self):
        line = self.table().line("owrd")
        self.assertEqual(line.runs, 3)
        self.assertEqual(line.seconds, 2)
        self.assertAlmostEqual(line.speed, GIB / 2 / 1e6)
        self.assertAlmostEqual(line.slowest, GIB / 4 / 1e6)
        self.assertAlmostEqual(line.fastest, GIB / 1 / 1e6)

    def test_processor_time_is_by_gib_and_cores_by_second(self):
        line = Table("t", [Run("owrd", OWRD, GIB // 2, Cost(2, {"seed": 1.0, "fetch": 2.0}))]).line("owrd")
        self.assertAlmostEqual(line.cpu_per_gib, 6.0)
        self.assertAlmostEqual(line.cores, 1.5)
        line = Table("t", [Run("owrd", OWRD, GIB, Cost(2, {"all": 8.0}), copies=4)]).line("owrd")
        self.assertAlmostEqual(line.cpu_per_gib, 2.0)

    def test_ratios_are_to_the_best_peer_and_to_the_limit(self):
        table = self.table()
        self.assertAlmostEqual(table.line("owrd").to_best_peer, 2.0)
        self.assertAlmostEqual(table.line("owrd").to_limit, 0.25)
        self.assertAlmostEqual(table.line("slow peer").to_best_peer, 0.5)
        self.assertAlmostEqual(table.line("owrd").cpu_to_best_peer, 4.0)
        self.assertAlmostEqual(table.compare("speed", "owrd", "slow peer"), 4.0)
        self.assertAlmostEqual(table.compare("cpu_per_gib", "owrd", "peer"), 4.0)

    def test_neither_owrd_nor_the_limit_is_a_peer(self):
        table = Table("t", [Run("owrd", OWRD, GIB, cost(1)), Run("wire", LIMIT, GIB, cost(1))], "wire")
        self.assertIsNone(table.line("owrd").to_best_peer)
        self.assertAlmostEqual(table.line("owrd").to_limit, 1.0)

    def test_a_figure_without_processor_time_has_none(self):
        line = Table("t", [Run("ceiling", LIMIT, GIB, Cost(1.0))]).line("ceiling")
        self.assertIsNone(line.cpu_per_gib)
        self.assertIsNone(line.cores)

    def test_what_is_missing_gives_no_ratio(self):
        table = self.table()
        self.assertIsNone(table.compare("speed", "owrd", "nobody"))
        self.assertIsNone(ratio(None, 1))
        self.assertIsNone(ratio(1, 0))
        self.assertEqual(ratio(0, 2), 0)

    def test_memory_is_the_highest_of_all_runs(self):
        table = Table("t", [Run("owrd", OWRD, 1, cost(1, owrdd=(10, 7))), Run("owrd", OWRD, 1, cost(1, owrdd=(8, 9)))])
        self.assertEqual(table.line("owrd").memory, {"all owrdd": {"pss": 10, "anonymous": 9}})

    def test_values_are_medians_of_those_that_have_them(self):
        table = Table("t", [Run("owrd", OWRD, values={"a": 1, "b": 5}), Run("owrd", OWRD, values={"a": 3}),
                            Run("owrd", OWRD, values={"a": 9})])
        self.assertEqual(table.line("owrd").values, {"a": 3, "b": 5})

    def test_the_text_shows_every_line_and_target(self):
        table = self.table()
        table.hold(Target("faster than peer", table.compare("speed", "owrd", "peer"), at_least=3.0))
        text = str(table)
        for word in ("slow peer", "537", "268-1074", "the limit", "MISSED", "2.00x", "at least 3x"):
            self.assertIn(word, text)

    def test_the_record_is_json_and_holds_the_same(self):
        table = self.table()
        table.hold(Target("t", 1.0, at_most=2.0))
        record = json.loads(json.dumps(table.as_record()))
        self.assertEqual([line["name"] for line in record["lines"]], ["owrd", "peer", "slow peer", "wire"])
        self.assertTrue(record["targets"][0]["met"])

    def test_columns_align_the_first_left_and_the_others_right(self):
        self.assertEqual(columns([["a", "bb"], ["ccc", "d"]]), ["  a    bb", "  ccc   d"])


class Targets(unittest.TestCase):
    def test_a_bound_is_met_at_the_bound(self):
        self.assertTrue(Target("t", 2.0, at_least=2.0).is_met())
        self.assertFalse(Target("t", 1.99, at_least=2.0).is_met())
        self.assertTrue(Target("t", 2.0, at_most=2.0).is_met())
        self.assertFalse(Target("t", 2.01, at_most=2.0).is_met())

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        target = Target("t", None, at_least=1.0, note="why")
        self.assertIsNone(target.is_met())
        self.assertIn("not measured", str(target))
        self.assertIn("why", str(target))


class FakeGroup:
    def __init__(self, pids=()):
        self.used, self.members = 0.0, list(pids)

    def cpu_seconds(self):
        return self.used

    def pids(self):
        return self.members


class Sampling(unittest.TestCase):
    def test_reads_pss_and_anonymous_in_bytes(self):
        self.assertEqual(parse_rollup(ROLLUP), (240 * 1024, 112 * 1024))
        self.assertEqual(parse_rollup(""), (0, 0))

    def test_names_programs_in_full_and_survives_those_that_have_ended(self):
        with tempfile.TemporaryDirectory() as name:
            proc = Path(name)
            commands = (b"/usr/bin/qbittorrent-nox\0--profile=x\0",
                        b"nginx: master process nginx -e /tmp/error.log\0", b"")
            for pid, command in enumerate(commands, 1):
                (proc / str(pid)).mkdir()
                (proc / str(pid) / "cmdline").write_bytes(command)
                (proc / str(pid) / "comm").write_text("short\n")
                (proc / str(pid) / "smaps_rollup").write_text(ROLLUP)
            self.assertEqual([program_of(pid, proc) for pid in (1, 2, 3)], ["qbittorrent-nox", "nginx", "short"])
            self.assertEqual([program for program, *_ in memory_now([1, 4, 3], proc)], ["qbittorrent-nox", "short"])
            (proc / "1" / "cmdline").write_bytes(Path("/proc/self/cmdline").read_bytes())
            self.assertEqual([program for program, *_ in memory_now([1, 3], proc)], ["short"])

    def test_sees_a_peak_that_is_over_before_the_end(self):
        group = FakeGroup([os.getpid()])
        with Sampler({"own": group}, interval=0.001) as sampler:
            seen = threading.Event()
            block = bytearray(64 * MIB)
            block[::4096] = b"x" * (len(block) // 4096)
            while not any(peak.anonymous > 64 * MIB for peak in sampler.cost.peaks["own"].values()):
                seen.wait(0.001)
            del block
        peak, = sampler.cost.peaks["own"].values()
        self.assertGreater(peak.anonymous, 64 * MIB)
        self.assertGreater(peak.pss, 64 * MIB)

    def test_counts_only_processor_time_of_the_block(self):
        group = FakeGroup()
        group.used = 5.0
        with Sampler({"seed": group, "fetch": FakeGroup()}) as sampler:
            group.used = 7.5
        self.assertEqual(sampler.cost.cpu_seconds, {"seed": 2.5, "fetch": 0.0})
        self.assertEqual(sampler.cost.total_cpu(), 2.5)
        self.assertGreater(sampler.cost.seconds, 0)


class ControlGroups(unittest.TestCase):
    def test_finds_the_second_version_beside_the_first(self):
        mounts = ("30 25 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                  "31 25 0:27 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n")
        self.assertEqual(find_cgroup2(mounts), Path("/sys/fs/cgroup/unified"))
        self.assertIsNone(find_cgroup2(mounts.splitlines()[0]))

    def test_only_what_a_dead_bench_made_is_left_over(self):
        ended = subprocess.Popen(["true"])
        ended.wait()
        self.assertTrue(is_left_over(Path(f"/run/owrd-bench-{ended.pid}-switch")))
        self.assertFalse(is_left_over(Path(f"/run/owrd-bench-{os.getpid()}-switch")))
        self.assertFalse(is_left_over(Path(f"/run/owrd-bench-{os.getpid()}")))
        self.assertFalse(is_left_over(Path("/run/owrd-bench-somebodys")))

    def test_reads_the_total_and_not_its_parts(self):
        self.assertEqual(usage_seconds("usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n"), 2.5)


class Rounds(unittest.TestCase):
    def setUp(self):
        self.time = 0.0

    def clock(self, seconds):
        return Clock(seconds, now=lambda: self.time)

    def test_contestants_take_turns(self):
        order = []
        interleaved(self.clock(1), 2, "ABC", lambda name: order.append(name))
        self.assertEqual("".join(order), "ABCABC")

    def test_no_round_begins_that_would_end_too_late(self):
        done = []

        def run(name):
            self.time += 4
            done.append(name)
        interleaved(self.clock(10), 5, "A", run)
        self.assertEqual(len(done), 2)

    def test_the_first_round_is_always_run(self):
        done = []
        interleaved(self.clock(0), 3, "A", lambda name: done.append(name))
        self.assertEqual(done, ["A"])

    def test_who_is_not_there_gives_no_run(self):
        self.assertEqual(interleaved(self.clock(1), 1, "AB", lambda name: "run" if name == "B" else None), ["run"])


class Material(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)

    def test_shards_have_the_size_asked_for_and_a_header_that_agrees(self):
        directory = make_release(self.place / "a", 2, MIB + 12345)
        shards = [path for path in files_of(directory) if path.suffix == ".safetensors"]
        self.assertEqual([path.stat().st_size for path in shards], [MIB + 12345] * 2)
        data = shards[0].read_bytes()
        length, = struct.unpack("<Q", data[:8])
        (tensor,) = json.loads(data[8:8 + length]).values()
        self.assertEqual(tensor["data_offsets"], [0, len(data) - 8 - length])
        self.assertNotEqual(data, shards[1].read_bytes())
        self.assertEqual(size_of(directory), sum(path.stat().st_size for path in directory.iterdir()))

    def test_the_same_arguments_give_the_same_bytes(self):
        one, two = (make_release(self.place / name, 1, MIB) for name in "ab")
        self.assertEqual([path.read_bytes() for path in files_of(one)], [path.read_bytes() for path in files_of(two)])

    def test_sparse_shards_take_no_room_and_differ(self):
        one, two = self.place / "one", self.place / "two"
        for path in (one, two):
            write_sparse_shard(path, 1 << 32, path.name)
        self.assertEqual(one.stat().st_size, 1 << 32)
        self.assertLess(one.stat().st_blocks * 512, MIB)
        with open(one, "rb") as left, open(two, "rb") as right:
            self.assertNotEqual(left.read(4096), right.read(4096))

    def test_changes_only_the_pieces_named(self):
        path = make_release(self.place / "a", 1, 4 * MIB) / "model-00001-of-00001.safetensors"
        before = path.read_bytes()
        change_pieces(path, [1, 3], MIB, "x")
        after = path.read_bytes()
        self.assertEqual([each for each in range(4) if before[each * MIB:][:MIB] != after[each * MIB:][:MIB]], [1, 3])

    def test_sizes(self):
        for text, size in (("64M", 64 << 20), ("1.5g", 3 << 29), ("1TiB", 1 << 40), ("12", 12), ("2KB", 2048)):
            self.assertEqual(parse_size(text), size, text)


class Ceilings(unittest.TestCase):
    def test_the_hashers_is_the_fastest_variant_on_all_cores(self):
        report = {"benchmarks": [{"threads": threads, "bytes_per_second": speed}
                                 for threads, speed in ((CORES, 5.0), (CORES, 7.0), (CORES + 1, 9.0))]}
        self.assertEqual(best_on_all_cores(report), 7.0)


class Machine(unittest.TestCase):
    def test_names_the_processor_and_what_matters_of_it(self):
        self.assertEqual(cpu_of("model name\t: A B\nflags\t\t: fpu sha_ni avx2\nmodel name\t: A B\n"),
                         ("A B", ["sha_ni", "avx2"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
