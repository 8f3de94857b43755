/* genom_session.test.mjs: a client on the noble packages agrees on a session over the API, and both seal and open. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join_bytes, rotate, start, token_tag } from './noble.mjs';
import { Server } from './server.mjs';

const NOTHING = new Uint8Array();
const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64'));
const base64 = (raw) => Buffer.from(raw).toString('base64');
const TEXT = "We meet at noon, don't we? – Kůň xyzzyq";

let server;
before(async () => {
  server = await Server.start({ learn: false });
});
after(() => server.close());

const post = (path, body) => server.request('POST', path, body);

async function agree() {
  const { offer, finish } = start(null, null);
  const answer = await post('/v1/handshake', { kem: 'x-wing', public_key: base64(offer) });
  assert.equal(answer.expires_in, 3600);
  const { session } = finish(join_bytes(bytes(answer.ciphertext), bytes(answer.identity), bytes(answer.signature)));
  return { session, session_id: answer.session_id };
}

async function refused(status, kind, path, body) {
  await assert.rejects(post(path, body), (error) => error.message.includes(`: ${status} `) && error.message.includes(kind));
}

test('payloads are sealed and opened by both', async () => {
  const { session, session_id } = await agree();
  for (let i = 0; i < 3; i++) {
    const { sealed, counter } = await post('/v1/encrypt', { session_id, text: TEXT });
    assert.equal(counter, i);
    assert.ok(bytes(sealed).length < TEXT.length + 25);
    const binary = base64(session.open(NOTHING, bytes(sealed)));
    assert.deepEqual(await post('/v1/decode', { binary }), { text: TEXT });
  }
  const { binary } = await post('/v1/encode', { text: TEXT });
  const sealed = base64(session.seal(NOTHING, bytes(binary)));
  assert.deepEqual(await post('/v1/decrypt', { session_id, sealed }), { text: TEXT });
  await refused(409, 'replay', '/v1/decrypt', { session_id, sealed });
  session.send.next++;
  const later = session.seal(NOTHING, bytes(binary));
  await refused(409, 'out-of-order', '/v1/decrypt', { session_id, sealed: base64(later) });
});

/* Where ids stand on the ring, and what stands there. */
async function positions_of(ids) {
  const found = [];
  for (const id of ids) {
    const { tokens } = await server.request('GET', `/v1/tokens?limit=1&after=T-${String(id - 1).padStart(5, '0')}`);
    assert.equal(Number(tokens[0].token_id.slice(2)), id);
    found.push(Math.ceil((tokens[0].phase * 1_000_000) / 2 ** 32));
  }
  return found;
}

test('tokens are turned on the ring, and turned back', async () => {
  const { session, session_id } = await agree();
  const text = 'hello world from the plane';
  const { value: ids } = await post('/v1/translate', { from: 'text', to: 'ids', value: text });
  const sealed = bytes((await post('/v1/encrypt', { session_id, text, form: 'tokens' })).sealed);
  assert.equal(sealed.length, 25 + 3 * ids.length);
  assert.equal(sealed[0], 2);
  const ciphertext = sealed.slice(9, -16);
  assert.deepEqual(token_tag(session.receive.key, 0, NOTHING, ciphertext), sealed.slice(-16));
  const turned = ids.map((_, i) => Buffer.from(ciphertext).readUIntLE(3 * i, 3));
  const back = rotate(session.receive.key, 0, await positions_of(turned), -1);
  assert.deepEqual(back, await positions_of(ids));
  await refused(422, 'not-opened', '/v1/decrypt', { session_id, sealed: base64(sealed) });
});

test('what is altered, or of another session, stays closed', async () => {
  const { session, session_id } = await agree();
  const sealed = session.seal(NOTHING, new Uint8Array([255, 65]));
  for (const at of [9, 10, sealed.length - 1]) {
    const altered = base64(sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)));
    await refused(422, 'not-opened', '/v1/decrypt', { session_id, sealed: altered });
  }
  const other = await agree();
  await refused(422, 'not-opened', '/v1/decrypt', { session_id: other.session_id, sealed: base64(sealed) });
  assert.deepEqual(await post('/v1/decrypt', { session_id, sealed: base64(sealed) }), { text: 'A' });
});

test('what is long when opened keeps nobody waiting', async () => {
  const { session, session_id } = await agree();
  const text = 'a '.repeat(1 << 20);
  const { binary } = await post('/v1/encode', { text, mode: 'dense' });
  assert.ok(binary.length < 65536);
  const begun = performance.now();
  const opening = post('/v1/decrypt', { session_id, sealed: base64(session.seal(NOTHING, bytes(binary))) });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.request('GET', '/health');
  const waited = performance.now() - begun;
  assert.equal((await opening).text, text);
  assert.ok(waited < (performance.now() - begun) / 2, `${waited} ms`);
});

test('bad handshakes and unknown sessions are told', async () => {
  const public_key = base64(start(null, null).offer);
  await refused(400, 'invalid-field', '/v1/handshake', { kem: 'rsa', public_key });
  await refused(400, 'invalid-field', '/v1/handshake', { kem: 'x-wing', public_key: 'AAAA' });
  await refused(422, 'bad-key', '/v1/handshake', { kem: 'x-wing', public_key: base64(new Uint8Array(1216).fill(255)) });
  await refused(404, 'no-session', '/v1/encrypt', { session_id: 'none', text: 'a' });
  const { session_id } = await agree();
  await refused(400, 'invalid-field', '/v1/encrypt', { session_id, text: 'a', form: 'stone' });
  await refused(400, 'invalid-field', '/v1/decrypt', { session_id, sealed: '*' });
});
