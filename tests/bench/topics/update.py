"""An update: few shards of many change. What is transferred, against what has changed?"""

import shutil

from ..material import change_pieces, files_of, make_release, size_of, write_shard
from ..peers import OWRD_PORT, PATIENCE, Lab, Person
from ..sampler import Sampler
from ..table import OWRD, Run, Table, Target

HELP = "30 shards of which 3 change, and a tenth of the pieces of a fourth"
PIECE = 1 << 20  # That of releases below 4 GB.


def add_options(parser):
    parser.add_argument("--size", default="600M", help="of the release (600M)")
    parser.add_argument("--shards", type=int, default=30, help="(30)")


def next_version(old, new, shard_bytes):
    """Copies the release and changes it; gives how many bytes the changed pieces hold."""
    shutil.copytree(old, new, ignore=shutil.ignore_patterns("*.owrd"))
    shards = [path for path in files_of(new) if path.suffix == ".safetensors"]
    for shard in shards[1:4]:
        write_shard(shard, shard_bytes, f"new {shard.name}")
    pieces = shard_bytes // PIECE
    changed = list(range(0, pieces, 10))[:max(1, pieces // 10)]
    change_pieces(shards[5], changed, PIECE, "update")
    return 3 * shard_bytes + len(changed) * PIECE


def play(stage, options, clock):
    network = stage.plug()
    seed_host, fetch_host = network.host("seed"), network.host("fetch")
    shard_bytes = max(10 * PIECE, options.size // options.shards // PIECE * PIECE)
    lab = Lab(stage, "lab", stage.groups.new("lab"), seed_host)
    user = Person(stage, "user", stage.groups.new("user"), fetch_host)
    user.start()
    user.pins(lab.bundle)
    old = make_release(stage.ram / "update/1/atlas", options.shards, shard_bytes)
    new = stage.ram / "update/2/atlas"
    changed = next_version(old, new, shard_bytes)
    runs = []
    for version, directory, wanted in (("1.0.0", old, size_of(old)), ("1.1.0", new, changed)):
        ref = f"acme/atlas:{version}"
        magnet = lab.publish_all(directory, ref)
        received = fetch_host.traffic()[0]
        with Sampler({"seed": lab.group, "fetch": user.group}) as sampler:
            user.ok("get", magnet, "--peer", f"{seed_host.address}:{OWRD_PORT}", timeout=PATIENCE)
        received = fetch_host.traffic()[0] - received
        told = int(user.daemon.release(ref).get("bytesDownloaded", 0))
        runs.append(Run(f"owrd get {version}", OWRD, size_of(directory), sampler.cost, {
            "changed, MB": wanted / 1e6, "received, MB": received / 1e6, "by the daemon's count, MB": told / 1e6,
            "received / changed": received / wanted}))
    table = Table(f"update: {options.shards} shards of {shard_bytes / 1e6:.0f} MB, 3 changed, 10 % of the pieces of a "
                  "fourth", runs, notes=[f"changed are the pieces of {PIECE >> 20} MiB in which anything differs; "
                                         "received counts at the network card, everything included"])
    table.hold(Target("an update's transfer against the changed pieces", runs[1].values["received / changed"],
                      at_most=1.01))
    return [table]
