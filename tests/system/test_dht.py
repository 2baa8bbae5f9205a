"""DHT nodes that lie, and places in the DHT that somebody else has taken: the newest head comes through, nobody is misled,
and what was wrong is said."""

import os
import re
import signal
import time

import forge
import hostile_dht as dht
from harness import Lab, SystemTest, main, skip_loudly, wait_for
from test_names import DHT

# A fresh look-up among silent nodes waits for each of them, and there may be several after each other.
LOOKUP_PATIENCE = 150


class DhtTest(SystemTest):
    """A lab and readers who know only nodes of ours."""

    NODES = 6
    LAB = {}

    def setUp(self):
        super().setUp()
        self.network = dht.Network(self, self.NODES)
        self.config = DHT.format(bootstrap=f'"{self.network.router.endpoint}"')
        self.lab = Lab(self, config=self.config, **self.LAB)
        self.identity = self.lab.bundle

    def reader(self, name="reader", start=True):
        return self.user(name, pins=self.identity, start=start, config=self.config)

    def record(self, person):
        return person.daemon.rpc.call("Publishers/List")["publishers"][0]

    def locators(self):
        """The targets of the publisher's slots, in the order of its root."""
        return [dht.target_of(bytes.fromhex(key), dht.HEAD_SALT) for key in self.record(self.lab)["locatorKeys"]]

    def settled(self):
        """The newest items of the lab by target, once the nodes hold them."""
        newest = int(self.record(self.lab)["headSequence"])
        targets = self.locators()

        def all_there():
            items = {target: self.network.newest(target) for target in targets}
            return items if all(item and item[b"seq"] == newest for item in items.values()) else None
        return wait_for(all_there, f"head {newest} is not put into the DHT\n{self.lab.daemon.log_text()[-2000:]}")

    def publish(self, version, seed=1):
        model = self.lab.model(f"atlas-{version}", megabytes=0.3, seed=seed)
        self.lab.publish(model, f"acme/atlas:{version}")
        return model

    def refresh(self, person, code=0):
        """What each source answered, by its name; and the publisher's record in the end."""
        finished = person.run("publisher", "refresh", "acme", "--json", code=code, timeout=LOOKUP_PATIENCE)
        records = finished.records()
        sources = {record["source"]: record for record in records if record["type"] == "source"}
        return sources, self.record(person), finished

    def refreshed(self, person, sequence):
        """Asks until that head is there: the DHT may need a moment to be found, and a feed to come."""
        def has_come():
            return int(self.refresh(person, code=None)[1].get("headSequence", 0)) == sequence
        wait_for(has_come, f"head {sequence} does not come")

    @staticmethod
    def of_dht(sources):
        return {name: answer for name, answer in sources.items() if name.startswith("dht")}

    def assert_says(self, sources, problem):
        """The same of each slot."""
        self.assertTrue(sources)
        for source, record in sources.items():
            self.assertRegex(source, r"^dht(, slot \d)?$")
            self.assertEqual(record["problem"], problem, sources)


def liars(old, new, stranger):
    """By what they show to everybody who asks for a head; none of them has a locator's key."""
    far = 2**53 + 1

    def by_target(items):
        return lambda target, held: items.get(target, held)

    def changed(change):
        return by_target({target: change(item) for target, item in new.items()})

    def of_stranger(item):
        payload = dht.head_payload(b"\1" * 32, item[b"seq"] + 7, int(time.time()))
        envelope = forge.envelope(dht.HEAD, payload, stranger)
        return dht.signed_item(stranger, dht.HEAD_SALT, item[b"seq"] + 7, dht.head_value(envelope))
    return {
        "nothing": by_target(dict.fromkeys(new)),
        "stale": by_target(old),
        "forged": changed(lambda item: item | {b"seq": item[b"seq"] + 1}),
        "another key": changed(of_stranger),
        "another key's head": changed(lambda item: of_stranger(item) | {b"k": item[b"k"]}),
        "oversized": changed(lambda item: item | {b"v": item[b"v"] | {b"x": bytes(1200)}}),
        "malleated": changed(dht.malleated),
        "far": changed(lambda item: item | {b"seq": far}),
        "silent": by_target(dict.fromkeys(new, dht.SILENCE)),
    }


class HostileNodes(DhtTest):
    """They show what they want, but hold no key of the publisher."""

    # All are asked: a look-up is over with the eight nearest that answer. One is silent, and the lab's may be found too.
    NODES = 8

    def setUp(self):
        super().setUp()
        self.publish("1.0.0")
        self.old = self.settled()
        self.person = self.reader()
        self.refreshed(self.person, self.sequence_of(self.old))
        # What its peers would tell it is not what is tested here.
        self.person.daemon.stop()
        self.newest = self.publish("1.1.0", seed=2)
        self.new = self.settled()
        self.liars = liars(self.old, self.new, forge.SigningKey())

    @staticmethod
    def sequence_of(items):
        sequence, = {item[b"seq"] for item in items.values()}
        return sequence

    def test_one_honest_node_among_them_is_enough(self):
        honest = next(node for node in self.network.nodes
                      if all(node.items.get(target) == item for target, item in self.new.items()))
        hostile = [node for node in self.network.nodes if node is not honest]
        kinds = [kind for kind in self.liars if kind not in ("another key", "far")]
        self.assertEqual(len(hostile), len(kinds))
        for node, kind in zip(hostile, kinds):
            self.network.lie(self.liars[kind], [node])
        self.network.forget_gets()
        # It speaks last.
        honest.holds = {target: hostile for target in self.new}
        sequence = self.sequence_of(self.new)
        person = self.reader("newcomer")
        sources, record, finished = self.refresh(person)
        for node, kind in zip(hostile, kinds):
            for target in self.new:
                self.assertGreater(node.gets.get(target, 0), 0, f"the node that shows {kind} was not asked")
        self.assertEqual(int(record["headSequence"]), sequence, str(finished))
        self.assert_says(self.of_dht(sources), None)
        self.assertEqual({each["sequence"] for each in self.of_dht(sources).values()}, {sequence}, str(finished))
        self.assertEqual((record["freshness"], record.get("evidence", 0), record["rootVersion"]),
                         ("FRESHNESS_FRESH", 0, "1"))
        person.ok("get", "acme/atlas", "--timeout", "60s")
        self.assert_same_files(self.newest, person.daemon.release("acme/atlas:1.1.0")["directory"])

    def test_without_an_honest_node_nothing_is_believed_that_is_not_true(self):
        old, new = self.sequence_of(self.old), self.sequence_of(self.new)
        self.lab.daemon.stop()
        self.network.lie(self.liars["nothing"])
        self.person.start()
        for kind in ("nothing", "forged", "another key", "another key's head", "oversized", "far", "silent"):
            with self.subTest(kind=kind):
                self.network.lie(self.liars[kind])
                sources, record, finished = self.refresh(self.person, code="no-sources")
                self.assert_says(sources, "nothing was found there")
                self.assertIn("no source gave a head that holds: acme", finished.err)
                self.assertEqual(int(record["headSequence"]), old, str(finished))
        # What is old and known is no news, and no lie either.
        self.network.lie(self.liars["stale"])
        sources, record, _ = self.refresh(self.person)
        self.assert_says(sources, None)
        self.assertEqual({(each["sequence"], each["news"]) for each in sources.values()}, {(old, False)})
        # Everybody can make this signature of a good one: what it signs is true.
        self.network.lie(self.liars["malleated"])
        self.lab.start()
        self.refreshed(self.person, new)
        # Its node would show what is new.
        self.lab.daemon.stop()
        self.network.lie(self.liars["stale"])
        sources, record, _ = self.refresh(self.person, code="no-sources")
        self.assert_says(self.of_dht(sources), f"older than head {new}, which is known")
        self.assertEqual(int(record["headSequence"]), new)
        self.assertEqual(record.get("evidence", 0), 0)


class CapturedSlot(DhtTest):
    """The key of one locator was stolen: under it stands whatever the thief says, always newer than what the lab puts."""

    def setUp(self):
        super().setUp()
        keys = self.record(self.lab)["locatorKeys"]
        if len(keys) < 2:
            skip_loudly("the root has one locator: when its slot is captured, there is no other in the DHT")
        self.publish("1.0.0")
        self.old = self.settled()
        self.slot = len(keys)
        self.target = self.locators()[-1]
        self.thief = next(key for key in map(forge.SigningKey.of_file, (self.lab.store / "keys").glob("locator-*.key"))
                          if key.public.hex() == keys[-1])
        self.stranger = forge.SigningKey()
        self.later = 2**52

    def next(self):
        """Nodes keep what they have seen under a number."""
        self.later += 1
        return self.later

    def item(self, value, sequence=None):
        return dht.signed_item(self.thief, dht.HEAD_SALT, sequence or self.next(), value)

    def head_value(self, sequence, key_id=None, publisher_id=None, **what):
        """A head that only its maker believes."""
        own_id, self.stranger.id = self.stranger.id, key_id or self.stranger.id
        payload = dht.head_payload(publisher_id or self.publisher_id(), sequence, int(time.time()), **what)
        envelope = forge.envelope(dht.HEAD, payload, self.stranger)
        self.stranger.id = own_id
        return dht.head_value(envelope)

    def head_item(self, sequence=None, **what):
        sequence = sequence or self.next()
        return self.item(self.head_value(sequence, **what), sequence)

    def publisher_id(self):
        return bytes.fromhex(self.record(self.lab)["id"])

    def captures(self):
        """By what it is: what the thief shows, and what is said of it."""
        genuine = self.old[self.target]
        head_key_id = forge.key_id_of(bytes.fromhex(self.record(self.lab)["headKey"]))
        fingerprint = " ".join(re.findall("....", self.stranger.id.hex().upper()[:16]))
        root = "root version 1 of acme"
        beyond = 2**53 + 1
        return {
            # Nobody's libtorrent takes it: what is seen is what others still hold.
            "a value that is too long":
                (self.item(genuine[b"v"] | {b"x": bytes(1100)}),
                 re.compile(r"^(nothing was found there|older than head \d+, which is known)$")),
            "a head by another key":
                (self.head_item(), f"head: it is signed by the key {fingerprint}, which is not the head key of {root}"),
            "a head that calls its key the publisher's":
                (self.head_item(key_id=head_key_id), f"head: the signature by the head key of {root} is not valid"),
            "a head of another publisher":
                (self.head_item(publisher_id=os.urandom(32)), "the head is of another publisher"),
            "no head":
                (self.item({b"ih": bytes(20)}), "DHT item: the value holds no head"),
            "garbage for a head":
                (self.item({b"ih": bytes(20), b"o": b"\0" * 300}), "head envelope: not in strict form: owrd.v1.Envelope: a bad field tag"),
            "an old head under a new number":
                (self.item(genuine[b"v"], self.later + 1),
                 f"DHT item: its sequence is {self.later + 1}, the head's {genuine[b'seq']}"),
            "more than a head":
                (self.item(self.head_value(self.later + 2) | {b"x": b"y"}, self.later + 2),
                 "DHT item: the value holds more than it should"),
            "a sequence above 2^53":
                (self.head_item(beyond), "head: the sequence is above 2^53"),
        }

    def resolves_through_the_others(self, reader, number, item):
        """Whatever stands in the captured slot, the lab's next head comes; what was said of the slot."""
        self.network.lie(lambda target, held: item if target == self.target else held)
        self.lab.ok("channel", "set", f"acme/atlas:c{number}", "1.0.0")
        sequence = int(self.record(self.lab)["headSequence"])
        honest = self.locators()[:-1]
        wait_for(lambda: all((self.network.newest(target) or {}).get(b"seq") == sequence for target in honest),
                 "the lab's other slots do not get its head")
        sources, record, finished = self.refresh(reader)
        self.assertEqual((int(record["headSequence"]), record.get("evidence", 0)), (sequence, 0), str(finished))
        captured = sources.pop(f"dht, slot {self.slot}")
        others = self.of_dht(sources)
        self.assertEqual(len(others), self.slot - 1)
        self.assert_says(others, None)
        self.assertEqual({each["sequence"] for each in others.values()}, {sequence})
        self.assertFalse(captured["news"])
        resolved = reader.daemon.rpc.call("Names/Resolve", {"ref": f"acme/atlas:c{number}"})
        self.assertEqual(resolved["release"]["ref"], "acme/atlas:1.0.0")
        return captured["problem"]

    def test_names_resolve_through_the_others(self):
        reader = self.reader()
        for number, (kind, (item, problem)) in enumerate(self.captures().items()):
            with self.subTest(kind=kind):
                said = self.resolves_through_the_others(reader, number, item)
                if isinstance(problem, re.Pattern):
                    self.assertRegex(said, problem)
                else:
                    self.assertEqual(said, problem)
        told = reader.ok("publisher", "refresh", "acme")
        self.assertIn(f"acme: dht, slot {self.slot} refused: {problem}", told.err)
        reader.ok("get", "acme/atlas", "--timeout", "60s")
        self.assertIsNotNone(reader.daemon.release("acme/atlas:1.0.0"))

    def test_a_head_by_a_root_that_nobody_has_is_not_waited_for_for_ever(self):
        reader = self.reader()
        item = self.head_item(root_version=9, infohash=os.urandom(32))
        self.network.lie(lambda target, held: item if target == self.target else held)
        # Who wants a release does not wait for it at all.
        reader.ok("get", "acme/atlas", "--timeout", "60s")
        self.assertEqual(self.resolves_through_the_others(reader, 1, item),
                         "the feed of the head that it gave has not come in time")


class RootAlone(DhtTest):
    """Readers who know root 1 and have never heard of a head."""

    def pin_root(self):
        bundle = self.lab.bundle.read_bytes()[len(forge.BUNDLE_MAGIC):]
        root, = (value for number, value in forge.fields_of(bundle) if number == 1)
        self.identity = self.place / "root.owrp"
        self.identity.write_bytes(forge.BUNDLE_MAGIC + forge.message((1, [root])))


class Anchors(RootAlone):
    LAB = {"keys": ["a1"], "init": ["--anchor-key", "a1"]}

    def setUp(self):
        super().setUp()
        self.pin_root()

    def anchor_item(self):
        key, = self.record(self.lab)["anchorKeys"]
        return self.network.newest(dht.target_of(bytes.fromhex(key), dht.ANCHOR_SALT))

    def test_who_slept_through_a_change_of_all_online_keys_catches_up(self):
        self.publish("1.0.0")
        self.settled()
        before = self.locators()
        head_key = self.record(self.lab)["headKey"]
        # The anchor's key is offline while the root changes.
        key = self.lab.home / "config/owrd/keys/a1.key"
        key.rename(self.lab.home / "a1.key")
        self.lab.ok("publisher", "rotate", "acme", "--new-online-keys", "-y")
        model = self.publish("2.0.0", seed=2)
        self.settled()
        self.assertFalse(set(before) & set(self.locators()))
        self.assertNotEqual(self.record(self.lab)["headKey"], head_key)
        # Where the old heads were, nobody puts anything again.
        self.network.lie(lambda target, held: None if target in before else held)
        reader = self.reader()
        sources, record, finished = self.refresh(reader, code="no-sources")
        anchor = sources.pop("dht, anchor 1")
        self.assert_says(sources, "nothing was found there")
        self.assertEqual(anchor.get("problem"), None)
        self.assertEqual((record["rootVersion"], record.get("headSequence", "0")), ("1", "0"), str(finished))

        (self.lab.home / "a1.key").rename(key)
        done = self.lab.ok("publisher", "anchor", "acme")
        self.assertIn("root version 2 of acme is put into the DHT under the anchor", done.err)
        wait_for(lambda: (self.anchor_item() or {}).get(b"seq") == 2, "the anchor is not put into the DHT")
        self.refreshed(reader, int(self.record(self.lab)["headSequence"]))
        shown = reader.ok("publisher", "show", "acme", "--json").record()
        self.assertEqual([(root["version"], root["source"]) for root in shown["roots"]][1:], [(2, "dht, anchor 1")])
        reader.ok("publisher", "show", "acme", "--verify-chain")
        reader.ok("get", "acme/atlas", "--timeout", "60s")
        self.assert_same_files(model, reader.daemon.release("acme/atlas:2.0.0")["directory"])


class Followers(RootAlone):
    """The lab is gone for good, and the nodes forget what nobody puts again."""

    def test_they_keep_the_head_the_feed_and_the_release_alive(self):
        model = self.publish("1.0.0")
        signed = self.settled()
        self.pin_root()
        followers = [self.reader(name) for name in ("first", "second")]
        for follower in followers:
            self.refreshed(follower, next(iter(signed.values()))[b"seq"])
            follower.ok("get", "acme/atlas", "--timeout", "60s")
            self.assertEqual(list((follower.store / "keys").glob("locator-*")), [])
        self.lab.daemon.stop()
        for follower in followers:
            follower.daemon.stop()
        self.network.forget()
        for follower in followers:
            follower.start()
        # To the byte what the lab signed, for nobody else can.
        wait_for(lambda: {target: self.network.newest(target) for target in signed} == signed, "nobody puts the head again")
        third = self.reader("third")
        self.refreshed(third, next(iter(signed.values()))[b"seq"])
        third.ok("get", "acme/atlas", "--timeout", "60s")
        self.assert_same_files(model, third.daemon.release("acme/atlas:1.0.0")["directory"])
        self.assertEqual(self.record(third)["freshness"], "FRESHNESS_FRESH")

    def test_each_of_them_puts_it_again(self):
        self.publish("1.0.0")
        signed = self.settled()
        follower = self.reader("follower")
        self.refreshed(follower, next(iter(signed.values()))[b"seq"])
        self.lab.daemon.stop()
        self.network.forget()
        # Its session begins anew, as after a loss of the network.
        os.kill(follower.daemon.worker_pid(), signal.SIGKILL)
        wait_for(lambda: {target: self.network.newest(target) for target in signed} == signed, "it does not put it again")


if __name__ == "__main__":
    main()
