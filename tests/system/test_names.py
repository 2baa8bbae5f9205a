"""Names: a release found by its publisher's name alone, through the DHT, without any server."""

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


if __name__ == "__main__":
    main()
