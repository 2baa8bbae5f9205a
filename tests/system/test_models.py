"""Real models of every kind, from the collection of ../shared/data when it is there: described, published, fetched,
inspected, judged, audited and exported by the real programs. Nothing of it is run or unpickled."""

import csv
import os
import shutil
from pathlib import Path

from harness import Lab, SystemTest, main, skip_loudly

DATA = Path(os.environ.get("OWRD_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared/data"))

# One file of each kind that runs nothing.
KINDS = {
    "safetensors": "tracel-ai+burn/examples/import-model-weights/weights/mnist.safetensors",
    "gguf": "ollama+ollama/api/data/llama-2-tiny-random.gguf",
    "torch": "huggingface+candle/candle-core/tests/test.pt",
    "numpy": "IBM+adversarial-robustness-toolbox/utils/resources/models/W_DENSE1_IRIS.npy",
    "onnx": "onnx+onnx/onnx/backend/test/data/light/light_resnet50.onnx",
    "hdf5": "Dobiasd+frugally-deep/keras_export/lstm.h5",
    "ggml": "ggml-org+whisper.cpp/models/for-tests-ggml-tiny.bin",
}
ADAPTER = "huggingface+peft/tests/regression/lora_opt-350m/0.6.1"
SKELETON_WEIGHTS = "huggingface+safetensors/samples/e.safetensors"


def index():
    with open(DATA / "INDEX.tsv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


class Models(SystemTest):
    def setUp(self):
        if not (DATA / "INDEX.tsv").exists():
            skip_loudly(f"no collection of real models at {DATA}")
        super().setUp()
        self.lab = Lab(self)

    def directory(self, name, *files):
        directory = self.lab.home / name
        directory.mkdir()
        for file in files:
            self.assertTrue((DATA / file).is_file(), f"{DATA / file} is missing")
            shutil.copyfile(DATA / file, directory / Path(file).name)
        (directory / "LICENSE").write_text("Permission is granted to use this for tests.\n")
        return directory

    def test_each_kind_goes_all_the_way(self):
        reader = self.user("reader", pins=self.lab.bundle, start=True)
        for kind, file in KINDS.items():
            with self.subTest(kind=kind):
                model = self.directory(kind, file)
                self.lab.ok("init", model)
                self.lab.ok("audit", model)
                before = self.lab.ok("inspect", model / Path(file).name, "--json").record()["weights"]
                ref = f"acme/{kind}:1.0.0"
                magnet = self.lab.ok("publish", model, "--as", ref, "--license", "LicenseRef-tests", "-y").out.strip()
                to = reader.home / kind
                reader.ok("get", f"{magnet}&x.pe={self.lab.endpoint()}", "--to", to)
                self.assertEqual((to / Path(file).name).read_bytes(), (DATA / file).read_bytes())
                after = reader.ok("inspect", ref, "--json").record()["weights"]
                self.assertEqual([s["tensors"] for s in after["sets"]], [s["tensors"] for s in before["sets"]])
                self.assertEqual([s["parameters"] for s in after["sets"]], [s["parameters"] for s in before["sets"]])
                reader.ok("audit", ref)
                self.assertEqual(reader.ok("label", ref).out, "none\n")
                self.assertEqual(reader.ok("evaluate", ref, "--json").record()["license"]["verdict"], "unknown")
                reader.ok("openness", ref)
                reader.ok("export", ref, "--format", "cyclonedx", "-o", reader.home / f"{kind}.json")

    def test_an_adapter_says_what_it_was_made_of(self):
        adapter = self.directory("adapter", f"{ADAPTER}/adapter_config.json", f"{ADAPTER}/adapter_model.bin")
        self.lab.ok("init", adapter)
        text = (adapter / "release.toml").read_text()
        self.assertIn('relation = "adapter"', text)
        self.lab.ok("publish", adapter, "--as", "acme/adapter:1.0.0", "--license", "LicenseRef-tests", "-y")
        lineage = self.lab.ok("lineage", "acme/adapter:1.0.0", "--json").record()
        self.assertEqual([parent["relation"] for parent in lineage["derived_from"]], ["adapter"])

    def test_what_does_harm_is_published_by_nobody(self):
        rows = [row for row in index() if row["kind"] == "pickle-vector" and row["local_path"].endswith((".pkl", ".pt"))
                and "benign" not in row["local_path"]]
        self.assertGreater(len(rows), 20)
        for row in rows[::5]:
            with self.subTest(file=row["local_path"]):
                model = self.directory(f"bad-{rows.index(row)}", row["local_path"])
                finished = self.lab.run("publish", model, "--as", f"acme/bad:1.0.{rows.index(row)}", "--license",
                                        "LicenseRef-tests", "-y")
                self.assertIn(finished.code, (17, 64), str(finished))
        self.assertEqual(self.lab.daemon.releases(), [])

    def test_skeletons_are_understood(self):
        """Releases without their weights: what init finds in each, as a table."""
        skeletons = sorted({row["local_path"].split("/")[0] for row in index() if row["kind"] == "release-skeleton"})
        self.assertGreater(len(skeletons), 3)
        print(f"\n{'release':48} {'family':12} {'licence':24} found")
        for name in skeletons:
            with self.subTest(skeleton=name):
                model = self.directory(name, SKELETON_WEIGHTS)
                for file in (DATA / name).iterdir():
                    pointer = file.stat().st_size < 1024 and file.read_bytes().startswith(b"version https://git-lfs")
                    named = file.name.startswith((".", "_")) or file.name.endswith(".index.json")
                    if file.is_file() and not pointer and not named:
                        shutil.copyfile(file, model / file.name)
                found = self.lab.ok("init", model, "--json").record()["found"]
                text = (model / "release.toml").read_text()
                said = {key: next((line.split(" = ", 1)[1].strip('"') for line in text.splitlines()
                                   if line.startswith(f"{key} = ")), "-") for key in ("family", "id")}
                print(f"{name:48} {said['family']:12} {said['id']:24} {len(found)}")
                if (DATA / name / "config.json").exists():
                    self.assertNotEqual(said["family"], "-")


if __name__ == "__main__":
    main()
