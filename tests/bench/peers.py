"""owrd and its peers, each able to seed a directory from one host and to fetch it on another. `prepare` is not timed,
`run` is: from the command until everything is there."""

import contextlib
import http.client
import json
import subprocess
import time
import urllib.parse
import uuid
from pathlib import Path

import harness

from .material import files_of
from .stage import BenchError, entering

PATIENCE = 600
OWRD_PORT, QBITTORRENT_PORT, ARIA2_PORT, LIBTORRENT_PORT = 29170, 6881, 6882, 6883

CONFIG = """
[store]
reserve_free = "0"

[network]
listen = ["{listen}"]
dht = false
lsd = false
upnp = false
profile = "{profile}"
"""


class Placed:
    """A person of the system tests whose programs run on a host, in a group."""

    def __init__(self, stage, name, group, host=None, profile="server", **options):
        self.group, self.host = group, host
        listen = f"{host.address}:{OWRD_PORT}" if host else "127.0.0.1:0"
        super().__init__(stage, name=name, config=CONFIG.format(listen=listen, profile=profile), **options)

    def start(self, *arguments, **options):
        return super().start(*arguments, preexec_fn=entering(self.group, self.host), **options)

    def spawn(self, *arguments, **options):
        return super().spawn(*arguments, preexec_fn=entering(self.group, self.host), **options)


class Person(Placed, harness.Person):
    pass


class Lab(Placed, harness.Lab):
    def publish_all(self, directory, ref="acme/atlas:1.0.0"):
        """Publishes, however long it takes; gives the magnet link."""
        return self.ok("publish", directory, "--as", ref, "--license", "Apache-2.0", "-y",
                       timeout=PATIENCE * 6).out.strip()


class Started:
    """A program that runs until its group ends, its output in a file."""

    def __init__(self, stage, name, arguments, group, host, environment=None):
        self.log = stage.place / f"{name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(each) for each in arguments], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=environment, preexec_fn=entering(group, host))

    def is_running(self):
        return self.process.poll() is None

    def log_text(self):
        return self.log.read_text(errors="replace")

    def wait_until(self, condition, what, timeout=PATIENCE):
        def holds():
            if not self.is_running():
                raise BenchError(f"{what}: the program ended with {self.process.returncode}\n{self.log_text()[-2000:]}")
            return condition()
        return harness.wait_for(holds, f"{what}\n{self.log.name}", timeout)

    def reap(self):
        """After its group was ended."""
        self.process.wait(10)


@contextlib.contextmanager
def asked(host, address, port):
    """An HTTP connection that comes from a host. What goes wrong with it is an OSError."""
    connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        with host.inside():
            connection.connect()
        yield connection
    except http.client.HTTPException as error:
        raise OSError(f"{address}:{port}: {error}") from None
    finally:
        connection.close()


def answers(host, port):
    try:
        with asked(host, host.address, port):
            return True
    except OSError:
        return False


class QBittorrent:
    """qbittorrent-nox as it comes, but TCP alone: with uTP it would be slower still."""

    CONFIG = ("[LegalNotice]\nAccepted=true\n"
              "[BitTorrent]\nSession\\DHTEnabled=false\nSession\\LSDEnabled=false\nSession\\PeXEnabled=false\n"
              "Session\\Interface=eth0\nSession\\InterfaceName=eth0\nSession\\InterfaceAddress={address}\n"
              "Session\\BTProtocol=TCP\nSession\\Port={port}\nSession\\QueueingSystemEnabled=false\n"
              "[Network]\nPortForwardingEnabled=false\n"
              "[Preferences]\nWebUI\\Address=127.0.0.1\nWebUI\\LocalHostAuth=false\nWebUI\\CSRFProtection=false\n"
              "WebUI\\Port=8080\nWebUI\\UseUPnP=false\nConnection\\UPnP=false\n")

    def __init__(self, stage, name, group, host):
        self.host = host
        self.profile = stage.place / name
        config = self.profile / "qBittorrent/config"
        config.mkdir(parents=True)
        (config / "qBittorrent.conf").write_text(self.CONFIG.format(address=host.address, port=QBITTORRENT_PORT))
        environment = {"HOME": str(self.profile), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.program = Started(stage, name, ["qbittorrent-nox", f"--profile={self.profile}"], group, host, environment)
        self.program.wait_until(self._answers, "qbittorrent-nox does not answer", 60)

    def _answers(self):
        try:
            return self.ask("app/version")
        except OSError:
            return None

    def ask(self, path, fields=None, torrent=None):
        """Calls its web API, from its own host; with fields as a form, maybe with a .torrent file."""
        body, headers = None, {}
        if fields is not None:
            boundary = uuid.uuid4().hex
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
            parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                     for name, value in fields.items()]
            if torrent:
                parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="torrents"; filename="a.torrent"'
                             "\r\nContent-Type: application/x-bittorrent\r\n\r\n".encode()
                             + Path(torrent).read_bytes() + b"\r\n")
            body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        with asked(self.host, "127.0.0.1", 8080) as connection:
            connection.request("GET" if body is None else "POST", "/api/v2/" + path, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode()
        if reply.status != 200:
            raise BenchError(f"qbittorrent-nox: {path}: {reply.status} {text}")
        return text

    def torrents(self):
        return json.loads(self.ask("torrents/info"))

    def add(self, torrent, parent, is_complete=False):
        self.ask("torrents/add", {"savepath": str(parent), "skip_checking": str(is_complete).lower()}, torrent)
        self.program.wait_until(self.torrents, "qbittorrent-nox does not know the torrent", 60)

    def seed(self, torrent, parent):
        self.add(torrent, parent, is_complete=True)
        self.program.wait_until(self.is_complete, "qbittorrent-nox does not seed", 60)

    def connect(self, addresses):
        peers = "|".join(f"{address}:{QBITTORRENT_PORT}" for address in addresses)
        self.ask("torrents/addPeers", {"hashes": self.torrents()[0]["hash"], "peers": peers})

    def is_complete(self):
        """Waits a little before it asks: answering costs qbittorrent-nox time that would be counted against it."""
        time.sleep(0.1)
        return all(torrent["progress"] == 1 for torrent in self.torrents())


class Tracker:
    """opentracker of Debian, which tracks only what its list names. aria2 finds peers in no other way here."""

    PORT = 6969

    def __init__(self, stage, name, group, host, infohashes):
        self.host = host
        self.url = f"http://{host.address}:{self.PORT}/announce"
        directory = stage.place / name
        directory.mkdir()
        (directory / "whitelist").write_text("".join(infohash + "\n" for infohash in infohashes))
        # It sees only this directory, and refuses to go on as root.
        self.program = Started(stage, name, ["opentracker", "-i", host.address, "-p", self.PORT, "-w", "/whitelist",
                                             "-d", directory, "-u", "nobody"], group, host)
        self.program.wait_until(lambda: answers(host, self.PORT), "opentracker does not answer", 30)

    def seeds(self, infohash):
        """How many it knows of this torrent."""
        path = "/scrape?info_hash=" + urllib.parse.quote_from_bytes(bytes.fromhex(infohash))
        with asked(self.host, self.host.address, self.PORT) as connection:
            connection.request("GET", path)
            text = connection.getresponse().read()
        return int(text.partition(b"8:completei")[2].partition(b"e")[0] or 0)


def aria2(tracker, directory, torrent, *options):
    """The command line of aria2, tuned: no preallocation, a cache for writes, no limits on requests."""
    return ["aria2c", "--no-conf", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false",
            "--enable-peer-exchange=false", "--file-allocation=none", "--disk-cache=64M", "--summary-interval=0",
            "--console-log-level=warn", f"--listen-port={ARIA2_PORT}",
            f"--bt-tracker={tracker.url}", f"--dir={directory}", *options, torrent]


class WebServer:
    """nginx of Debian, serving a directory; and the commands that fetch from it."""

    CONFIG = """daemon off; user root; worker_processes auto; pid {place}/pid; error_log {place}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  server {{ listen {address}:80; root {root}; }} }}
"""

    def __init__(self, stage, name, group, host, root):
        self.host, self.root = host, root
        place = stage.place / name
        place.mkdir()
        config = place / "nginx.conf"
        config.write_text(self.CONFIG.format(place=place, address=host.address, root=root))
        self.program = Started(stage, name, ["nginx", "-c", config, "-e", place / "error.log"], group, host)
        self.program.wait_until(lambda: answers(host, 80), "nginx does not answer", 30)

    def fetch_command(self, target, is_checked):
        """curl of all files, and sha256sum on all cores afterwards."""
        curl = ["curl", "-sSf", "--noproxy", "*", "--parallel", "--parallel-max", "4"]
        for path in files_of(self.root):
            name = path.relative_to(self.root)
            curl += ["--create-dirs", "-o", str(target / name), f"http://{self.host.address}/{name}"]
        if not is_checked:
            return curl
        check = f"find '{target}' -type f -print0 | xargs -0 -P $(nproc) -n 1 sha256sum > /dev/null"
        return ["sh", "-c", '"$@" && ' + check, "sh", *curl]
