"""Hosts that are network namespaces on one bridge. The bridge lies in a namespace too, so the machine's own network is
not touched and its firewall has no say."""

import contextlib
import ctypes
import fcntl
import json
import os
import struct
import subprocess
import threading
from pathlib import Path

from .groups import PREFIX, is_left_over

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
libc = ctypes.CDLL(None, use_errno=True)


class NoNamespaces(Exception):
    """This machine does not let us make network namespaces."""


def ip(*arguments):
    done = subprocess.run(["ip", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise NoNamespaces(f"ip {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def set_namespace(file):
    """Moves the calling thread into the namespace that the open file stands for."""
    if libc.setns(file, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def open_tap(host, name):
    """A network card of that host whose frames are read and written here."""
    with host.inside():
        file = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return file


class Network:
    """One bridge; hosts are plugged in as they are asked for: 10.77.0.1 is the bridge itself, then .2, .3 and so on."""

    SUBNET = "10.77.0"

    def __init__(self, delay_line, groups, mtu=1500):
        self.delay_line = delay_line
        self.lines = groups.new("lines")
        self.prefix = f"{PREFIX}{os.getpid()}"
        for left in filter(is_left_over, Path("/run/netns").glob(PREFIX + "*")):
            ip("netns", "del", left.name)
        self.mtu = mtu
        self.hosts = []
        try:
            self.switch = self._new("switch")
            ip("-n", self.switch.namespace, "link", "add", "eth0", "mtu", mtu, "type", "bridge")
            self._connect(self.switch)
        except NoNamespaces:
            self.close()
            raise

    def _new(self, name):
        namespace = f"{self.prefix}-{name}"
        ip("netns", "add", namespace)
        host = Host(namespace, f"{self.SUBNET}.{len(self.hosts) + 1}")
        self.hosts.append(host)
        ip("-n", namespace, "link", "set", "lo", "up")
        return host

    def _connect(self, host):
        ip("-n", host.namespace, "address", "add", host.address + "/24", "dev", "eth0")
        ip("-n", host.namespace, "link", "set", "eth0", "mtu", self.mtu, "up")

    def host(self, name, delay_ms=0):
        """A new host; with a delay, what it sends is under way for so long."""
        host = self._new(name)
        host.port = f"port{len(self.hosts)}"
        switch = self.switch.namespace
        if delay_ms:
            self._delayed_line(host, delay_ms)
        else:
            ip("link", "add", "eth0", "netns", host.namespace, "type", "veth", "peer", "name", host.port,
               "netns", switch)
        ip("-n", switch, "link", "set", host.port, "mtu", self.mtu, "master", "eth0", "up")
        self._connect(host)
        return host

    def _delayed_line(self, host, delay_ms):
        ends = [open_tap(host, "eth0"), open_tap(self.switch, host.port)]

        def enter():
            self.lines.enter()
            os.nice(-10)  # A line is never late because the hosts are busy.
        subprocess.Popen([self.delay_line, str(delay_ms), *map(str, ends)], pass_fds=ends, preexec_fn=enter)
        for end in ends:
            os.close(end)

    def limit(self, host, megabits):
        """Limits what the host sends and what it receives."""
        for namespace, device in ((host.namespace, "eth0"), (self.switch.namespace, host.port)):
            done = subprocess.run(["tc", "-n", namespace, "qdisc", "add", "dev", device, "root", "tbf", "rate",
                                   f"{megabits}mbit", "burst", "128kb", "latency", "50ms"],
                                  capture_output=True, text=True)
            if done.returncode:
                raise NoNamespaces(f"tc tbf on {device}: {done.stderr.strip()}")

    def close(self):
        """Removes all namespaces, and with them all devices. What runs in them has to be gone before."""
        for host in self.hosts:
            host.close()
        self.hosts.clear()


class Host:
    """A network namespace with an address."""

    def __init__(self, namespace, address):
        self.namespace, self.address = namespace, address
        self.file = os.open(f"/run/netns/{namespace}", os.O_RDONLY | os.O_CLOEXEC)

    def close(self):
        os.close(self.file)
        subprocess.run(["ip", "netns", "del", self.namespace], capture_output=True)

    def entering(self, group):
        """For a child between fork and exec: takes it into this host and into a group of processes."""
        def enter():
            set_namespace(self.file)
            group.enter()
        return enter

    @contextlib.contextmanager
    def inside(self):
        """Sockets that the calling thread opens in this block belong to this host, and stay its own."""
        with open(f"/proc/self/task/{threading.get_native_id()}/ns/net", "rb") as home:
            set_namespace(self.file)
            try:
                yield
            finally:
                set_namespace(home.fileno())

    def traffic(self):
        """(received, sent) bytes of its network card, headers included."""
        device = json.loads(ip("-n", self.namespace, "-j", "-s", "link", "show", "dev", "eth0"))[0]["stats64"]
        return device["rx"]["bytes"], device["tx"]["bytes"]
