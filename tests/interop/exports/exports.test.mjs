// Each format of one release is read by a program or a library that knows nothing of owrd. `out` is what
// owrd_write_exports wrote. Whatever is signed is also changed, and must then be refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import * as CycloneDx from '@cyclonedx/cyclonedx-library';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import yaml from 'js-yaml';
import { PackageURL } from 'packageurl-js';

const out = path.resolve('out');
const name = 'atlas-7b-1.2.0';
const bareName = 'atlas-1.0.0';
const read = (file) => fs.readFileSync(path.join(out, file), 'utf8');
const readJson = (file) => JSON.parse(read(file));
const publicKey = crypto.createPublicKey(read('key.pem'));
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', ...options });

/** The signed bytes by DSSE's protocol.md. */
function preAuthenticationEncoding(type, payload) {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}

function verifyEnvelope(envelope) {
  const payload = Buffer.from(envelope.payload, 'base64');
  const signed = preAuthenticationEncoding(envelope.payloadType, payload);
  for (const { sig } of envelope.signatures)
    assert.ok(crypto.verify(null, signed, publicKey, Buffer.from(sig, 'base64')), 'an envelope does not verify');
  assert.ok(!crypto.verify(null, Buffer.concat([signed, Buffer.from(' ')]), publicKey,
    Buffer.from(envelope.signatures[0].sig, 'base64')));
  return payload;
}

function filesBelow(directory) {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath ?? entry.path, entry.name)));
}

test('sha256sum checks every file', () => {
  const sums = path.join(out, 'SHA256SUMS');
  const checked = run('sha256sum', ['--check', '--strict', sums], { cwd: path.join(out, 'release') });

  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  assert.equal(checked.stdout.trim().split('\n').length, filesBelow(path.join(out, 'release')).length - 1,
    'all but release.owrd');
});

test('minisign verifies the sums, and no others', () => {
  const verify = (file) => run('minisign', ['-Vm', file, '-x', path.join(out, 'SHA256SUMS.minisig'),
    '-p', path.join(out, 'minisign.pub')]);
  const good = verify(path.join(out, 'SHA256SUMS'));
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /timestamp:1790000000\tfile:SHA256SUMS\thashed\tsha256:[0-9a-f]{64}/);

  const other = path.join(out, 'SHA256SUMS.changed');
  fs.writeFileSync(other, `${read('SHA256SUMS')}\n`);
  assert.notEqual(verify(other).status, 0);
});

test('minisign takes the public key from the command line', () => {
  const key = read('minisign.pub').split('\n')[1];
  const verified = run('minisign', ['-Vm', path.join(out, 'SHA256SUMS'), '-P', key]);

  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

test('openssl reads the public key', () => {
  const shown = run('openssl', ['pkey', '-pubin', '-in', path.join(out, 'key.pem'), '-noout', '-text']);

  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, /ED25519 Public-Key/);
});

test('the DSSE envelope verifies', () => {
  const envelope = readJson(`${name}.dsse.json`);

  const payload = verifyEnvelope(envelope);

  assert.equal(envelope.payloadType, 'application/vnd.owrd.manifest.v1+protobuf');
  assert.ok(fs.readFileSync(path.join(out, 'release', 'release.owrd')).includes(payload));
});

test('in-toto statements name the files, the results and the mirrors', () => {
  const lines = read(`${name}.intoto.jsonl`).trim().split('\n').map((line) => JSON.parse(line));
  const statements = lines.map((line) => (line.payload ? JSON.parse(verifyEnvelope(line)) : line));
  const types = statements.map((statement) => statement.predicateType.replace('https://in-toto.io/attestation/', ''));

  assert.deepEqual(types, ['release/v0.1', 'test-result/v0.1', 'test-result/v0.1', 'test-result/v0.1', 'svr/v0.1']);
  assert.deepEqual(lines.map((line) => 'payload' in line), [true, true, true, true, false]);
  for (const statement of statements) {
    assert.equal(statement._type, 'https://in-toto.io/Statement/v1');
    for (const subject of statement.subject) assert.match(subject.digest.sha256, /^[0-9a-f]{64}$/);
  }
  for (const subject of statements[0].subject)
    assert.equal(sha256(fs.readFileSync(path.join(out, 'release', subject.name))), subject.digest.sha256);
  const purl = PackageURL.fromString(statements[0].predicate.purl);
  assert.deepEqual([purl.type, purl.namespace, purl.name, purl.version],
    ['generic', '1'.repeat(64), 'atlas-7b', '1.2.0+build.5']);
  assert.deepEqual(read(`bare/${name}.intoto.jsonl`).trim().split('\n').map((line) => JSON.parse(line)), statements);
});

test('Sigstore verifies the model signing bundle, and no changed one', () => {
  const json = readJson('model.sig');
  const hint = sha256(read('key.pem'));
  const keys = { [hint]: { rawBytes: publicKey.export({ format: 'der', type: 'spki' }) } };
  const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  const verifier = new Verifier(toTrustMaterial(nobody, keys), { tlogThreshold: 0, ctlogThreshold: 0 });

  verifier.verify(toSignedEntity(bundleFromJSON(json)));

  json.dsseEnvelope.payload = Buffer.from(`${Buffer.from(json.dsseEnvelope.payload, 'base64')} `).toString('base64');
  assert.throws(() => verifier.verify(toSignedEntity(bundleFromJSON(json))), /signature verification failed/);
});

// OMS 1.0, sections 6.2, 6.3.1, 6.5.1 and 8.4.
test('the model signing manifest is that of the directory', () => {
  const statement = JSON.parse(Buffer.from(readJson('model.sig').dsseEnvelope.payload, 'base64'));
  const { resources, serialization } = statement.predicate;
  const isIgnored = (file) => serialization.ignore_paths.some((each) => file === each || file.startsWith(`${each}/`));
  const directory = path.join(out, 'release');
  const expected = filesBelow(directory).filter((file) => !isIgnored(file))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

  assert.deepEqual(resources.map((each) => each.name), expected);
  for (const { name: file, digest } of resources)
    assert.equal(sha256(fs.readFileSync(path.join(directory, file))), digest, file);
  const root = sha256(Buffer.concat(resources.map((each) => Buffer.from(each.digest, 'hex'))));
  assert.deepEqual(statement.subject, [{ name, digest: { sha256: root } }]);
});

for (const file of [`${name}.cdx.json`, `bare/${bareName}.cdx.json`]) {
  test(`CycloneDX's strict validator takes ${file}`, async () => {
    const validator = new CycloneDx.Validation.JsonStrictValidator(CycloneDx.Spec.Version.v1dot6);
    assert.equal(await validator.validate(read(file)), null);

    const broken = readJson(file);
    broken.metadata.component.type = 'model';
    assert.notEqual(await validator.validate(JSON.stringify(broken)), null);
  });
}

for (const file of [`${name}.spdx.json`, `bare/${bareName}.spdx.json`]) {
  test(`SPDX's 3.0.1 schema takes ${file}`, () => {
    const ajv = new Ajv2020({ allErrors: false, strict: false });
    addFormats(ajv);
    const validate = ajv.compile(JSON.parse(fs.readFileSync(process.env.SPDX_SCHEMA, 'utf8')));

    assert.ok(validate(readJson(file)), JSON.stringify(validate.errors, null, 1));

    const broken = readJson(file);
    delete broken['@graph'].find((element) => element.type === 'CreationInfo').created;
    assert.ok(!validate(broken));
  });
}

/** The front matter and the body of a card. */
function partsOf(card) {
  const parts = /^---\n([\s\S]*?\n)---\n([\s\S]*)$/.exec(card);
  assert.ok(parts, 'the card has no front matter');
  return { front: yaml.load(parts[1]), body: parts[2] };
}

test('a YAML reader finds in the model card what was written', () => {
  const { front, body } = partsOf(read('README.md'));

  assert.equal(front.license, 'apache-2.0');
  assert.deepEqual(front.language, ['en', 'no']);
  assert.deepEqual(front.tags, ['geography', 'yes']);
  assert.deepEqual(front.base_model, ['acme/base-7b']);
  const [index] = front['model-index'];
  assert.equal(index.name, 'Atlas: "7B" #1');
  assert.deepEqual(index.results[0].metrics, [{ type: 'accuracy', value: 0.713 }]);
  assert.equal(index.results[1].metrics[0].value, 0.38);
  assert.match(body, /^\n# Atlas: "7B" #1\n/);
  assert.deepEqual(partsOf(read('bare/README.md')).front, { license: 'apache-2.0' });
});

// lfai/model_openness_tool, schema/mof_schema.json, of which this is the substance.
test('a YAML reader finds the 17 components of the Model Openness Framework', () => {
  for (const file of [`${name}.mof.yml`, `bare/${bareName}.mof.yml`]) {
    const { framework, release } = yaml.load(read(file));
    assert.deepEqual(framework, { name: 'Model Openness Framework', version: '1.0', date: '2024-12-15' });
    assert.ok(['', 'transformer decoder'].includes(release.architecture));
    for (const key of ['name', 'version', 'date', 'architecture', 'origin', 'producer', 'contact'])
      assert.equal(typeof release[key], 'string', key);
    assert.equal(new Set(release.components.map((component) => component.name)).size, 17);
    for (const component of release.components)
      for (const key of ['description', 'location', 'license_name', 'license_path'])
        assert.equal(typeof component[key], 'string', `${component.name}: ${key}`);
  }
});
