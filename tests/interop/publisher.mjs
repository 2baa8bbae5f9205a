// A publisher made without any code of owrd: node's own Ed25519, and the messages of trust.proto.
import { create, toBinary } from "@bufbuild/protobuf";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { BundleSchema } from "./gen/owrd/v1/release_pb.js";
import { EnvelopeSchema, KeyAlgorithm, RootSchema } from "./gen/owrd/v1/trust_pb.js";

const ROOT_TYPE = "application/vnd.owrd.root.v1+protobuf";
const MANIFEST_TYPE = "application/vnd.owrd.manifest.v1+protobuf";
const DAY_SECONDS = 24 * 3600;

/// DSSE's pre-authentication encoding.
function preAuthenticationEncoding(type, payload) {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}

export function makePublisher(name) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  // The raw key is the end of its SubjectPublicKeyInfo (RFC 8410).
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const keyId = createHash("sha256").update("owrd-key-v1\n").update(Buffer.from([1])).update(raw).digest();

  const seal = (payloadType, payload) =>
    toBinary(EnvelopeSchema, create(EnvelopeSchema, {
      payloadType, payload,
      signatures: [{ keyId, signature: sign(null, preAuthenticationEncoding(payloadType, payload), privateKey) }],
    }));

  const now = BigInt(Math.floor(Date.now() / 1000));
  const root = toBinary(RootSchema, create(RootSchema, {
    version: 1n, issued: now, expires: now + BigInt(365 * DAY_SECONDS), displayName: name,
    keys: [{ algorithm: KeyAlgorithm.ED25519, publicKey: raw, label: "interop" }],
    root: { keyIds: [keyId], threshold: 1 },
    release: { keyIds: [keyId], threshold: 1 },
  }));
  const bundle = toBinary(BundleSchema, create(BundleSchema, { roots: [seal(ROOT_TYPE, root)] }));
  return {
    id: createHash("sha256").update(root).digest("hex"),
    bundle: Buffer.concat([Buffer.from("owrd-bundle-1\n"), bundle]),
    sealManifest: (payload) => seal(MANIFEST_TYPE, payload),
  };
}

/// A directory with one small safetensors file (8 bytes of header length, the header, the data), a card, a licence and
/// as many notes as are asked for.
export function makeModel(directory, notes = 0) {
  mkdirSync(directory);
  const data = createHash("sha512").update(directory).digest();
  const header = Buffer.from(JSON.stringify({ weight: { dtype: "F32", shape: [16], data_offsets: [0, 64] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(directory, "model.safetensors"), Buffer.concat([length, header, data]));
  writeFileSync(join(directory, "README.md"), "---\nlicense: apache-2.0\n---\n# Tiny\n");
  writeFileSync(join(directory, "LICENSE"), "Apache License, Version 2.0\n");
  for (let i = 0; i < notes; ++i) writeFileSync(join(directory, `note-${i}.txt`), `note ${i}\n`);
  return directory;
}
