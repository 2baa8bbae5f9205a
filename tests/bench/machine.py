"""What a table was measured on: without it no figure means anything."""

import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = ("libtorrent-rasterbar2.0", "qbittorrent-nox", "aria2", "transmission-cli", "mktorrent", "nginx-light",
            "curl", "openssl", "coreutils")
TELLING_FLAGS = ("sha_ni", "avx2", "avx512f", "vaes")


def cpu_of(cpuinfo):
    """(model, those of its flags that matter to hashing) from the text of /proc/cpuinfo."""
    model = re.search(r"^model name\s*: (.+)$", cpuinfo, re.M)
    flags = re.search(r"^flags\s*: (.+)$", cpuinfo, re.M)
    present = set(flags.group(1).split()) if flags else set()
    return model.group(1) if model else platform.machine(), [flag for flag in TELLING_FLAGS if flag in present]


def versions():
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES], capture_output=True,
                          text=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


def commit():
    done = subprocess.run(["git", "-C", Path(__file__).parent, "describe", "--always", "--dirty"], capture_output=True,
                          text=True)
    return done.stdout.strip()


def describe():
    model, flags = cpu_of(Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    load = os.getloadavg()
    text = (f"{model}, {os.cpu_count()} cores ({', '.join(flags)}), {memory / (1 << 30):.0f} GiB, Linux "
            f"{platform.release()}; load {load[0]:.1f} before; owrd {commit()}")
    if load[0] > 0.5:
        text += "\nOthers use this machine at the moment: the figures are noisy, look at the ratios."
    return {"text": text, "cpu": model, "flags": flags, "cores": os.cpu_count(), "memory_bytes": memory,
            "kernel": platform.release(), "load": load, "packages": versions(), "commit": commit()}
