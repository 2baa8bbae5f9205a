"""The layers, as a test: who may include and link what. The tables are the rule; the README shows them as a picture.

Checks every #include in daemon/ and cli/ and every target_link_libraries of a room. A room may use the rooms that its
line names and whatever those may use: arrows point down only. A third-party library lives in the rooms named for it."""

import re
import sys
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# Room -> the rooms right below it. "proto" is the generated code of proto/.
BELOW = {
    "core": [],
    "web": ["core"],
    "proto": [],
    "hash": ["core"],
    "weights": ["core"],
    "trust": ["hash", "proto"],
    "release": ["trust", "hash", "proto"],
    "card": ["weights", "release", "proto"],
    "exports": ["release", "trust", "hash", "proto"],
    "content": ["weights", "release", "hash"],
    "store": ["release", "trust"],
    "swarm": ["release", "proto"],
    "engine": ["card", "content", "store", "swarm", "release", "trust"],
    "control": ["engine", "proto"],
    "app": ["control", "engine", "web"],
    "worker": ["hash", "core", "proto"],
    "cli": ["card", "exports", "content", "release", "trust", "web", "core", "proto"],
}

# Only the interface of a room: (who, whose) -> the headers.
ONLY = {("engine", "swarm"): {"daemon/swarm/swarm.h"}, ("control", "swarm"): {"daemon/swarm/swarm.h"}}

# Third-party headers, by prefix -> the rooms that may include them.
THIRD_PARTY = {
    "openssl/": {"hash"},
    "intel-ipsec-mb.h": {"hash"},
    "sodium": {"trust"},
    "zlib.h": {"control", "weights"},
    "yaml-cpp/": {"card"},
    "nlohmann/": {"weights", "card", "exports", "cli"},
    "utf8proc": {"release", "cli"},
    "SQLiteCpp/": {"store"},
    "sqlite3": {"store"},
    "libtorrent/": {"worker"},
    "seccomp": {"worker"},
    "linux/": {"worker", "content"},
    "boost/beast": {"control"},
    "boost/asio": {"content", "swarm", "worker", "engine", "control", "app"},
    "boost/": {"content", "swarm", "worker", "engine", "control", "app"},
    "prometheus/": {"control"},
    "toml": {"app", "card"},
    "spdlog/": {"app"},
    "fmt/": {"app"},
    "systemd/": {"app"},
    "CLI/": {"cli"},
    "curl/": {"cli", "web"},
    "google/protobuf": {room for room in BELOW if room not in ("core", "hash", "weights")},
}

# What the system gives is for everyone: the C++ library, C and POSIX.
SYSTEM = re.compile(r"^(?:[a-z_0-9]+|(?:sys|net|netinet|arpa)/[a-z_0-9]+\.h|"
                    r"(?:unistd|fcntl|dirent|errno|poll|pwd|grp|signal|termios|locale|langinfo|limits|stdio|stdlib|time|"
                    r"pthread|sched|spawn|fnmatch|glob|wordexp|ftw|langinfo|netdb|getopt|syslog|elf|immintrin)\.h)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
LINK = re.compile(r"target_link_libraries\(\s*\S+([^)]*)\)", re.S)


def reachable(room):
    """All rooms below `room`, and itself."""
    seen, todo = set(), [room]
    while todo:
        now = todo.pop()
        if now not in seen:
            seen.add(now)
            todo += BELOW[now]
    return seen


def third_party_rooms(header):
    """Who may include it; None when no table knows it. The longest prefix decides."""
    known = [prefix for prefix in THIRD_PARTY if header.startswith(prefix)]
    return THIRD_PARTY[max(known, key=len)] if known else None


def room_of_header(header):
    parts = header.split("/")
    if parts[0] == "owrd":
        return "proto"
    return parts[1] if parts[0] == "daemon" else parts[0]


def wrong_includes(room, text):
    """What is wrong with the includes of one source of `room`, one sentence each."""
    wrong = []
    for quoted, angled in INCLUDE.findall(text):
        header = quoted or angled
        if quoted:
            target = room_of_header(header)
            if target not in BELOW:
                wrong.append(f'"{header}" is not written from the top')
            elif target not in reachable(room):
                wrong.append(f'{room} may not include "{header}": {target} is not below it')
            elif header not in ONLY.get((room, target), {header}):
                wrong.append(f'{room} may not include "{header}": of {target} only the interface')
        elif not SYSTEM.match(header):
            allowed = third_party_rooms(header)
            if allowed is None:
                wrong.append(f"<{header}> is in no table of the layer test")
            elif room not in allowed:
                wrong.append(f"{room} may not include <{header}>: it lives in {', '.join(sorted(allowed))}")
    return wrong


def room_of_target(name):
    return "proto" if name.startswith("proto") else name


def wrong_links(room, text):
    """What is wrong with the link lines of a room's CMakeLists.txt, one sentence each."""
    wrong = []
    for arguments in LINK.findall(text):
        for name in re.findall(r"\bowrd_(\w+)", arguments):
            linked = room_of_target(name)
            if linked in BELOW and linked not in reachable(room):
                wrong.append(f"{room} may not link owrd_{name}: {linked} is not below it")
    return wrong


def rooms():
    """(room, its folder)."""
    return [(room, PROJECT / ("cli" if room == "cli" else f"daemon/{room}")) for room in BELOW if room != "proto"]


class Layers(unittest.TestCase):
    def test_every_include_points_down(self):
        for room, folder in rooms():
            sources = [path for path in folder.rglob("*") if path.suffix in (".h", ".cpp")]
            self.assertTrue(sources, f"{folder} holds no sources")
            for source in sources:
                with self.subTest(source=str(source.relative_to(PROJECT))):
                    self.assertEqual(wrong_includes(room, source.read_text()), [])

    def test_every_link_points_down(self):
        for room, folder in rooms():
            with self.subTest(room=room):
                self.assertEqual(wrong_links(room, (folder / "CMakeLists.txt").read_text()), [])

    def test_every_folder_is_in_the_table(self):
        folders = {path.name for path in (PROJECT / "daemon").iterdir() if path.is_dir()}
        self.assertEqual(folders - set(BELOW), set())

    def test_the_table_has_no_cycles(self):
        for room in BELOW:
            for below in BELOW[room]:
                self.assertNotIn(room, reachable(below))


class TheTestItself(unittest.TestCase):
    """It must be able to fail."""

    def test_refuses_an_include_that_points_up(self):
        self.assertEqual(wrong_includes("store", '#include "daemon/engine/engine.h"\n'),
                         ['store may not include "daemon/engine/engine.h": engine is not below it'])
        self.assertEqual(wrong_includes("app", '#include "daemon/worker/session.h"\n'),
                         ['app may not include "daemon/worker/session.h": worker is not below it'])

    def test_refuses_more_than_the_interface(self):
        self.assertEqual(wrong_includes("engine", '#include "daemon/swarm/swarm.h"\n'), [])
        self.assertEqual(wrong_includes("engine", '#include "daemon/swarm/worker_process.h"\n'),
                         ['engine may not include "daemon/swarm/worker_process.h": of swarm only the interface'])

    def test_refuses_a_library_outside_its_room(self):
        self.assertEqual(wrong_includes("engine", "#include <libtorrent/session.hpp>\n"),
                         ["engine may not include <libtorrent/session.hpp>: it lives in worker"])
        self.assertEqual(wrong_includes("worker", "#include <libtorrent/session.hpp>\n"), [])
        self.assertEqual(wrong_includes("core", "#include <rapidjson/document.h>\n"),
                         ["<rapidjson/document.h> is in no table of the layer test"])

    def test_refuses_a_relative_include(self):
        self.assertEqual(wrong_includes("core", '#include "digest.h"\n'), ['"digest.h" is not written from the top'])

    def test_refuses_a_link_that_points_up(self):
        self.assertEqual(wrong_links("store", "target_link_libraries(owrd_store\n  PUBLIC owrd_core PRIVATE owrd_engine)"),
                         ["store may not link owrd_engine: engine is not below it"])
        self.assertEqual(wrong_links("store", "target_link_libraries(owrd_store PUBLIC owrd_proto_trust owrd_options)"), [])


if __name__ == "__main__":
    sys.exit(unittest.main())
