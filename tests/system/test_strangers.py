"""Strangers: plain v2 clients that know nothing of owrd fetch its releases and seed them."""

import forge
from harness import LOOPBACK_ONLY, Lab, SystemTest, main, wait_for
from peers import QBittorrent, TorrentClient

REF = "acme/atlas:1.0.0"


class Strangers(SystemTest):
    def setUp(self):
        super().setUp()
        self.lab = Lab(self)
        self.model = self.lab.model(megabytes=12)
        self.magnet = self.lab.publish(self.model)

    def infohash(self):
        return self.lab.daemon.release(REF)["infohash"]

    def test_python_libtorrent_fetches_from_the_magnet_link_alone(self):
        client = TorrentClient(self)
        fetched = client.fetch_all(self.magnet, self.place / "theirs", [self.lab.endpoint()])
        self.assert_same_files(self.model, fetched)

    def test_qbittorrent_fetches_from_the_magnet_link_alone(self):
        client = QBittorrent(self, self.place / "qbittorrent")
        client.fetch(self.magnet, self.infohash(), [self.lab.endpoint()])
        wait_for(client.is_complete, "qbittorrent-nox does not complete")
        fetched = next(client.downloads.iterdir())
        wait_for(lambda: sorted(forge.read_directory(fetched)) == sorted(forge.read_directory(self.model)),
                 "qbittorrent-nox has not named its files yet")
        self.assert_same_files(self.model, fetched)

    def test_owrd_fetches_from_python_libtorrent_that_seeds_the_directory(self):
        name = dict(forge.fields_of(dict(forge.fields_of((self.model / "release.owrd").read_bytes()))[2]))[5].decode()
        files = forge.read_directory(self.model)
        self.lab.daemon.stop()
        torrent = forge.Torrent(name, files, forge.PIECE_LENGTH)
        self.assertIn(torrent.infohash.hex(), self.magnet)
        forge.write_files(self.place / "theirs" / name, files)
        client = TorrentClient(self)
        client.seed(torrent, self.place / "theirs")

        user = self.user(pins=self.lab.bundle)
        to = self.place / "to"
        user.ok("get", self.magnet, "--peer", client.endpoint(), "--to", to)
        self.assert_same_files(self.model, to)

    def test_owrd_fetches_from_those_who_fetched_from_owrd(self):
        client = TorrentClient(self)
        client.fetch_all(self.magnet, self.place / "theirs", [self.lab.endpoint()])
        self.lab.daemon.stop()
        user = self.user(pins=self.lab.bundle)
        to = self.place / "to"
        user.ok("get", self.magnet, "--peer", client.endpoint(), "--to", to)
        self.assert_same_files(self.model, to)

    def test_a_user_who_seeds_serves_strangers(self):
        user = self.user(pins=self.lab.bundle, start=True)
        to = self.place / "to"
        user.ok("get", self.magnet, "--peer", self.lab.endpoint(), "--to", to)
        user.daemon.wait_for_state(REF, "SEEDING")
        self.lab.daemon.stop()
        fetched = TorrentClient(self).fetch_all(self.magnet, self.place / "theirs", [user.daemon.endpoint()])
        self.assert_same_files(self.model, fetched)

    def test_several_strangers_at_once_while_it_super_seeds(self):
        lab = Lab(self, "super", config=LOOPBACK_ONLY + "[seed]\nsuperseed = true\n")
        model = lab.model(megabytes=12)
        magnet = lab.publish(model)
        clients = [TorrentClient(self) for _ in range(3)]
        handles = []
        for number, client in enumerate(clients):
            others = [c.endpoint() for c in clients if c is not client]
            handles.append(client.fetch(magnet, self.place / f"theirs{number}", [lab.endpoint(), *others]))
        wait_for(lambda: all(handle.status().is_seeding for handle in handles), "not all complete")
        for number, handle in enumerate(handles):
            self.assert_same_files(model, self.place / f"theirs{number}" / handle.status().name)


if __name__ == "__main__":
    main()
