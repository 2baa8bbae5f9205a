"""Memory: of the worker and the daemon, with large sparse releases and with many small ones. Whole sizes take long, so
each part runs at a scale and says at which."""

import math
import time

from ..material import make_release, parse_size, size_of, write_sparse_shard
from ..peers import OWRD_PORT, PATIENCE, Lab, Person
from ..sampler import Sampler, memory_now
from ..table import OWRD, Run, Table, Target

HELP = "peaks with a sparse release of 20 large files, with many small releases, with a sparse TB"
MB = 1e6
WORKER, DAEMON = "owrd-swarm", "owrdd"
TB = 10 ** 12
AT_ONCE = 8  # Small releases that are published at the same time.


def add_options(parser):
    parser.add_argument("--files", type=int, default=20, help="of the large release (20)")
    parser.add_argument("--file-size", default="512M", help="of each of them; the target names 5G (512M)")
    parser.add_argument("--fetch", default="2G", help="how much of it is fetched; 0 is all of it (2G)")
    parser.add_argument("--releases", type=int, default=100, help="small ones; the target names 1000 (100)")
    parser.add_argument("--terabyte", type=float, default=0.01, help="the part of 1 TB that is added (0.01)")


def anonymous_of(group, program):
    return sum(anonymous for name, _, anonymous in memory_now(group.pids()) if name == program)


def peak_of(cost, role, program):
    peak = cost.peaks[role].get(program)
    return peak.anonymous / MB if peak else None


def large(stage, options):
    """A sparse release is published, seeded and fetched."""
    network = stage.plug()
    seed_host, fetch_host = network.host("seed"), network.host("fetch")
    directory = make_release(stage.ram / "large/atlas", options.files, options.file_size, write=write_sparse_shard)
    total = size_of(directory)
    lab = Lab(stage, "lab", stage.groups.new("lab"), seed_host)
    with Sampler({"lab": lab.group}) as publishing:
        magnet = lab.publish_all(directory)
    user = Person(stage, "user", stage.groups.new("user"), fetch_host)
    user.start()
    user.pins(lab.bundle)
    with Sampler({"seed": lab.group, "fetch": user.group}) as fetching:
        running = user.spawn("get", magnet, "--peer", f"{seed_host.address}:{OWRD_PORT}", "--to", stage.ram / "target")
        limit = options.fetch if 0 < options.fetch < total else None
        fetched = min(total, fetch_until(fetch_host, running, limit))
    runs = [Run("owrd: publish", OWRD, total, publishing.cost),
            Run("owrd: fetch and seed", OWRD, fetched, fetching.cost)]
    scale = f"{options.files} files of {options.file_size / 1e9:.2f} GB"
    table = Table(f"memory: a sparse release of {scale}, {fetched / 1e9:.2f} of {total / 1e9:.2f} GB fetched", runs,
                  notes=["every piece is zeros that are read, sent and written; the target names 20 files of 5 GB"])
    for role, what, most in (("fetch", "fetching", 256), ("seed", "seeding", 64)):
        table.hold(Target(f"worker while {what}, anonymous", peak_of(fetching.cost, role, WORKER), at_most=most,
                          unit=" MB"))
    stage.groups.end_all()
    return table


def fetch_until(host, running, limit):
    """Waits until the host has received that much, or the command has ended; gives how many bytes came."""
    before, end = host.traffic()[0], time.monotonic() + PATIENCE
    received = 0
    while running.is_running() and (limit is None or received < limit) and time.monotonic() < end:
        time.sleep(0.2)
        received = host.traffic()[0] - before
    if not running.is_running():
        finished = running.result()
        assert finished.code == 0, str(finished)
    return received


def publish_at_once(stage, lab, numbers):
    running = []
    for each in numbers:
        directory = make_release(stage.ram / f"many/{each}/atlas", 15, 64 << 10, seed=f"many/{each}")
        running.append(lab.spawn("publish", directory, "--as", f"acme/small-{each}:1.0.0", "--license", "Apache-2.0",
                                 "-y"))
    for each in running:
        finished = each.finish(PATIENCE)
        assert finished.code == 0, str(finished)


def many(stage, options):
    """Small releases of 17 files; a straight line through half of them and all gives 1,000."""
    lab = Lab(stage, "many", stage.groups.new("many"))
    counts, seen = (options.releases // 2, options.releases), {}
    with Sampler({"lab": lab.group}) as sampler:
        for begin, end in ((0, counts[0]), counts):
            for first in range(begin, end, AT_ONCE):
                publish_at_once(stage, lab, range(first, min(end, first + AT_ONCE)))
            seen[end] = {program: anonymous_of(lab.group, program) / MB for program in (WORKER, DAEMON)}
    half, whole = (seen[count] for count in counts)
    projected = {program: whole[program] + (whole[program] - half[program]) / (counts[1] - counts[0]) *
                 (1000 - counts[1]) for program in whole}
    begin = time.monotonic()
    listed = len(lab.ok("ls", "--json").records())
    values = {f"{program}, MB at {count}": seen[count][program] for count in counts for program in seen[count]}
    values |= {"listed": listed, "seconds of ls": time.monotonic() - begin}
    table = Table(f"memory: {options.releases} seeded releases of 17 files each",
                  [Run("owrd: publish and seed", OWRD, 0, sampler.cost, values)],
                  notes=[f"1000 is a straight line through {counts[0]} and {counts[1]}"] if counts[1] != 1000 else [])
    table.hold(Target("worker and daemon with 1000 releases, anonymous", sum(projected.values()), at_most=300,
                      unit=" MB", note=", ".join(f"{program} {value:.0f}" for program, value in projected.items())))
    stage.groups.end_all()
    return table


def terabyte(stage, options):
    size = parse_size("5G")
    files = max(1, math.ceil(options.terabyte * TB / size))
    directory = make_release(stage.ram / "terabyte/atlas", files, size, seed="terabyte", write=write_sparse_shard)
    total = size_of(directory)
    lab = Lab(stage, "terabyte", stage.groups.new("terabyte"))
    with Sampler({"lab": lab.group}) as sampler:
        lab.publish_all(directory)
        begin = time.monotonic()
        listed = lab.ok("ls", "--json").record()
        took = time.monotonic() - begin
    is_seeding = "seeding" in str(listed).lower()
    table = Table(f"memory: a sparse release of {total / 1e12:.3f} TB in {files} files, added, seeded and listed",
                  [Run("owrd: publish, seed, list", OWRD, total, sampler.cost,
                       {"seconds of ls": took, "worker, MB at the end": anonymous_of(lab.group, WORKER) / MB})],
                  notes=["--terabyte 1 does the whole of it; hashing it takes most of the time"])
    table.hold(Target(f"of 1 TB added, seeded and listed{'' if is_seeding else ' (NOT seeding)'}",
                      total / TB if is_seeding else 0, at_least=1.0, unit=" TB",
                      note="only as much as the scale asked for"))
    return table


def play(stage, options, clock):
    options.file_size, options.fetch = parse_size(options.file_size), parse_size(options.fetch)
    return [large(stage, options), many(stage, options), terabyte(stage, options)]
