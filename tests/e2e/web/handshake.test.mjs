/* handshake.test.mjs: our handshake and sessions, and those of noble.mjs, talk with each other in both directions. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import { answer, ascii, start } from './noble.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const SKY = process.env.SKY_PROGRAM ?? join(ROOT, 'build/sky');

const hex = (bytes) => (bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex'));
const bytes_of = (word) => (word === '-' ? new Uint8Array() : new Uint8Array(Buffer.from(word, 'hex')));
const flipped = (bytes, at) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/* --- our program ------------------------------------------------------------------------------------------------------ */

class Peer {
  async start() {
    this.data = await mkdtemp(join(tmpdir(), 'sky-peer-'));
    this.process = spawn(join(dirname(SKY), 'handshake-peer'), [this.data], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.exit = once(this.process, 'exit');
    await once(this.process, 'spawn');
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    [this.identity] = await this.ask('identity');
  }

  /* The bytes of the answer; an error of the program is thrown by its name. */
  async ask(command, ...args) {
    this.process.stdin.write([command, ...args.map(hex)].join(' ') + '\n');
    const { value, done } = await this.lines.next();
    assert.ok(!done, 'the program ended');
    if (value.startsWith('CORE_')) throw new Error(value);
    return value.split(' ').map(bytes_of);
  }

  async close() {
    this.process.stdin.end();
    const [status] = await this.exit;
    await rm(this.data, { recursive: true });
    assert.equal(status, 0);
  }
}

/* --- tests ------------------------------------------------------------------------------------------------------------ */

const peer = new Peer();
const me = ed25519.keygen();
before(() => peer.start());
after(() => peer.close());

/* Both directions, more than once, with what is around and without. */
async function talk(session) {
  for (const text of ['', 'hello', 'hello', 'x'.repeat(10_000)]) {
    for (const aad of ['', 'GENOM|NOD1|NOD2']) {
      const [opened] = await peer.ask('open', ascii(aad), session.seal(ascii(aad), ascii(text)));
      assert.deepEqual(opened, ascii(text));
      const [sealed] = await peer.ask('seal', ascii(aad), ascii(text));
      assert.equal(sealed.length, text.length + 25);
      assert.deepEqual(session.open(ascii(aad), sealed), ascii(text));
    }
  }
}

test('X-Wing: the vectors of the draft, by noble', () => {
  const { tests } = JSON.parse(readFileSync(join(ROOT, 'tests/vectors/xwing.json'), 'utf8'));
  assert.equal(tests.length, 3);
  for (const { seed, eseed, pk, ct, ss } of tests) {
    assert.equal(hex(xwing.getPublicKey(bytes_of(seed))), pk);
    const made = xwing.encapsulate(bytes_of(pk), bytes_of(eseed));
    assert.equal(hex(made.cipherText), ct);
    assert.equal(hex(made.sharedSecret), ss);
  }
});

test('the vectors of handshakes and sessions', () => {
  const { tests } = JSON.parse(readFileSync(join(ROOT, 'tests/vectors/handshake.json'), 'utf8'));
  assert.equal(tests.length, 4);
  for (const { initiator, responder, seed, random, offer, reply, messages } of tests) {
    const [i, r] = [initiator && ed25519.keygen(bytes_of(initiator)), ed25519.keygen(bytes_of(responder))];
    const begun = start(i, r.publicKey, bytes_of(seed));
    const answered = answer(r, begun.offer, bytes_of(random));
    assert.equal(hex(begun.offer), offer);
    assert.equal(hex(answered.reply), reply);
    const sides = { initiator: begun.finish(answered.reply).session, responder: answered.session };
    for (const { from, aad, text, sealed } of messages) {
      assert.equal(hex(sides[from].seal(bytes_of(aad), bytes_of(text))), sealed);
      assert.equal(hex(sides[from === 'initiator' ? 'responder' : 'initiator'].open(bytes_of(aad), bytes_of(sealed))), text || '-');
    }
  }
});

test('X-Wing: the same keys, ciphertexts and secrets', async () => {
  for (let i = 0; i < 10; i++) {
    const [seed, random] = [randomBytes(32), randomBytes(64)];
    const { publicKey } = xwing.keygen(seed);
    assert.deepEqual((await peer.ask('xwing-public', seed))[0], publicKey);
    const { cipherText, sharedSecret } = xwing.encapsulate(publicKey, random);
    assert.deepEqual(await peer.ask('xwing-encapsulate', publicKey, random), [cipherText, sharedSecret]);
    assert.deepEqual(await peer.ask('xwing-decapsulate', seed, cipherText), [sharedSecret]);
    /* An altered ciphertext: both give the same useless secret. */
    const other = flipped(cipherText, i * 100);
    assert.deepEqual(await peer.ask('xwing-decapsulate', seed, other), [xwing.decapsulate(other, seed)]);
  }
});

for (const named of [false, true]) {
  const who = named ? 'named' : 'anonymous';

  test(`noble begins, ${who}`, async () => {
    const { offer, finish } = start(named ? me : null, peer.identity);
    const [reply, name] = await peer.ask('answer', offer);
    assert.deepEqual(name, named ? me.publicKey : new Uint8Array());
    const done = finish(reply);
    assert.deepEqual(done.name, peer.identity);
    await talk(done.session);
  });

  test(`noble answers, ${who}`, async () => {
    const [offer] = await peer.ask('offer', [named ? 1 : 0], me.publicKey);
    const { name, reply, session } = answer(me, offer);
    assert.deepEqual(name, named ? peer.identity : new Uint8Array());
    assert.deepEqual(await peer.ask('finish', reply), [me.publicKey]);
    await talk(session);
  });
}

test('what was altered on the way is refused on both sides', async () => {
  const begun = start(me, peer.identity);
  for (const at of [0, 1184, 1216, 1248]) {
    await assert.rejects(peer.ask('answer', flipped(begun.offer, at)), { message: 'CORE_EDENIED' });
  }
  const [reply] = await peer.ask('answer', begun.offer);
  for (const at of [0, 1088, 1152]) assert.throws(() => begun.finish(flipped(reply, at)));
  const [offer] = await peer.ask('offer', [0], me.publicKey);
  await assert.rejects(peer.ask('finish', flipped(answer(me, offer).reply, 5)), { message: 'CORE_EDENIED' });
  await assert.rejects(peer.ask('finish', answer(me, offer).reply), { message: 'CORE_ECLOSED' });
  const { session } = begun.finish(reply);
  const none = new Uint8Array();
  const [one, two] = [session.seal(none, ascii('one')), session.seal(none, ascii('two'))];
  await assert.rejects(peer.ask('open', none, two), { message: 'CORE_EMISMATCH' });
  await assert.rejects(peer.ask('open', none, flipped(one, 10)), { message: 'CORE_EDENIED' });
  assert.deepEqual(await peer.ask('open', none, one), [ascii('one')]);
  await assert.rejects(peer.ask('open', none, one), { message: 'CORE_EEXISTS' });
  assert.deepEqual(await peer.ask('open', none, two), [ascii('two')]);
  const [sealed] = await peer.ask('seal', none, ascii('three'));
  assert.throws(() => session.open(none, flipped(sealed, 12)));
  assert.deepEqual(session.open(none, sealed), ascii('three'));
});
