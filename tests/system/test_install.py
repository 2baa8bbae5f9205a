"""Installing: everything goes where Debian expects it, and systemd finds nothing to complain about."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import wait_for

BUILD = Path(os.environ["OWRD_BUILD_DIR"])
EXPECTED = """
etc/owrd/owrd.toml
usr/bin/owrd
usr/bin/owrdd
usr/libexec/owrd/owrd-swarm
usr/lib/systemd/system/owrd-ro.socket
usr/lib/systemd/system/owrd.service
usr/lib/systemd/system/owrd.socket
usr/lib/systemd/user/owrd.service
usr/lib/systemd/user/owrd.socket
usr/lib/sysusers.d/owrd.conf
usr/lib/tmpfiles.d/owrd.conf
usr/share/bash-completion/completions/owrd
usr/share/doc/owrd/CHANGELOG.md
usr/share/doc/owrd/LICENSE
usr/share/doc/owrd/README.md
usr/share/fish/vendor_completions.d/owrd.fish
usr/share/zsh/vendor-completions/_owrd
""".split()


def need(program):
    found = shutil.which(program)
    if not found:
        print(f"\n*** SKIPPED: {program} is not installed", file=sys.stderr, flush=True)
        raise unittest.SkipTest(f"{program} is not installed")
    return found


class Install(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="owrd-install-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.install()

    def install(self, prefix="/usr"):
        subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL, env=os.environ | {"DESTDIR": str(self.root)})

    def test_everything_has_its_place_and_nothing_else_comes(self):
        found = sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())
        self.assertEqual(found, sorted(EXPECTED))
        for program in ("usr/bin/owrd", "usr/bin/owrdd", "usr/libexec/owrd/owrd-swarm"):
            self.assertTrue(os.access(self.root / program, os.X_OK))

    def test_installed_programs_find_each_other(self):
        # owrd finds owrdd, which ends with it; and owrdd finds owrd-swarm, or would not say where it listens.
        home = self.root / "h"
        (home / "owrd").mkdir(parents=True)
        (home / "owrd/owrd.toml").write_text('[network]\nlisten = ["127.0.0.1:0"]\ndht = false\nlsd = false\n')
        environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": "/bin"}
        programs = self.root / "usr/bin"
        listed = subprocess.run([programs / "owrd", "ls"], capture_output=True, text=True, env=environment)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        daemon = subprocess.Popen([programs / "owrdd"], env=environment, stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)

        def listening():
            status = subprocess.run([programs / "owrd", "status", "--json"], capture_output=True, text=True,
                                    env=environment)
            return status.returncode == 0 and json.loads(status.stdout)["listening"]
        wait_for(listening, "the installed daemon does not listen")

    def test_a_changed_configuration_is_kept(self):
        config = self.root / "etc/owrd/owrd.toml"
        config.write_text("# mine\n")
        self.install()
        self.assertEqual(config.read_text(), "# mine\n")

    def test_another_prefix_is_in_the_units_too(self):
        self.install("/opt/owrd")
        unit = (self.root / "opt/owrd/lib/systemd/system/owrd.service").read_text()
        self.assertIn("ExecStart=/opt/owrd/bin/owrdd --system\n", unit)
        self.assertTrue((self.root / "opt/owrd/etc/owrd/owrd.toml").exists())

    def test_the_service_is_confined(self):
        need("systemd-analyze")
        for unit in ("system/owrd.service",):
            finished = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20",
                                       self.root / "usr/lib/systemd" / unit], capture_output=True, text=True)
            self.assertEqual(finished.returncode, 0, finished.stdout + finished.stderr)

    def test_systemd_understands_the_units(self):
        need("systemd-analyze")
        for kind in ("system", "user"):
            # The programs are not at their final place: what they are called is another test's matter.
            units = self.root / kind
            units.mkdir()
            for unit in (self.root / "usr/lib/systemd" / kind).iterdir():
                text = re.sub(r"/usr/bin/owrdd", "/bin/true", unit.read_text())
                (units / unit.name).write_text(text)
            finished = subprocess.run(["systemd-analyze", "verify", "--man=no", "--" + kind, *sorted(units.iterdir())],
                                      capture_output=True, text=True,
                                      env=os.environ | {"XDG_RUNTIME_DIR": str(self.root), "HOME": str(self.root)})
            said = [line for line in finished.stderr.splitlines() if "owrd" in line]
            self.assertEqual((finished.returncode, said), (0, []), finished.stderr)

    def test_users_and_directories(self):
        for program, file in (("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")):
            need(program)
        subprocess.run(["systemd-sysusers", f"--root={self.root}"], check=True, capture_output=True)
        passwd = (self.root / "etc/passwd").read_text()
        self.assertIn("owrd:x:", passwd)
        self.assertIn("/var/lib/owrd", passwd)
        subprocess.run(["systemd-tmpfiles", f"--root={self.root}", "--create"], check=True, capture_output=True)
        self.assertTrue((self.root / "var/lib/owrd").is_dir())


if __name__ == "__main__":
    unittest.main(verbosity=2)
