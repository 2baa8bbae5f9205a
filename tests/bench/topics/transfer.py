"""One seed and one fetcher: two hosts on one bridge, what is seeded and fetched in memory, then on disk."""

import os
import shutil
import subprocess

from ..material import forget, make_release, size_of
from ..peers import (LIBTORRENT_PORT, OWRD_PORT, PATIENCE, Lab, Person, QBittorrent, Started, Tracker,
                     WebServer, aria2)
from ..rounds import interleaved
from ..sampler import Sampler
from ..stage import BenchError
from ..table import LIMIT, OWRD, PEER, Run, Table, Target

HELP = "one seed to one fetcher, over a bridge; and a cold get of a small release"
REF = "acme/atlas:1.0.0"
PIECE = 1 << 20


def add_options(parser):
    parser.add_argument("--size", default="1G", help="of the release (1G)")
    parser.add_argument("--rounds", type=int, default=3, help="in memory; on disk there is one (3)")
    parser.add_argument("--small", default="16M", help="of the release that is fetched cold (16M)")


class Course:
    """What all contestants share: two hosts, a released directory, torrents of it and a tracker."""

    def __init__(self, stage, name, parent, size):
        self.stage, self.name, self.parent = stage, name, parent
        network = stage.network
        self.seed_host, self.fetch_host = network.host("seed-" + name), network.host("fetch-" + name)
        self.directory = make_release(parent / name / "atlas", 4, size // 4)
        self.lab_group = stage.groups.new("owrd-seed")
        self.lab = Lab(stage, "lab-" + name, self.lab_group, self.seed_host)
        self.magnet = self.lab.publish_all(self.directory)
        self.size = size_of(self.directory)
        self.torrents, self.infohashes = {}, {}
        for version in ("v1", "v2"):
            self.torrents[version] = stage.place / f"{name}-{version}.torrent"
            self.infohashes[version] = stage.run(
                [stage.libtorrent, "create", version, PIECE, os.cpu_count(), self.directory, self.torrents[version]],
                self.lab_group).strip()
        self.target = parent / name / "target"
        self.rounds = 0

    def fresh_name(self, what):
        self.rounds += 1
        return f"{what}-{self.name}-{self.rounds}"

    def check(self, fetched):
        """What was fetched is what was seeded."""
        done = subprocess.run(["diff", "-rq", self.directory, fetched], capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"fetched and seeded differ: {done.stdout[:500]}")


class Contestant:
    """Seeds from the course's directory as long as the course lasts, and fetches it anew in each round."""

    name, role = "", PEER

    def __init__(self, course):
        self.course, self.stage = course, course.stage
        self.seed_group = course.stage.groups.new("seed")
        self.seed()

    def seed(self):
        """Begins to."""

    def prepare(self, group):
        """What comes before the clock starts; gives what is then timed, which gives where the files are."""

    def run(self):
        course = self.course
        course.target.mkdir()
        group = self.stage.groups.new("fetch")
        try:
            act = self.prepare(group)
            with Sampler({"seed": self.seed_group, "fetch": group}) as sampler:
                fetched = act()
            course.check(fetched)
            return Run(self.name, self.role, course.size, sampler.cost)
        finally:
            group.end()
            self.tidy()
            shutil.rmtree(course.target)

    def tidy(self):
        """After the fetcher was ended."""

    def fetch_by(self, arguments, group, fetched):
        def act():
            self.stage.run(arguments, group, self.course.fetch_host, timeout=PATIENCE)
            return fetched
        return act


class Owrd(Contestant):
    name, role = "owrd", OWRD

    def seed(self):
        self.seed_group = self.course.lab_group

    def prepare(self, group):
        course = self.course
        self.person = Person(self.stage, course.fresh_name("user"), group, course.fetch_host)
        self.person.start()
        self.person.pins(course.lab.bundle)

        def act():
            self.person.ok("get", course.magnet, "--peer", f"{course.seed_host.address}:{OWRD_PORT}", "--to",
                           course.target / "atlas", timeout=PATIENCE)
            return course.target / "atlas"
        return act

    def tidy(self):
        self.person.daemon.process.wait(10)


class QBittorrentTransfer(Contestant):
    name = "qbittorrent-nox (v2)"

    def seed(self):
        course = self.course
        self.seeding = QBittorrent(self.stage, course.fresh_name("qb"), self.seed_group, course.seed_host)
        self.seeding.seed(course.torrents["v2"], course.directory.parent)

    def prepare(self, group):
        course = self.course
        client = QBittorrent(self.stage, course.fresh_name("qb"), group, course.fetch_host)
        self.client = client

        def act():
            client.add(course.torrents["v2"], course.target)
            client.connect([course.seed_host.address])
            client.program.wait_until(client.is_complete, "qbittorrent-nox does not complete")
            return course.target / "atlas"
        return act

    def tidy(self):
        self.client.program.reap()


class Aria2(Contestant):
    name = "aria2 (v1)"

    def seed(self):
        course = self.course
        host = course.stage.network.switch
        infohash = course.infohashes["v1"]
        self.tracker = Tracker(self.stage, course.fresh_name("tracker"), self.stage.groups.new("tracker"), host,
                               [infohash])
        program = Started(self.stage, course.fresh_name("aria2"),
                          aria2(self.tracker, course.directory.parent, course.torrents["v1"], "--seed-ratio=0.0",
                                "--bt-seed-unverified=true"), self.seed_group, course.seed_host)
        program.wait_until(lambda: self.tracker.seeds(infohash), "aria2 does not seed", 60)

    def prepare(self, group):
        course = self.course
        return self.fetch_by(aria2(self.tracker, course.target, course.torrents["v1"], "--seed-time=0"), group,
                             course.target / "atlas")


class Libtorrent(Contestant):
    name = "libtorrent, tuned C++ (v2)"

    def seed(self):
        course = self.course
        program = Started(self.stage, course.fresh_name("libtorrent"),
                          [self.stage.libtorrent, "seed", f"{course.seed_host.address}:{LIBTORRENT_PORT}",
                           course.directory.parent, course.torrents["v2"]], self.seed_group, course.seed_host)
        program.wait_until(lambda: "ready" in program.log_text(), "libtorrent does not seed", 60)

    def prepare(self, group):
        course = self.course
        return self.fetch_by([self.stage.libtorrent, "fetch", f"{course.fetch_host.address}:{LIBTORRENT_PORT}",
                              course.target, course.torrents["v2"], course.seed_host.address, LIBTORRENT_PORT],
                             group, course.target / "atlas")


class Web(Contestant):
    name, role, is_checked = "nginx to curl, unverified", LIMIT, False

    def seed(self):
        self.server = WebServer(self.stage, self.course.fresh_name("nginx"), self.seed_group, self.course.seed_host,
                                self.course.directory)

    def prepare(self, group):
        course = self.course
        return self.fetch_by(self.server.fetch_command(course.target / "atlas", self.is_checked), group,
                             course.target / "atlas")


class CheckedWeb(Web):
    name, role, is_checked = "nginx to curl, then sha256sum", PEER, True

    def __init__(self, course, web):
        self.web = web
        super().__init__(course)

    def seed(self):
        self.server, self.seed_group = self.web.server, self.web.seed_group


def contestants_of(course):
    web = Web(course)
    return [Owrd(course), QBittorrentTransfer(course), Aria2(course), Libtorrent(course), CheckedWeb(course, web), web]


def hold_targets(table):
    owrd, cores = Owrd.name, os.cpu_count()
    busy = f"or all cores busy: {table.line(owrd).cores:.2f} of {cores}"
    table.hold(Target("throughput against aria2", table.compare("speed", owrd, Aria2.name), at_least=2.0, note=busy))
    table.hold(Target("throughput against qbittorrent-nox", table.compare("speed", owrd, QBittorrentTransfer.name),
                      at_least=4.0, note=busy))
    table.hold(Target("CPU-s/GiB of both ends against tuned libtorrent",
                      table.compare("cpu_per_gib", owrd, Libtorrent.name), at_most=0.8))
    table.hold(Target("CPU-s/GiB of both ends against aria2", table.compare("cpu_per_gib", owrd, Aria2.name),
                      at_most=1.0))


def race(stage, name, parent, size, clock, count, is_cold):
    course = Course(stage, name, parent, size)
    contestants = contestants_of(course)

    def run(contestant):
        if is_cold:
            forget(course.directory)
        return contestant.run()
    runs = interleaved(clock, count, contestants, run)
    where = "cold from disk to disk" if is_cold else "memory to memory"
    table = Table(f"transfer: one seed to one fetcher, {where}, {course.size / (1 << 30):.2f} GiB", runs, Web.name,
                  ["seed and fetcher share this machine's cores; CPU-s/GiB counts all processes of both ends"])
    hold_targets(table)
    return course, table


def cold_get(stage, course, size, clock):
    """From the start of the program to its end, a private daemon included."""
    directory = make_release(stage.ram / "small", 2, size // 2, seed="small")
    magnet = course.lab.publish_all(directory, "acme/small:1.0.0")
    total = size_of(directory)
    runs = []
    for each in clock.rounds(5):
        group = stage.groups.new("cold")
        person = Person(stage, f"cold-{each}", group, course.fetch_host)
        person.pins(course.lab.bundle)
        target = stage.ram / f"cold-{each}"
        with Sampler({"seed": course.lab_group, "fetch": group}) as sampler:
            person.ok("get", magnet, "--peer", f"{course.seed_host.address}:{OWRD_PORT}", "--to", target)
        group.end()
        shutil.rmtree(target)
        runs.append(Run("owrd get, private daemon", OWRD, total, sampler.cost))
    table = Table(f"transfer: cold get of a release of {total / 1e6:.0f} MB from a seed on the LAN", runs)
    table.hold(Target("from start to end", table.lines[0].seconds, at_most=1.5, unit=" s"))
    return table


def play(stage, options, clock):
    stage.plug()
    course, in_memory = race(stage, "ram", stage.ram, options.size, clock, options.rounds, is_cold=False)
    small = cold_get(stage, course, options.small, clock)
    stage.groups.end_all()
    _, on_disk = race(stage, "disk", stage.disk, options.size, clock, 1, is_cold=True)
    return [in_memory, small, on_disk]
