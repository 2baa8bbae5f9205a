"""The release process: what a release says of itself, what owrd computes of it, the audit, the terms, the stages."""

import hashlib
import json
import re
from pathlib import Path

from harness import Lab, SystemTest, main

REF = "acme/atlas:1.0.0"
# os.system("true"), which nothing here ever runs.
PICKLE = b"cos\nsystem\n(S'true'\ntR."
# Llama's terms ask to be accepted.
TERMS = "LicenseRef-hf-llama3.1"


class ProcessTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)

    def publish(self, model, ref=REF, *arguments):
        """Publishes by release.toml; gives the magnet link, which knows where the lab is."""
        magnet = self.lab.ok("publish", model, "--as", ref, "-y", *arguments).out.strip()
        return f"{magnet}&x.pe={self.lab.endpoint()}"

    def copy_of(self, model, name):
        """What a release was made of, in a directory of its own."""
        copy = self.lab.home / name
        copy.mkdir()
        for file in model.iterdir():
            if file.suffix != ".owrd":
                (copy / file.name).write_bytes(file.read_bytes())
        return copy

    def reader(self, name="user"):
        """Somebody who knows all that the lab has said so far."""
        bundle = self.lab.home / f"for-{name}.owrp"
        self.lab.ok("publisher", "export", "acme", "-o", bundle)
        return self.user(name, pins=bundle, start=True)


class Said(ProcessTest):
    """What is written into release.toml is signed, shown and computed from."""

    def setUp(self):
        super().setUp()
        self.model = self.lab.model()
        self.file = self.model / "release.toml"

    def fill(self, **values):
        """Uncomments keys at the top of release.toml."""
        text = self.file.read_text()
        for key, value in values.items():
            text, count = re.subn(rf"(?m)^#?{key} = .*$", f"{key} = {json.dumps(value)}", text, count=1)
            self.assertEqual(count, 1, f"{key} is not offered:\n{text[:3000]}")
        self.file.write_text(text)

    def test_init_fills_in_what_is_there_and_publish_signs_it(self):
        record = self.lab.ok("init", self.model, "--json").record()
        self.assertEqual(record["path"], str(self.file))
        self.assertTrue(any("config.json" in line for line in record["found"]), record)
        text = self.file.read_text()
        for line in ('family = "atlas"', 'id = "Apache-2.0"'):
            self.assertIn(line, text)
        self.lab.fails("failure", "init", self.model, says=["is there already"])

        self.fill(summary="A model of no use")
        magnet = self.publish(self.model)
        shown = self.lab.ok("inspect", REF, "--json").record()
        self.assertEqual(shown["manifest"]["summary"], "A model of no use")
        self.assertEqual(shown["manifest"]["architecture"]["family"], "atlas")
        self.assertEqual(shown["weights"]["sets"][0]["format"], "safetensors")
        self.assertEqual(shown["manifest"]["audits"][0]["result"], "AUDIT_RESULT_PASS")
        self.assertNotIn("release.toml", [f.name for f in (self.model).iterdir() if f.suffix == ".owrd"])
        plain = self.lab.ok("inspect", REF).out
        self.assertIn("recipe  not provided", plain)

        reader = self.reader()
        to = reader.home / "atlas"
        reader.ok("get", magnet, "--to", to)
        self.assertFalse((to / "release.toml").exists())
        listed = (to / "tensors.owrd").read_bytes()
        (to / "tensors.owrd").write_bytes(listed[:-1] + bytes([listed[-1] ^ 1]))
        reader.fails("bad-content", "inspect", REF, says=["not the list that was signed"])
        (to / "tensors.owrd").write_bytes(listed)
        # The digests of tensors are those of their bytes.
        tensors = reader.ok("inspect", REF, "--tensors", "--json").record()["weights"]["tensors"]
        self.assertEqual(len(tensors), 4)
        for tensor in tensors:
            data = (to / tensor["file"]).read_bytes()[tensor["begin"]:tensor["end"]]
            self.assertEqual(hashlib.sha256(data).hexdigest(), tensor["sha256"])

    def test_contradictions_are_refused_by_name(self):
        self.lab.ok("init", self.model)
        text = self.file.read_text()
        for change, says in (
                (("summary", 'summary = "x"\nmodle = "atlas"'), "modle"),
                (("parameters_total", "parameters_total = 7_000_000_000"), "parameter count"),
                (("specification_path", 'specification_path = "missing.md"'), "architecture.specification_path"),
                (("stated_label", 'stated_label = "OM-OD-OW"'), "label"),
        ):
            with self.subTest(change=change[0]):
                changed, count = re.subn(rf"(?m)^#?{change[0]} = .*$", change[1], text, count=1)
                self.assertEqual(count, 1)
                self.file.write_text(changed)
                self.lab.fails("usage", "publish", self.model, "--as", REF, "-y", says=[says])
        self.file.write_text(text)
        self.lab.fails("usage", "publish", self.model, "--as", "acme/atlas:1.0.0", "--license", "MIT", "-y",
                       says=["licence"])
        self.assertEqual(self.lab.daemon.releases(), [])

    def test_what_is_computed(self):
        self.lab.ok("init", self.model)
        self.publish(self.model)
        axes = self.lab.ok("evaluate", REF, "--json").record()
        self.assertEqual(axes["license"]["verdict"], "permissive")
        self.assertEqual({axes[axis]["verdict"] for axis in ("data", "code", "use")}, {"not stated"})
        self.assertNotIn("total", axes)
        self.assertEqual(self.lab.ok("label", REF).out, "none\n")
        why = self.lab.ok("label", REF, "--why").out
        self.assertIn("OM-OW lacks", why)
        badge = self.lab.home / "label.svg"
        self.lab.ok("label", REF, "--svg", badge)
        first = badge.read_bytes()
        self.lab.ok("label", REF, "--svg", badge)
        self.assertEqual(badge.read_bytes(), first)
        openness = self.lab.ok("openness", REF)
        self.assertNotIn("open source", openness.out.lower())
        self.assertIn("open weight", openness.out)
        self.assertIn("Apache-2.0", self.lab.ok("lineage", REF).out)
        cited = self.lab.ok("cite", REF, "--json").record()
        self.assertIn(cited["release_id"], cited["text"])
        self.assertIn(cited["release_id"], self.lab.ok("cite", REF, "--bibtex").out)
        self.assertEqual(self.lab.ok("license", "check", REF).out, "permissive\n")

    def test_a_release_elsewhere_is_inspected_by_its_list_alone(self):
        magnet = self.lab.publish(self.model, REF) + f"&x.pe={self.lab.endpoint()}"
        reader = self.reader()
        shown = reader.ok("inspect", magnet, "--tensors", "--json").record()
        self.assertEqual(len(shown["weights"]["tensors"]), 4)
        self.assertEqual(reader.daemon.releases(), [], "something of it stays")
        self.assertEqual(list(reader.store.rglob("*.safetensors")), [])


    def test_looking_takes_away_nothing_that_was_there(self):
        magnet = self.lab.publish(self.model, REF) + f"&x.pe={self.lab.endpoint()}"
        reader = self.reader()
        reader.ok("get", magnet)
        files = Path(reader.daemon.release(REF)["directory"])
        reader.ok("inspect", magnet, "--tensors")
        reader.ok("license", "show", magnet)
        reader.ok("evaluate", magnet)
        reader.ok("verify", REF)
        self.assertEqual(len(list(files.glob("*.safetensors"))), 2)

        # Of one that is here in part, what is looked at is added, and the rest stays.
        partial = self.user("partial", pins=self.lab.bundle, start=True)
        partial.ok("get", magnet, "--include", "*.safetensors")
        files = Path(partial.daemon.release(REF)["directory"])
        partial.run("license", "show", REF)
        partial.run("inspect", REF)
        partial.run("license", "show", magnet)
        partial.run("inspect", magnet)
        self.assertEqual(len(list(files.glob("*.safetensors"))), 2)
        partial.ok("verify", REF)


class Audit(ProcessTest):
    def setUp(self):
        super().setUp()
        self.model = self.lab.model()
        (self.model / "extra.pkl").write_bytes(PICKLE)
        self.lab.ok("init", self.model)

    def test_what_could_run_is_refused_on_both_sides_unless_it_is_let_through(self):
        self.lab.fails("unsafe", "publish", self.model, "--as", REF, "-y", says=["extra.pkl", "pickle.dangerous"],
                       hint="--allow pickle")
        self.lab.fails("usage", "publish", self.model, "--as", REF, "-y", "--allow", "pickle", says=["reason"])
        magnet = self.publish(self.model, REF, "--allow", "pickle", "--reason", "it is a test")
        manifest = self.lab.ok("inspect", REF, "--json").record()["manifest"]
        self.assertEqual(manifest["audits"][0]["allowed_formats"], ["pickle"])
        self.assertEqual(manifest["audits"][0]["override_reason"], "it is a test")

        reader = self.reader()
        to = reader.home / "atlas"
        reader.fails("unsafe", "get", magnet, "--to", to, says=["extra.pkl"], hint="--allow pickle")
        self.assertEqual([p for p in to.rglob("*.pkl") if ".owrd-partial" not in p.parts], [])
        self.assertEqual([p for p in to.rglob("*.safetensors") if ".owrd-partial" not in p.parts], [])
        reader.ok("get", magnet, "--to", to, "--allow", "pickle")
        self.assertEqual((to / "extra.pkl").read_bytes(), PICKLE)
        reader.fails("unsafe", "audit", REF, says=["extra.pkl"], prints=True)
        reader.ok("audit", REF, "--allow", "pickle")

    def test_a_directory_or_a_file(self):
        findings = self.lab.run("audit", self.model, "--json").record()["findings"]
        self.assertEqual([(f["path"], f["rule"]) for f in findings], [("extra.pkl", "pickle.dangerous")])
        self.lab.fails("unsafe", "audit", self.model / "extra.pkl", says=["pickle.dangerous"], prints=True)
        self.lab.ok("audit", next(self.model.glob("*.safetensors")))


class Terms(ProcessTest):
    def test_terms_are_shown_accepted_and_remembered(self):
        model = self.lab.model()
        text = b"These are the terms.\n"
        (model / "LICENSE").write_bytes(text)
        (model / "README.md").write_text("# Atlas\n")
        magnet = self.publish(model, REF, "--license", TERMS)
        reader = self.reader()
        to = reader.home / "atlas"
        digest = hashlib.sha256(text).hexdigest()
        reader.fails("not-accepted", "get", magnet, "--to", to, says=[TERMS], hint=f"--accept-license sha256:{digest}")
        self.assertFalse(to.exists())
        shown = reader.ok("license", "show", magnet, "--json").record()
        self.assertEqual((shown["digest"], shown["text"]), (digest, text.decode()))
        self.assertEqual(reader.daemon.releases(), [])
        reader.fails("not-accepted", "get", magnet, "--to", to, "--accept-license", "sha256:" + "0" * 64,
                     says=["may have changed"])
        reader.ok("get", magnet, "--to", to, "--accept-license", f"sha256:{digest}")
        accepted = reader.ok("license", "ls", "--json").records()
        self.assertEqual([(each["digest"], each["ref"]) for each in accepted], [(digest, REF)])

        # The same terms of another release are known; changed ones are asked for again.
        model = self.copy_of(model, "again")
        (model / "note.txt").write_text("new")
        again = self.publish(model, "acme/atlas:1.1.0", "--license", TERMS)
        reader.ok("get", again)
        model = self.copy_of(model, "changed")
        (model / "LICENSE").write_bytes(b"These are other terms.\n")
        changed = self.publish(model, "acme/atlas:1.2.0", "--license", TERMS)
        reader.fails("not-accepted", "get", changed)


class Stages(ProcessTest):
    def test_a_name_stands_for_what_is_public(self):
        model = self.lab.model()
        self.lab.ok("init", model)
        self.publish(model)
        toml = model / "release.toml"
        early = self.copy_of(model, "early")
        text, count = re.subn(r"(?m)^#stage = .*$", 'stage = "pre-release"', toml.read_text(), count=1)
        self.assertEqual(count, 1)
        (early / "release.toml").write_text(text)
        self.publish(early, "acme/atlas:2.0.0")

        def latest(*arguments):
            plan = self.lab.ok("get", "acme/atlas", "-n", "--json", *arguments).records()[0]
            return plan["ref"]

        self.assertEqual(latest(), REF)
        self.assertEqual(latest("--pre"), "acme/atlas:2.0.0")
        listed = {each["version"]: each["stage"] for each in self.lab.ok("release", "ls", "acme", "--json").records()}
        self.assertEqual(listed, {"1.0.0": "public", "2.0.0": "pre-release"})
        self.lab.ok("release", "promote", "acme/atlas:2.0.0", "--to", "staged", "-y")
        self.assertEqual(latest(), REF)
        self.lab.ok("release", "promote", "acme/atlas:2.0.0", "--to", "public", "-y")
        self.assertEqual(latest(), "acme/atlas:2.0.0")
        self.lab.fails("usage", "release", "promote", "acme/atlas:2.0.0", "--to", "staged", "-y", says=["cannot become staged"])
        self.lab.ok("release", "promote", "acme/atlas:2.0.0", "--to", "deprecated", "-y")
        self.assertEqual(latest(), REF)


class Exports(ProcessTest):
    def test_each_format_is_written(self):
        model = self.lab.model()
        self.lab.ok("init", model)
        self.publish(model)
        for name in ("dsse", "intoto", "hf-card", "mof", "cyclonedx", "spdx", "sha256sums"):
            with self.subTest(format=name):
                file = self.lab.home / f"{name}.out"
                self.lab.ok("export", REF, "--format", name, "-o", file)
                self.assertGreater(file.stat().st_size, 100)
                if name in ("dsse", "cyclonedx", "spdx"):
                    json.loads(file.read_text())
        for name in ("oms", "minisign"):
            self.lab.fails("usage", "export", REF, "--format", name, says=["key"])
            self.lab.ok("export", REF, "--format", name, "--key", "acme-key", "-o", self.lab.home / name)
        sums = (self.lab.home / "sha256sums.out").read_text().splitlines()
        for line in sums:
            digest, path = line.split("  ", 1)
            self.assertEqual(hashlib.sha256((model / path).read_bytes()).hexdigest(), digest)


if __name__ == "__main__":
    main()
