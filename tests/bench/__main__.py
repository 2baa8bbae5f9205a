"""The command line of the bench; scripts/bench.sh says how to use it."""

import argparse
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from . import PROJECT
from .groups import NoControlGroups
from .hosts import NoNamespaces
from .machine import describe
from .material import parse_size
from .rounds import Clock
from .stage import BenchError, Stage

BUILD = PROJECT / "build/bench"
TOPICS = ("hash", "transfer", "swarm", "memory", "update")


def topic(name):
    return importlib.import_module(f".topics.{name}", __package__)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench.sh", description="owrd and its peers, measured in one run.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seconds", type=float, default=150, help="no round begins after so long, by topic (150)")
    common.add_argument("--ram", default="/dev/shm", help="a directory in memory (/dev/shm)")
    common.add_argument("--disk", default=str(BUILD / "disk"), help="a directory on disk (build/bench/disk)")
    common.add_argument("--json", default=str(BUILD), help="where the figures go (build/bench)")
    topics = parser.add_subparsers(dest="topic", metavar="TOPIC")
    for name in TOPICS:
        topic(name).add_options(topics.add_parser(name, parents=[common], help=topic(name).HELP))
    if arguments and arguments[0] in (*TOPICS, "-h", "--help"):
        return [parser.parse_args(arguments)]
    return [parser.parse_args([name, *arguments]) for name in TOPICS]


def play(options):
    """Plays one topic, prints its tables and writes them as JSON."""
    for name in ("size", "small"):
        if hasattr(options, name):
            setattr(options, name, parse_size(getattr(options, name)))
    before = describe()
    begin = time.monotonic()
    with Stage(options.ram, options.disk, BUILD) as stage:
        tables = topic(options.topic).play(stage, options, Clock(options.seconds))
    for table in tables:
        print(f"\n{table}", flush=True)
    directory = Path(options.json)
    directory.mkdir(parents=True, exist_ok=True)
    record = {"topic": options.topic, "machine": before, "load_after": os.getloadavg(), "options": vars(options),
              "tables": [table.as_record() for table in tables]}
    path = directory / f"{options.topic}.json"
    path.write_text(json.dumps(record, indent=2, default=str) + "\n")
    print(f"\n({options.topic}: {time.monotonic() - begin:.0f} s; {path})", flush=True)


def skip(reason, hint):
    print(f"\n*** SKIPPED: {reason}\n  hint: {hint}", file=sys.stderr, flush=True)
    return 77


def main(arguments):
    # Ends as Ctrl-C does: by an exception, so that everything is cleaned up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = parse(arguments)
    if os.geteuid() != 0:
        return skip("hosts are network namespaces, and those take root", "sudo scripts/bench.sh")
    print(describe()["text"], flush=True)
    try:
        for options in chosen:
            play(options)
    except (NoControlGroups, NoNamespaces) as error:
        return skip(str(error), "run it on a machine, or in a container with --privileged, where root can make them")
    except (BenchError, AssertionError) as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
