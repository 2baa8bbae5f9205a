// What an independent Connect client sees of owrdd: unary and streaming, JSON and binary, GET, gzip in both directions,
// errors with their detail, timeouts and leaving, on both Unix sockets.
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { compressionBrotli, compressionGzip, createConnectTransport } from "@connectrpc/connect-node";

import { startDaemon } from "./daemon.mjs";
import { Daemon, ErrorInfoSchema, Publishers, Publishing, Releases, ReleaseState } from "./gen/owrd/v1/control_pb.js";
import { makeModel, makePublisher } from "./publisher.mjs";

const UNKNOWN_MAGNET = "magnet:?xt=urn:btmh:1220" + "5a".repeat(32);

let daemon;
before(async () => { daemon = await startDaemon(); });
after(async () => { await daemon?.stop(); });

function clientsOf(socketPath, useBinaryFormat, useHttpGet = false, compression = {}) {
  const transport = createConnectTransport({
    baseUrl: "http://localhost", httpVersion: "1.1", nodeOptions: { socketPath }, useBinaryFormat, useHttpGet,
    ...compression,
  });
  return {
    daemon: createClient(Daemon, transport), publishers: createClient(Publishers, transport),
    publishing: createClient(Publishing, transport), releases: createClient(Releases, transport),
  };
}

/// gzip as the client's library has it, and how often it was used.
function countingGzip() {
  const counting = {
    name: compressionGzip.name, compressed: 0, decompressed: 0,
    compress(bytes) { ++counting.compressed; return compressionGzip.compress(bytes); },
    decompress(bytes, limit) { ++counting.decompressed; return compressionGzip.decompress(bytes, limit); },
  };
  return counting;
}

/// The error of a call that must fail.
async function failure(call) {
  const error = await call.then(() => null, (caught) => caught);
  assert(error instanceof ConnectError, `the call did not fail, or not as expected: ${error}`);
  const details = error.findDetails(ErrorInfoSchema);
  return { error, info: details[0], details: details.length };
}

async function collect(stream, events = []) {
  for await (const event of stream) events.push(event);
  return events;
}

for (const [codec, isBinary] of [["JSON", false], ["binary", true]]) {
  describe(codec, () => {
    let owrd;
    before(() => { owrd = clientsOf(daemon.socket, isBinary); });

    test("unary call", async () => {
      const status = await owrd.daemon.status({});
      assert.match(status.version, /^\d+\.\d+\.\d+/);
      assert.equal(status.uid, process.getuid());
      assert.equal(status.readOnly, false);
      assert.equal(typeof status.storeFreeBytes, "bigint");
      assert(status.storeFreeBytes > 0n);
    });

    test("unary call with GET", async () => {
      const getting = clientsOf(daemon.readOnlySocket, isBinary, true);
      const headers = [];
      const status = await getting.daemon.status({}, { onHeader: (header) => headers.push(header) });
      // owrdd says so to a GET alone.
      assert.equal(headers[0].get("vary"), "Accept-Encoding");
      assert.equal(status.readOnly, true);
    });

    test("unary error carries its detail", async () => {
      const { error, info, details } = await failure(owrd.publishers.show({ name: "nobody" }));
      assert.equal(error.code, Code.NotFound);
      assert.equal(details, 1);
      assert.equal(info.reason, "not-found");
      assert.equal(info.exitCode, 13);
    });

    test("unary error of a request that makes no sense", async () => {
      const { error, info } = await failure(owrd.releases.show({ ref: "not a ref" }));
      assert.equal(error.code, Code.InvalidArgument);
      assert.equal(info.exitCode, 64);
    });

    test("stream publishes a release that the client signed itself", async () => {
      const name = `lab-${codec.toLowerCase()}`;
      const publisher = makePublisher(name);
      const added = await owrd.publishers.add({ bundle: publisher.bundle });
      assert.equal(added.publisher.id, publisher.id);
      assert.equal(added.publisher.petname, name);

      const directory = makeModel(join(daemon.home, name));
      const preparing = await collect(owrd.publishing.prepare({
        directory, publisher: name, model: "tiny", version: "1.0.0", license: "Apache-2.0" }));
      const prepared = preparing.at(-1).event;
      assert.equal(prepared.case, "prepared");
      assert(prepared.value.bytes > 0n);

      const envelope = publisher.sealManifest(prepared.value.manifest);
      const committed = (await collect(owrd.publishing.commit({ envelope }))).at(-1).event;
      assert.equal(committed.case, "committed");
      assert.equal(committed.value.release.ref, `${name}/tiny:1.0.0`);
      assert.match(committed.value.magnet, /^magnet:\?xt=urn:btmh:1220[0-9a-f]{64}/);

      const { releases } = await owrd.releases.list({});
      const release = releases.find((each) => each.ref === `${name}/tiny:1.0.0`);
      assert.equal(release.state, ReleaseState.SEEDING);
      const shown = await owrd.releases.show({ ref: release.ref });
      assert.deepEqual(Buffer.from(shown.envelope), Buffer.from(envelope));

      const verified = (await collect(owrd.releases.verify({ target: { case: "ref", value: release.ref } }))).at(-1).event;
      assert.equal(verified.case, "report");
      assert.equal(verified.value.filesBad, 0);
      const { bundle } = await owrd.releases.bundle({ ref: release.ref });
      assert.equal(Buffer.from(bundle).subarray(0, 14).toString(), "owrd-bundle-1\n");
    });

    test("gzip in both directions", async () => {
      const name = `gzip-${codec.toLowerCase()}`;
      // Many files, so that what tells of them is long.
      const publisher = makePublisher(name);
      const directory = makeModel(join(daemon.home, name), 40);
      const gzip = countingGzip();
      const squeezed = clientsOf(daemon.socket, isBinary, false,
                                 { acceptCompression: [gzip], sendCompression: gzip, compressMinBytes: 0 });

      await squeezed.publishers.add({ bundle: publisher.bundle });
      const prepared = (await collect(squeezed.publishing.prepare({
        directory, publisher: name, model: "tiny", version: "1.0.0", license: "Apache-2.0" }))).at(-1).event;
      assert.equal(prepared.case, "prepared");
      const envelope = publisher.sealManifest(prepared.value.manifest);
      assert.equal((await collect(squeezed.publishing.commit({ envelope }))).at(-1).event.case, "committed");
      assert.equal(gzip.compressed, 3);
      assert.equal(gzip.decompressed, 0, "a small reply or a stream was compressed");

      const ref = `${name}/tiny:1.0.0`;
      const headers = [];
      const shown = await squeezed.releases.show({ ref }, { onHeader: (header) => headers.push(header) });
      assert.deepEqual(Buffer.from(shown.envelope), Buffer.from(envelope));
      assert.equal(headers[0].get("content-encoding"), "gzip");
      assert.equal(gzip.compressed, 4);
      assert.equal(gzip.decompressed, 1);
      const { error } = await failure(squeezed.releases.show({ ref: "not a ref" }));
      assert.equal(error.code, Code.InvalidArgument);

      const getting = clientsOf(daemon.readOnlySocket, isBinary, true,
                                { acceptCompression: [gzip], sendCompression: gzip, compressMinBytes: 0 });
      const got = await getting.releases.show({ ref });
      assert.deepEqual(Buffer.from(got.envelope), Buffer.from(envelope));
      assert.equal(gzip.compressed, 6);
    });

    test("a compression that is not known", async () => {
      const brotli = clientsOf(daemon.socket, isBinary, false, { sendCompression: compressionBrotli, compressMinBytes: 0 });
      for (const call of [() => brotli.releases.show({ ref: "acme/atlas" }),
                          () => collect(brotli.publishing.prepare({ directory: "/" }))]) {
        const { error } = await failure(call());
        assert.equal(error.code, Code.Unimplemented);
        assert.match(error.rawMessage, /"br" is not known; supported: identity, gzip$/);
      }
    });

    test("stream fails before its first message", async () => {
      const { error, info } = await failure(collect(owrd.publishing.prepare({ directory: "relative" })));
      assert.equal(error.code, Code.InvalidArgument);
      assert.equal(info.exitCode, 64);
    });

    test("stream fails after messages", async () => {
      const events = [];
      const { error, info } = await failure(collect(owrd.releases.get({
        source: { case: "magnet", value: UNKNOWN_MAGNET }, timeoutMs: 1500n }), events));
      assert(events.length > 0, "no progress came");
      assert.equal(events[0].event.case, "progress");
      assert.equal(events[0].event.value.release.state, ReleaseState.RESOLVING);
      assert.equal(error.code, Code.Unavailable);
      assert.equal(info.reason, "no-sources");
      assert.equal(info.exitCode, 14);
    });

    test("stream ends at the client's deadline", async () => {
      const call = owrd.releases.get({ source: { case: "magnet", value: UNKNOWN_MAGNET }, dryRun: true }, { timeoutMs: 300 });
      const { error } = await failure(collect(call));
      assert.equal(error.code, Code.DeadlineExceeded);
    });

    test("client leaves a stream", async () => {
      const leaving = new AbortController();
      const stream = owrd.releases.get({ source: { case: "magnet", value: UNKNOWN_MAGNET }, dryRun: true },
                                       { signal: leaving.signal });
      const { error } = await failure((async () => {
        for await (const event of stream) { assert(event); leaving.abort(); }
      })());
      assert.equal(error.code, Code.Canceled);
      await owrd.daemon.status({});
    });

    test("read-only socket refuses what changes something, unary and streaming", async () => {
      const reader = clientsOf(daemon.readOnlySocket, isBinary);
      // One after the other: a call that fails before anybody waits for it ends the run.
      for (const call of [() => reader.daemon.shutdown({}),
                          () => collect(reader.publishing.prepare({ directory: "/" }))]) {
        const { error, info } = await failure(call());
        assert.equal(error.code, Code.PermissionDenied);
        assert.equal(info.reason, "noperm");
        assert.equal(info.exitCode, 77);
      }
      await reader.releases.list({});
    });
  });
}
