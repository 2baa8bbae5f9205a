"""Names: a release found by its publisher's name alone, through the DHT, without any server."""

import base64

import forge
from harness import Lab, SystemTest, main, wait_for

DHT = """
[store]
reserve_free = "0"

[network]
listen = ["127.0.0.1:0"]
dht = true
dht_bootstrap = [{bootstrap}]
lsd = false
upnp = false
"""


class NamesTest(SystemTest):
    """A network of DHT nodes on loopback: one that only routes, the lab's, and users'."""

    def setUp(self):
        super().setUp()
        self.hub = self.user("hub", config=DHT.format(bootstrap=""))
        self.hub.start()
        self.node = self.hub.daemon.endpoint()
        self.config = DHT.format(bootstrap=f'"{self.node}"')
        self.lab = Lab(self, config=self.config)
        self.identity = self.lab.bundle  # Before anything was published.

    def reader(self, name="reader", start=True):
        return self.user(name, pins=self.identity, start=start, config=self.config)

    def publish(self, version, seed=1):
        model = self.lab.model(f"atlas-{version}", megabytes=0.3, seed=seed)
        self.lab.publish(model, f"acme/atlas:{version}")
        return model

    def refreshed(self, person):
        """The publisher's record, once the newest head of the lab has come."""
        newest = self.lab.daemon.rpc.call("Publishers/List")["publishers"][0]["headSequence"]

        def has_come():
            person.run("publisher", "refresh", "acme")
            record = person.daemon.rpc.call("Publishers/List")["publishers"][0]
            return record if record.get("headSequence") == newest else None
        return wait_for(has_come, f"head {newest} does not come")

    def get(self, person, name, *arguments):
        return person.ok("get", name, "--timeout", "60s", "--json", *arguments).records()


class Names(NamesTest):
    def test_a_name_is_all_that_is_needed(self):
        first = self.publish("1.0.0")
        reader = self.reader()
        self.refreshed(reader)
        self.get(reader, "acme/atlas")
        release = reader.daemon.release("acme/atlas:1.0.0")
        self.assert_same_files(first, release["directory"])
        second = self.publish("1.1.0", seed=2)
        self.publish("2.0.0-rc.1", seed=3)
        self.refreshed(reader)
        self.get(reader, "acme/atlas:1")
        self.assert_same_files(second, reader.daemon.release("acme/atlas:1.1.0")["directory"])

    def test_followers_carry_on_when_the_lab_is_gone(self):
        model = self.publish("1.0.0")
        mirror = self.reader("mirror")
        self.refreshed(mirror)
        self.get(mirror, "acme/atlas")
        self.lab.daemon.stop()
        late = self.reader("late")
        self.get(late, "acme/atlas")
        self.assert_same_files(model, late.daemon.release("acme/atlas:1.0.0")["directory"])

    def test_a_rotation_is_followed_by_who_slept_through_it(self):
        self.publish("1.0.0")
        self.lab.ok("key", "new", "second-key")
        self.lab.ok("publisher", "rotate", "acme", "--add-release-key", "second-key", "--remove-release-key", "acme-key",
                    "-y")
        model = self.lab.model("atlas-2", megabytes=0.3, seed=2)
        self.lab.publish(model, "acme/atlas:2.0.0", "--key", "second-key")
        reader = self.reader()
        self.refreshed(reader)
        shown = reader.ok("publisher", "show", "acme", "--json").records()[0]
        self.assertEqual(shown["root_version"], 2)
        self.get(reader, "acme/atlas:2")
        self.get(reader, "acme/atlas:1.0.0")  # What the retired key signed stays believed.
        self.assert_same_files(model, reader.daemon.release("acme/atlas:2.0.0")["directory"])


    def test_new_online_keys_are_found_where_the_old_ones_were(self):
        self.publish("1.0.0")
        before = self.lab.daemon.rpc.call("Publishers/List")["publishers"][0]
        self.lab.ok("publisher", "rotate", "acme", "--new-online-keys", "-y")
        now = self.lab.daemon.rpc.call("Publishers/List")["publishers"][0]
        self.assertEqual(len(now["locatorKeys"]), 3)
        self.assertFalse(set(before["locatorKeys"]) & set(now["locatorKeys"]))
        self.publish("2.0.0", seed=2)
        reader = self.reader()
        self.assertEqual(self.refreshed(reader)["locatorKeys"], now["locatorKeys"])
        self.get(reader, "acme/atlas:2.0.0")


class Says(NamesTest):
    """What a publisher says of its releases later, and what becomes of it."""

    def setUp(self):
        super().setUp()
        self.publish("1.0.0")
        self.publish("1.1.0", seed=2)
        self.person = self.reader()

    def resolved(self, name):
        self.refreshed(self.person)
        return self.person.daemon.rpc.call("Names/Resolve", {"ref": name})["release"]["ref"]

    def say(self, verb, version, text="it is broken"):
        self.lab.ok("release", verb, f"acme/atlas:{version}", "--reason", "defect", "--text", text, "--key", "acme-key",
                    "-y")

    def test_channels_move(self):
        self.lab.ok("channel", "set", "acme/atlas:stable", "1.0.0")
        self.assertEqual(self.resolved("acme/atlas:stable"), "acme/atlas:1.0.0")
        self.assertEqual(self.resolved("atlas"), "acme/atlas:1.1.0")
        self.lab.ok("channel", "set", "acme/atlas:stable", "1.1.0")
        self.assertEqual(self.resolved("acme/atlas:stable"), "acme/atlas:1.1.0")
        found = self.person.ok("search", "atl", "1.1", "--json").records()
        self.assertEqual([each["ref"] for each in found], ["acme/atlas:1.1.0"])

    def test_a_yanked_release_is_passed_over_and_still_to_be_had(self):
        self.say("yank", "1.1.0")
        self.assertEqual(self.resolved("acme/atlas"), "acme/atlas:1.0.0")
        done = self.person.ok("get", "acme/atlas:1.1.0", "--timeout", "60s")
        self.assertIn("was yanked (defect: \"it is broken\")", done.err)
        self.say("unyank", "1.1.0")
        self.assertEqual(self.resolved("acme/atlas"), "acme/atlas:1.1.0")

    def test_a_withdrawn_release_is_refused_and_not_seeded(self):
        self.get(self.person, "acme/atlas:1.1.0")
        self.person.daemon.wait_for_state("acme/atlas:1.1.0", "SEEDING")
        self.say("withdraw", "1.1.0")
        self.refreshed(self.person)
        self.person.daemon.wait_for_state("acme/atlas:1.1.0", "COMPLETE")
        late = self.reader("late")
        self.refreshed(late)
        late.fails("untrusted", "get", "acme/atlas:1.1.0", says="withdrawn by its publisher")
        # Whoever seeds it again, and whoever takes it, knows what they do.
        self.person.ok("seed", "acme/atlas:1.1.0")
        self.get(late, "acme/atlas:1.1.0", "--accept-withdrawn", "defect")


class Mirrors(NamesTest):
    def test_who_asks_for_attestations_gets_them(self):
        self.publish("1.0.0")
        mirror = self.reader("mirror")
        self.refreshed(mirror)
        self.get(mirror, "acme/atlas")
        key = mirror.ok("mirror", "key").out.strip()
        late = self.reader("late")
        self.refreshed(late)
        late.ok("mirror", "add", "uni", key)
        late.fails("untrusted", "get", "acme/atlas", "--require-attestations", "1", "--timeout", "60s",
                   says="attested by 0 of the 1 mirrors")
        mirror.ok("attest", "acme/atlas:1.0.0")
        wait_for(lambda: late.run("get", "acme/atlas", "--require-attestations", "1", "--from", "uni", "--timeout",
                                  "60s").code == 0, "the attestation does not come")

    def hands_on_attestations(self):
        """Whether the lab's .owrp has a file of them (field 8 of a Bundle)."""
        bundle = base64.b64decode(self.lab.daemon.rpc.call("Publishers/Show", {"name": "acme"})["bundle"])
        return any(number == 8 for number, _ in forge.fields_of(bundle[len(forge.BUNDLE_MAGIC):]))

    def test_they_come_with_the_feed_of_a_publisher_that_counts_the_mirror(self):
        model = self.publish("1.0.0")
        mirror = self.reader("mirror")
        self.refreshed(mirror)
        self.get(mirror, "acme/atlas")
        key = mirror.ok("mirror", "key").out.strip()
        self.lab.ok("mirror", "add", "uni", key)
        mirror.ok("attest", "acme/atlas:1.0.0")
        attested = {"ref": "acme/atlas:1.0.0"}
        wait_for(lambda: self.lab.daemon.rpc.call("Mirrors/Attestations", attested).get("attestations"),
                 "the lab does not hear of the attestation")
        wait_for(self.hands_on_attestations, "the lab does not hand it on")
        # Nobody but the lab is left to say so, and nobody has joined the release's swarm yet.
        mirror.daemon.stop()
        late = self.reader("late")
        late.ok("mirror", "add", "uni", key)
        self.refreshed(late)
        told, = late.daemon.rpc.call("Mirrors/Attestations", attested)["attestations"]
        self.assertEqual(told["mirror"]["name"], "uni")
        self.assertEqual(late.daemon.releases(), [])
        self.get(late, "acme/atlas", "--require-attestations", "1", "--from", "uni")
        self.assert_same_files(model, late.daemon.release("acme/atlas:1.0.0")["directory"])
        # It is one mirror's word, and no other's.
        late.fails("untrusted", "get", "acme/atlas", "--to", late.home / "again", "--require-attestations", "2",
                   says="2 mirrors are to attest it, but only 1 could")
        late.fails("not-found", "get", "acme/atlas", "--to", late.home / "again", "--require-attestations", "1",
                   "--from", "nord", says='no mirror "nord" is pinned here')


if __name__ == "__main__":
    main()
