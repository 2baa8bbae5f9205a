"""Heads and feeds from web servers alone: good ones, and those that lie, stall or lead elsewhere."""

import base64
import os
import threading

import forge
from harness import Lab, SystemTest, main
from https_server import Authority, Server

LIMIT = 32 * 1024 * 1024


class LocationsTest(SystemTest):
    """A lab whose root names places on the web; nobody has a DHT, and no two daemons know each other."""

    PATHS = ("/acme.owrp",)

    def setUp(self):
        super().setUp()
        self.authority = Authority(self.place)
        self.server = Server(self, self.authority)
        self.lab = Lab(self, init=[word for url in self.urls() for word in ("--location", url)])
        self.identity = self.lab.bundle

    def urls(self):
        return [self.server.url(path) for path in self.PATHS]

    def reader(self, name="reader", start=True):
        person = self.user(name, pins=self.identity)
        person.environment["SSL_CERT_FILE"] = str(self.authority.certificate)
        if start:
            person.start()
        return person

    def publish(self, version, seed=1):
        model = self.lab.model(f"atlas-{version}", megabytes=0.3, seed=seed)
        self.lab.publish(model, f"acme/atlas:{version}")
        return model

    def exported(self, person=None, name="acme"):
        """The .owrp with the newest head and feed."""
        shown = (person or self.lab).daemon.rpc.call("Publishers/Show", {"name": name})
        return base64.b64decode(shown["bundle"])

    def record(self, person):
        return person.daemon.rpc.call("Publishers/List")["publishers"][0]

    def newest(self):
        return int(self.record(self.lab)["headSequence"])

    def refresh(self, person, code=0):
        """What each location answered, by its URL; and the head that is known in the end."""
        finished = person.run("publisher", "refresh", "acme", "--json", code=code)
        sources = {record["source"]: record for record in finished.records() if record["type"] == "source"}
        return sources, int(self.record(person).get("headSequence", 0)), finished


class Locations(LocationsTest):
    def test_a_location_is_enough(self):
        reader = self.reader()
        # What it asks for when it starts is not there yet.
        self.refresh(reader, code="no-sources")
        for seed, version in enumerate(("1.0.0", "1.1.0")):
            model = self.publish(version, seed)
            self.server.pages["/acme.owrp"] = self.exported()
            sources, known, finished = self.refresh(reader)
            self.assertEqual(known, self.newest(), str(finished))
            # Whoever has the feed by now may tell the same head.
            self.assertEqual([(each["source"], each["sequence"], each["news"], each["problem"])
                              for each in sources.values() if not each["source"].startswith("peer ")],
                             [(self.urls()[0], known, True, None)])
            reader.ok("get", "acme/atlas", "--peer", self.lab.endpoint(), "--timeout", "60s")
            self.assert_same_files(model, reader.daemon.release(f"acme/atlas:{version}")["directory"])

    def test_a_newer_root_comes_with_it(self):
        self.publish("1.0.0")
        reader = self.reader()
        self.lab.ok("publisher", "rotate", "acme", "--new-online-keys", "-y")
        self.server.pages["/acme.owrp"] = self.exported()
        _, known, finished = self.refresh(reader)
        self.assertEqual((known, self.record(reader)["rootVersion"]), (self.newest(), "2"), str(finished))

    def test_who_does_not_trust_the_servers_authority_learns_nothing(self):
        self.publish("1.0.0")
        self.server.pages["/acme.owrp"] = self.exported()
        reader = self.reader(start=False)
        del reader.environment["SSL_CERT_FILE"]
        reader.start()
        before = int(self.record(reader).get("headSequence", 0))
        sources, known, finished = self.refresh(reader, code="no-sources")
        self.assertEqual(known, before)
        answer, = sources.values()
        self.assertIn("certificate", answer["problem"], str(finished))
        self.assertEqual(self.server.asked, {}, "it asked a server that it cannot trust")


class Others(LocationsTest):
    """Bad places beside a good one."""

    PATHS = ("/good", "/garbage", "/endless", "/redirect", "/old", "/missing", "/other")

    def urls(self):
        if not hasattr(self, "stranger"):
            self.stranger = Server(self, Authority(self.place, "nobody"))
        return super().urls() + [self.stranger.url("/acme.owrp")]

    def setUp(self):
        super().setUp()
        self.publish("1.0.0")
        self.server.pages["/old"] = self.exported()
        self.publish("1.1.0", seed=2)
        self.good = self.exported()
        other = Lab(self, "other", "other")
        self.plain = Server(self, self.authority, is_plain=True)
        self.plain.pages["/acme.owrp"] = self.stranger.pages["/acme.owrp"] = self.good
        self.server.pages |= {"/good": self.good, "/garbage": os.urandom(10_000), "/endless": self.endless,
                              "/redirect": self.redirect, "/other": self.exported(other, "other")}

    @staticmethod
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(forge.BUNDLE_MAGIC)
        while True:
            handler.wfile.write(bytes(1 << 20))

    def redirect(self, handler):
        handler.send_response(302)
        handler.send_header("Location", self.plain.url("/acme.owrp"))
        handler.end_headers()

    def problems(self, newest):
        """Of all but the good one and that of another authority."""
        url = self.server.url
        return {
            url("/garbage"): "bundle: is not an owrd bundle (its first line is not owrd-bundle-1)",
            url("/endless"): f"fetching {url('/endless')}: it is over {LIMIT} bytes",
            url("/redirect"): f"fetching {url('/redirect')}: only https:// is fetched",
            url("/old"): f"older than head {newest}, which is known",
            url("/missing"): f"fetching {url('/missing')}: the server answered with status 404",
            url("/other"): "the head is of another publisher",
        }

    def test_a_good_one_wins_and_the_others_are_named(self):
        reader = self.reader()
        _, known, finished = self.refresh(reader)
        newest = self.newest()
        self.assertEqual(known, newest, str(finished))
        # All that is said when the newest is known before anybody answers.
        sources, known, finished = self.refresh(reader)
        self.assertEqual(known, newest)
        self.assertEqual(set(sources), set(self.urls()), str(finished))
        good = sources.pop(self.server.url("/good"))
        self.assertEqual((good["sequence"], good["news"], good["problem"]), (newest, False, None))
        strange = sources.pop(self.stranger.url("/acme.owrp"))
        self.assertIn("certificate", strange["problem"])
        self.assertEqual({url: answer["problem"] for url, answer in sources.items()}, self.problems(newest))
        self.assertEqual((self.plain.asked, self.stranger.asked), ({}, {}), "it fetched what it must not trust")
        self.assertEqual(self.record(reader).get("evidence", 0), 0)
        reader.ok("get", "acme/atlas", "--peer", self.lab.endpoint(), "--timeout", "60s")
        self.assertIsNotNone(reader.daemon.release("acme/atlas:1.1.0"))

    def test_without_a_good_one_what_is_known_stays(self):
        reader = self.reader()
        _, known, _ = self.refresh(reader)
        self.publish("1.2.0", seed=3)
        newer = self.newest()
        # The newest head with another feed than it pins.
        head, = (value for number, value in forge.fields_of(self.exported()[len(forge.BUNDLE_MAGIC):]) if number == 6)
        fields = [(number, head if number == 6 else value)
                  for number, value in forge.fields_of(self.good[len(forge.BUNDLE_MAGIC):])]
        self.server.pages["/good"] = forge.BUNDLE_MAGIC + forge.message(*fields)
        sources, now, finished = self.refresh(reader, code="no-sources")
        self.assertEqual(now, known, str(finished))
        self.assertEqual(sources[self.server.url("/good")]["problem"],
                         f"the feed of head {newer} is not the one that it pins")
        self.assertIn("no source gave a head that holds: acme", finished.err)

    def test_one_that_never_answers_holds_nobody_up_for_ever(self):
        over = threading.Event()
        self.addCleanup(over.set)
        self.server.pages["/endless"] = lambda handler: over.wait(300)
        reader = self.reader()
        # Who wants a release does not wait for it at all.
        reader.ok("get", "acme/atlas", "--peer", self.lab.endpoint(), "--timeout", "60s")
        sources, known, finished = self.refresh(reader)
        self.assertEqual(known, self.newest(), str(finished))
        self.assertEqual(sources[self.server.url("/endless")]["problem"], "it has not answered in time")


if __name__ == "__main__":
    main()
