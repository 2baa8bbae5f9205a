"""One seed and many fetchers on slow lines: does everybody finish when the seed's line would allow it?"""

import shutil
import time

import harness

from ..material import make_release, size_of
from ..peers import OWRD_PORT, PATIENCE, Lab, Person, QBittorrent
from ..rounds import interleaved
from ..sampler import Sampler
from ..table import OWRD, PEER, Run, Table, Target

HELP = "one seed and eight fetchers, each host limited in both directions, with delay"
LAST, UPLOAD = "last finisher / (size / uplink)", "seed's upload / content"


def add_options(parser):
    parser.add_argument("--size", default="192M", help="of the release (192M)")
    parser.add_argument("--rounds", type=int, default=1, help="(1)")
    parser.add_argument("--fetchers", type=int, default=8, help="(8)")
    parser.add_argument("--megabits", type=int, default=100, help="up and down, of each host (100)")
    parser.add_argument("--delay", type=int, default=20, help="in ms, of what each host sends (20)")


class Course:
    def __init__(self, stage, options):
        self.stage, self.options = stage, options
        self.directory = make_release(stage.ram / "swarm/atlas", 4, options.size // 4)
        self.rounds = 0
        network = stage.network
        self.seed_host = network.host("seed", delay_ms=options.delay)
        self.hosts = [network.host(f"fetch{each}", delay_ms=options.delay) for each in range(options.fetchers)]
        for host in [self.seed_host, *self.hosts]:
            network.limit(host, options.megabits)

    def others(self, host):
        return [each.address for each in [self.seed_host, *self.hosts] if each is not host]

    def watch(self, name, role, groups, act):
        """`act` begins all transfers and gives for each whether it is done. Waits for the last; gives the run."""
        stage, size = self.stage, size_of(self.directory)
        sent = self.seed_host.traffic()[1]
        finished = []
        with Sampler(groups, interval=0.5) as sampler:
            begin = time.monotonic()
            waiting = act()

            def all_done():
                waiting[:] = [is_done for is_done in waiting if not is_done() or
                              finished.append(time.monotonic() - begin)]
                return not waiting or time.sleep(0.1)
            harness.wait_for(all_done, f"{name}: {len(waiting)} fetchers do not finish", PATIENCE)
        sent = self.seed_host.traffic()[1] - sent
        ideal = size / (self.options.megabits * 1e6 / 8)
        for group in groups.values():
            group.end()
        for target in stage.ram.glob("target-*"):
            shutil.rmtree(target)
        return Run(name, role, size, sampler.cost, {
            LAST: max(finished) / ideal, "first finisher / (size / uplink)": min(finished) / ideal,
            UPLOAD: sent / size}, copies=len(finished))

    def owrd(self):
        """Every fetcher names the seed and all others."""
        self.rounds += 1
        groups = {"seed": self.stage.groups.new("seed"), "fetchers": self.stage.groups.new("fetchers")}
        lab = Lab(self.stage, f"lab-{self.rounds}", groups["seed"], self.seed_host, profile="home")
        magnet = lab.publish_all(self.directory)
        people = []
        for each, host in enumerate(self.hosts):
            person = Person(self.stage, f"user-{self.rounds}-{each}", groups["fetchers"], host, profile="home")
            person.start()
            person.pins(lab.bundle)
            people.append(person)

        def act():
            running = []
            for each, person in enumerate(people):
                peers = [word for address in self.others(person.host) for word in ("--peer", f"{address}:{OWRD_PORT}")]
                running.append(person.spawn("get", magnet, *peers, "--to", self.stage.ram / f"target-{each}"))
            return [finish_of(each) for each in running]
        return self.watch("owrd", OWRD, groups, act)

    def qbittorrent(self):
        self.rounds += 1
        groups = {"seed": self.stage.groups.new("seed"), "fetchers": self.stage.groups.new("fetchers")}
        torrent = self.stage.place / f"swarm-{self.rounds}.torrent"
        self.stage.run([self.stage.libtorrent, "create", "v2", 1 << 20, 2, self.directory, torrent], groups["seed"])
        seed = QBittorrent(self.stage, f"qb-{self.rounds}", groups["seed"], self.seed_host)
        seed.seed(torrent, self.directory.parent)
        clients = [QBittorrent(self.stage, f"qb-{self.rounds}-{each}", groups["fetchers"], host)
                   for each, host in enumerate(self.hosts)]

        def act():
            for each, client in enumerate(clients):
                target = self.stage.ram / f"target-{each}"
                target.mkdir()
                client.add(torrent, target)
                client.connect(self.others(client.host))
            return [client.is_complete for client in clients]
        return self.watch("qbittorrent-nox (v2)", PEER, groups, act)


def finish_of(running):
    """Whether a command has ended; it must have ended well."""
    def is_done():
        if running.is_running():
            return False
        finished = running.result()
        assert finished.code == 0, str(finished)
        return True
    return is_done


def play(stage, options, clock):
    stage.plug(mtu=9000)
    course = Course(stage, options)
    runs = interleaved(clock, options.rounds, [course.owrd, course.qbittorrent], lambda act: act())
    table = Table(f"swarm: one seed, {options.fetchers} fetchers, {options.megabits} Mbit/s up and down, "
                  f"{options.delay} ms, {size_of(course.directory) / 1e6:.0f} MB", runs, notes=[
                      "MB/s is the content divided by the time of the last finisher, CPU-s/GiB is by copy; the seed's "
                      "upload is counted at its network card, headers and repetitions included; frames hold 9000 bytes"
                  ])
    owrd, peer = table.line("owrd").values, table.line("qbittorrent-nox (v2)").values
    table.hold(Target(LAST, owrd[LAST], at_most=1.25))
    table.hold(Target(UPLOAD, owrd[UPLOAD], at_most=1.1))
    table.hold(Target(LAST + ", against qbittorrent-nox", owrd[LAST] / peer[LAST], at_most=1.0))
    table.hold(Target(UPLOAD + ", against qbittorrent-nox", owrd[UPLOAD] / peer[UPLOAD], at_most=1.0))
    return [table]
