"""Hashing: preparing a release and verifying one, against everybody who makes and checks torrents here."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from ..material import forget, make_release, size_of
from ..peers import PATIENCE, Lab
from ..rounds import interleaved
from ..sampler import Cost, Sampler
from ..table import LIMIT, OWRD, PEER, Run, Table, Target, ratio

HELP = "prepare and verify a release, warm in memory and cold from disk"
PIECE = 1 << 20
CORES = os.cpu_count()
PREPARE, VERIFY = "owrd publish -n (two digests)", "owrd verify (v2 pieces)"
CREATE_1, CREATE_2, CHECK = "libtorrent v2, 1 thread", "libtorrent v2, 2 threads", "libtorrent check"
SHA256SUM, READ = f"sha256sum, {CORES} cores", f"read by cat, {CORES} cores"
OPENSSL = f"openssl speed, {CORES} cores"
BOTH, MERKLE = f"the hasher alone, both digests, {CORES} cores", f"the hasher alone, v2 pieces, {CORES} cores"


def add_options(parser):
    parser.add_argument("--size", default="1G", help="of the release (1G)")
    parser.add_argument("--rounds", type=int, default=5, help="warm ones; cold ones are at most 2 (5)")
    parser.add_argument("--hasher-bench", default=str(Path(os.environ["OWRD_BIN_DIR"], "owrd_hash_bench")),
                        help="the hasher's microbenchmark, for the ceilings of multi-buffer hashing")


class Contest:
    """Everybody's commands for one directory."""

    def __init__(self, stage, lab, directory, hasher_bench):
        self.stage, self.lab, self.directory, self.hasher_bench = stage, lab, directory, hasher_bench
        self.size = size_of(directory)
        self.torrent = stage.place / f"{directory.name}.torrent"
        self.scratch = stage.place / "scratch.torrent"

    def owrd(self, name, *arguments):
        with Sampler({"owrd": self.lab.group}) as sampler:
            self.lab.ok(*arguments, timeout=PATIENCE)
        return Run(name, OWRD, self.size, sampler.cost)

    def peer(self, name, *arguments, role=PEER):
        self.scratch.unlink(missing_ok=True)  # mktorrent and transmission-create refuse to overwrite.
        return Run(name, role, self.size, self.stage.measured(arguments))

    def on_all_cores(self, name, program, role=PEER):
        return self.peer(name, "sh", "-c", f"find '{self.directory}' -type f -print0 | "
                         f"xargs -0 -P {CORES} -n 1 {program} > /dev/null", role=role)

    def create(self, name, threads):
        return self.peer(name, self.stage.libtorrent, "create", "v2", PIECE, threads, self.directory, self.scratch)

    def check(self, threads):
        return self.peer(f"{CHECK}, {threads} threads", self.stage.libtorrent, "check", threads, self.directory.parent,
                         self.torrent)

    def reading(self):
        return [lambda: self.on_all_cores(SHA256SUM, "sha256sum"), lambda: self.on_all_cores(READ, "cat", LIMIT),
                openssl_speed]

    def preparing(self):
        return [
            lambda: self.owrd(PREPARE, "publish", "-n", self.directory, "--as", "acme/atlas:1.0.0", "--license",
                              "Apache-2.0"),
            lambda: self.create(CREATE_1, 1),
            lambda: self.create(CREATE_2, 2),
            lambda: self.peer("mktorrent (v1)", "mktorrent", "-t", CORES, "-l", PIECE.bit_length() - 1, "-a",
                              "http://tracker/", "-o", self.scratch, self.directory),
            lambda: self.peer("transmission-create (v1)", "transmission-create", "-s", PIECE >> 10, "-o", self.scratch,
                              self.directory),
            *self.reading(), lambda: hasher_speed(self.hasher_bench, "both", BOTH)]

    def verifying(self):
        return [
            lambda: self.owrd(VERIFY, "verify", self.directory),
            *(lambda threads=threads: self.check(threads) for threads in (1, CORES, 2 * CORES)),
            *self.reading(), lambda: hasher_speed(self.hasher_bench, "merkle", MERKLE)]


def ceiling(name, bytes_per_second):
    return Run(name, LIMIT, int(bytes_per_second), Cost(seconds=1.0))


def openssl_speed():
    text = subprocess.run(["openssl", "speed", "-seconds", "1", "-bytes", "16384", "-multi", str(CORES), "-evp",
                           "sha256"], capture_output=True, text=True, check=True).stdout
    return ceiling(OPENSSL, float(re.search(r"^sha256\s+([\d.]+)k$", text, re.M | re.I).group(1)) * 1000)


def hasher_speed(program, benchmark, name):
    """The fastest of this benchmark's variants on all cores; None when the program is not built."""
    if not shutil.which(program):
        return None
    done = subprocess.run([program, f"--benchmark_filter=^{benchmark}/", "--benchmark_format=json",
                           "--benchmark_min_time=0.3"], capture_output=True, text=True, check=True)
    return ceiling(name, best_on_all_cores(json.loads(done.stdout)))


def best_on_all_cores(report):
    """Google Benchmark's bytes_per_second are those of all threads together."""
    return max(each["bytes_per_second"] for each in report["benchmarks"] if each["threads"] == CORES)


def against(table, text, name, other, at_least):
    is_built = other not in (BOTH, MERKLE) or table.line(other)
    return Target(text, table.compare("speed", name, other), at_least=at_least,
                  note="" if is_built else "the hasher's microbenchmark is not built")


def prepare_table(title, runs):
    table = Table(title, runs, READ)
    table.hold(against(table, "prepare against libtorrent's v2 creation as it comes", PREPARE, CREATE_1, 1.6))
    table.hold(against(table, "prepare against libtorrent's v2 creation on two threads", PREPARE, CREATE_2, 1.0))
    table.hold(against(table, "prepare against the hasher alone, both digests", PREPARE, BOTH, 0.85))
    return table


def verify_table(title, runs, is_cold):
    table = Table(title, runs, READ)
    best = max(line.speed for line in table.lines if line.name.startswith(CHECK))
    table.hold(Target("verify against libtorrent's best check", ratio(table.line(VERIFY).speed, best), at_least=3.0))
    table.hold(against(table, "verify against sha256sum", VERIFY, SHA256SUM, 8.0))
    hasher = table.line(MERKLE)
    if not hasher or table.line(READ).speed < hasher.speed:
        what = "the disk" if is_cold else "reading from memory"
        table.hold(against(table, f"verify against {what}, the lower limit here", VERIFY, READ, 0.8))
    else:
        table.hold(against(table, "verify against the hasher alone, the lower limit here", VERIFY, MERKLE, 0.8))
    return table


def play(stage, options, clock):
    lab = Lab(stage, "lab", stage.groups.new("lab"))
    tables = []
    for where, parent, rounds in (("warm in memory", stage.ram, options.rounds),
                                  ("cold from disk", stage.disk, min(2, options.rounds))):
        is_cold = parent == stage.disk
        directory = make_release(parent / where.split()[0], 4, options.size // 4, seed=where)
        contest = Contest(stage, lab, directory, options.hasher_bench)

        def run(act):
            if is_cold:
                forget(directory)
            return act()
        scale = f"{where}, {contest.size / (1 << 30):.2f} GiB in 4 shards"
        runs = interleaved(clock, rounds, contest.preparing(), run)
        tables.append(prepare_table(f"hash: prepare, {scale}", runs))
        lab.publish_all(directory, f"acme/{directory.name}:1.0.0")
        stage.run([stage.libtorrent, "create", "v2", PIECE, 2, directory, contest.torrent], lab.group)
        runs = interleaved(clock, rounds, contest.verifying(), run)
        tables.append(verify_table(f"hash: verify, {scale}", runs, is_cold))
    return tables
