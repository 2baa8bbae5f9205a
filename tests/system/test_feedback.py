"""Feedback and statements: what others say of a release reaches its publisher, and everybody else who knows the release."""

import base64
import json
import time

import forge
from harness import ConnectError, main, wait_for
from test_names import NamesTest

STATEMENT = "application/vnd.owrd.statement.v1+protobuf"
BUG = 1
REF = "acme/atlas:1.0.0"


class StatementsTest(NamesTest):
    """A release that the lab has published, and people who get it."""

    def setUp(self):
        super().setUp()
        self.publish("1.0.0")

    def holder(self, name):
        """Somebody who has got the release."""
        person = self.reader(name)
        self.refreshed(person)
        self.get(person, "acme/atlas")
        return person

    @staticmethod
    def known(person, group="feedback"):
        return person.ok(group, "ls", REF, "--json").records()

    def comes(self, person, text, group="feedback"):
        """The record of the statement with this text."""
        return wait_for(lambda: next((record for record in self.known(person, group) if record["text"] == text), None),
                        f"{text!r} does not come to {person.name}")


class Statements(StatementsTest):
    def test_feedback_reaches_the_publisher(self):
        user = self.holder("user")
        sent = user.ok("feedback", "send", REF, "--kind", "bug", "--text", "It stops.\n\nAfter 2,048 tokens.", "--as",
                       "Ada", "--evidence", "https://ada.example/log", "-y", "--json").record()
        come = self.comes(self.lab, "It stops.\n\nAfter 2,048 tokens.")
        self.assertEqual(come, sent)
        self.assertEqual(come["kind"], "bug")
        self.assertEqual(come["evidence"], ["https://ada.example/log"])
        key = user.ok("key", "export", "feedback").out.strip()
        self.assertEqual("ed25519:" + come["author_key"], key)

        # The publisher is told how to answer, and takes the signed bytes out.
        self.assertIn("owrd release advise " + REF, self.lab.ok("feedback", "ls").err)
        exported, = (json.loads(line) for line in self.lab.ok("feedback", "export").out.splitlines())
        payload = dict(forge.fields_of(base64.b64decode(exported["envelope"])))[2]
        self.assertEqual(dict(forge.fields_of(payload))[2], b"Ada")
        # It is for the publisher: nobody's benchmark or audit.
        self.assertEqual(self.known(self.lab, "statement"), [])

    def test_it_is_there_after_a_restart(self):
        user = self.holder("user")
        user.ok("feedback", "send", REF, "--kind", "quality", "--text", "It rambles.", "-y")
        user.daemon.stop()
        user.start()
        self.assertEqual([record["text"] for record in self.known(user)], ["It rambles."])

    def test_a_third_sees_a_benchmark_under_its_authors_key(self):
        author, third = self.holder("author"), self.holder("third")
        author.ok("key", "new", "bench")
        author.ok("statement", "benchmark", REF, "--task", "mmlu", "--metric", "acc", "--value", "0.71", "--harness",
                  "lm-eval 0.4.2", "--text", "three runs")
        come = self.comes(third, "three runs", "statement")
        self.assertEqual(come["details"], {"task": "mmlu", "metric": "acc", "value": "0.71", "harness": "lm-eval 0.4.2"})
        key = author.ok("key", "export", "bench").out.strip()
        self.assertEqual("ed25519:" + come["author_key"], key)
        self.assertIsNone(come["pinned_as"])
        # Once its key is known, so is whose word it is.
        third.ok("mirror", "add", "ada", key)
        self.assertEqual(self.known(third, "statement")[0]["pinned_as"], "ada")
        self.assertEqual(self.known(third), [])

    def test_only_a_known_release_is_spoken_of(self):
        stranger = self.user("stranger", config=self.config)
        stranger.start()
        stranger.fails(("not-found", "untrusted"), "feedback", "send", REF, "--kind", "bug", "--text", "x", "-y")
        self.assertFalse(list(stranger.home.glob("config/owrd/keys/*")), "a key was made for nothing")


class Strangers(StatementsTest):
    def bug(self, text, key, release_id=None, signer=None):
        """A statement that no code of owrd has made."""
        record = self.lab.daemon.release(REF)
        payload = forge.message((1, key.public), (3, bytes.fromhex(record["publisherId"])),
                                (4, release_id or bytes.fromhex(record["releaseId"])), (5, BUG), (6, text),
                                (7, int(time.time())))
        return forge.envelope(STATEMENT, payload, signer or key)

    @staticmethod
    def submit(person, envelope):
        return person.daemon.rpc.call("Statements/Submit", {"envelope": base64.b64encode(envelope).decode()})

    def test_another_program_can_make_one(self):
        user, key = self.holder("user"), forge.SigningKey()
        record = self.submit(user, self.bug("made elsewhere", key))["statement"]
        self.assertEqual(record["authorKey"], key.public.hex())
        self.assertEqual(self.comes(self.lab, "made elsewhere")["id"], record["id"])

    def test_what_is_forged_or_on_nothing_is_refused(self):
        user, key = self.holder("user"), forge.SigningKey()
        refused = [b"", b"garbage", self.bug("forged", key, signer=forge.SigningKey()),
                   forge.flip(self.bug("damaged", key), -1), self.bug("on nothing", key, release_id=bytes(32)),
                   self.bug("\x1b[2J", key), self.bug("", key)]
        for envelope in refused:
            with self.subTest(envelope=envelope[:200]), self.assertRaises(ConnectError):
                self.submit(user, envelope)
        self.assertEqual(self.known(user), [])

    def test_a_flood_is_bounded(self):
        flooder = self.holder("flooder")
        for number in range(30):
            self.submit(flooder, self.bug(f"flood {number}", forge.SigningKey()))
        self.assertEqual(len(self.known(flooder)), 30)
        wait_for(lambda: len(self.known(self.lab)) == 20, "the flood does not come at all")
        flooder.ok("attest", REF)  # What is told after it comes after it.
        wait_for(lambda: self.lab.daemon.rpc.call("Mirrors/Attestations", {"ref": REF}).get("attestations"),
                 "nothing else comes through")
        self.assertEqual(len(self.known(self.lab)), 20)


if __name__ == "__main__":
    main()
