/* genom.test.mjs: libgenom as a WebAssembly module: the same bytes as the program's, whatever the text; and those of
 * tests/vectors/genom.json. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { Genom, GenomError } from '../../../web/src/genom.ts';
import { DEPS, ROOT } from './server.mjs';

const SKY = process.env.SKY_PROGRAM ?? join(ROOT, 'build/sky');
const wasm = readFileSync(join(dirname(SKY), 'genom/wasm/genom.wasm'));
const dict = readFileSync(join(DEPS, 'genom/genom.dict'));
const packed = readFileSync(join(DEPS, 'genom-pack/genom.pack.gz'));

const vectors = JSON.parse(readFileSync(join(ROOT, 'tests/vectors/genom.json'), 'utf8'));

const utf8 = new TextEncoder();
const seal = (key, nonce, aad, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext);
const unhex = (digits) => new Uint8Array(Buffer.from(digits, 'hex'));
let genom;
before(async () => {
  genom = await Genom.open(wasm, dict, { seal });
});

function sky(command, ...args) {
  const input = args.pop();
  const done = spawnSync(SKY, [command, ...args], { input, maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, done.stderr.toString());
  return new Uint8Array(done.stdout);
}

/* Bytes that look random and are the same in every run. */
function noise(length, seed) {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function texts() {
  const lines = readFileSync(join(ROOT, 'LICENSE'), 'utf8').split('\n').filter((line) => line.trim() !== '');
  const found = [
    '', ' ', '\n', 'a', 'A', 'hello', 'Hello world', 'HELLO, WORLD!', "Don't panic: it's 1984 or 2001…", 'iPhone McDonald', '007 42 1999 123456',
    '  two  spaces ', 'a\r\nb\n\n\tc', 'Dobrý den, jak se máte? Příliš žluťoučký kůň.', 'Übergrößenträger straßenweise', 'Слава Україні і миру мир',
    'こんにちは世界、元気ですか', '你好，世界', 'สวัสดีชาวโลก', '🙂👍🏽👨‍👩‍👧‍👦 ok', 'https://example.com/a?b=c#d', '"quoted" (and) [bracketed] {braced}',
    'e\u0301 combining and \u00e9', '\u0000\u0001\u007f', 'x'.repeat(200), 'zzqxv'.repeat(40), 'one two three '.repeat(300),
  ].map((text) => utf8.encode(text));
  for (const line of lines.slice(0, 120)) found.push(utf8.encode(line));
  for (let i = 0; i < 40; i++) found.push(noise(i * 7, i));
  for (let i = 0; i < 20; i++) {
    /* A text that breaks in the middle of a character, and goes on with noise. */
    const line = utf8.encode(`${lines[i]} příliš 🙂`);
    found.push(new Uint8Array([...line.subarray(0, line.length - i % 5), ...noise(i % 3, i), ...utf8.encode(' and on')]));
  }
  found.push(new Uint8Array(readFileSync(join(ROOT, 'LICENSE'))));
  return found;
}

test('the bytes are those of the program, and give the text back', () => {
  const all = texts();
  assert.ok(all.length > 200);
  let modes = 0;
  for (const text of all) {
    const coded = genom.encode(text);
    assert.deepEqual(coded, sky('encode', '--binary', text), new TextDecoder().decode(text));
    assert.deepEqual(genom.decode(coded), text);
    modes += coded.length > 0 && coded[0] !== 255;
  }
  assert.ok(modes > 150, 'most are of mode fast');
});

test('the program reads what the module made', () => {
  for (const text of ['Hello world', 'Příliš žluťoučký kůň', noise(100, 5)]) {
    const bytes = typeof text === 'string' ? utf8.encode(text) : text;
    assert.deepEqual(sky('decode', '--binary', genom.encode(bytes)), bytes);
  }
});

test('the vectors of texts', () => {
  assert.equal(vectors.dictionary, genom.name);
  assert.ok(vectors.texts.length >= 1500);
  for (const { text, ids, ...coded } of vectors.texts) {
    const bytes = unhex(text);
    for (const mode of ['fast', 'dense']) {
      assert.deepEqual(genom.encode(bytes, mode), unhex(coded[mode]), text);
      assert.deepEqual(genom.decode(unhex(coded[mode])), bytes, text);
    }
    assert.deepEqual([...genom.ids(bytes)], ids, text);
  }
});

/* Every copy of the bytes with one of them altered. */
function* damaged(bytes, flip = 1) {
  for (let i = 0; i < bytes.length; i++) yield bytes.with(i, bytes[i] ^ flip);
}

test('the vectors of messages', () => {
  assert.ok(vectors.messages.length >= 300);
  for (const { text, bytes, ...fields } of vectors.messages) {
    const message = { ...fields, id: BigInt(`0x${fields.id}`), payload: unhex(fields.payload) };
    const frame = unhex(bytes);
    assert.deepEqual(genom.messageGetText(text), message);
    assert.deepEqual(genom.messageGetBytes(frame), message);
    assert.equal(genom.messagePutText(message), text);
    assert.deepEqual(genom.messagePutBytes({ ...message, dictionary: parseInt(message.dictionary, 16) }), frame);
    for (const other of damaged(frame)) assert.throws(() => genom.messageGetBytes(other), GenomError);
    for (const other of damaged(utf8.encode(text))) assert.throws(() => genom.messageGetText(Buffer.from(other).toString()), GenomError);
  }
});

test('a message with a field out of its range is not written', () => {
  const message = { from: 5, to: 0, type: 'MSG', dictionary: genom.name, id: 2 ** 53 - 1, payload: genom.encode('hello') };
  const wrong = [
    { from: 0 }, { from: 10_000_000 }, { from: 2 ** 32 + 5 }, { to: -1 }, { to: NaN }, { to: undefined }, { type: 'NONE' }, { dictionary: 'F619E444' },
    { dictionary: 2 ** 32 }, { id: 1.5 }, { id: 2 ** 53 }, { id: 1n << 64n },
  ];
  for (const form of ['Text', 'Bytes']) {
    const read = genom[`messageGet${form}`](genom[`messagePut${form}`](message));
    assert.deepEqual(read, { ...message, id: BigInt(message.id) });
    for (const field of wrong) assert.throws(() => genom[`messagePut${form}`]({ ...message, ...field }), GenomError);
  }
});

test('the vectors of rotations', () => {
  assert.ok(vectors.rotations.length >= 200);
  for (const { counter, ...rotation } of vectors.rotations) {
    const [key, header, sealed] = ['key', 'header', 'sealed'].map((name) => unhex(rotation[name]));
    const ids = Uint32Array.from(rotation.ids);
    assert.deepEqual(genom.sealTokens(key, counter, ids, header), sealed);
    assert.deepEqual(genom.openTokens(key, BigInt(counter), sealed, header), ids);
    for (const other of damaged(sealed, 1 << counter % 8)) assert.throws(() => genom.openTokens(key, counter, other, header), GenomError);
  }
});

test('rotations: long ones, and what is refused', async () => {
  const key = noise(32, 1);
  const ids = genom.ids('We meet at noon, do we not? '.repeat(1000));
  const last = 2n ** 64n - 1n;
  const sealed = genom.sealTokens(key, last, ids);
  assert.equal(sealed.length, 3 * ids.length + 16);
  assert.deepEqual(genom.openTokens(key, last, sealed), ids);
  for (const open of [
    () => genom.openTokens(noise(32, 2), last, sealed),
    () => genom.openTokens(key, 0, sealed),
    () => genom.openTokens(key, last, sealed, 'a header'),
    () => genom.openTokens(key, last, sealed.subarray(1)),
    () => genom.openTokens(key, last, new Uint8Array()),
  ]) {
    assert.throws(open, { name: 'GenomError', message: /damaged/ });
  }
  assert.throws(() => genom.sealTokens(key.subarray(1), 0, ids), { name: 'GenomError', message: /32 bytes/ });
  assert.throws(() => genom.sealTokens(key, 0, Uint32Array.of(genom.count)), GenomError);
  for (const counter of [-1, 0.5, 2 ** 53, last + 1n]) assert.throws(() => genom.sealTokens(key, counter, ids), { name: 'GenomError', message: /64 bits/ });
});

test('a cipher that fails is told of, and spoils nothing', async () => {
  const key = noise(32, 1);
  const ids = genom.ids('Hello world');
  const sealed = genom.sealTokens(key, 0, ids);
  let cipher;
  const other = await Genom.open(wasm, dict, { seal: (...given) => cipher(...given) });
  cipher = () => {
    throw new RangeError('no cipher today');
  };
  /* More often than the module has memory for stacks that are left where they are. */
  for (let i = 0; i < 1000; i++) {
    assert.throws(() => other.sealTokens(key, 0, ids), { name: 'RangeError', message: 'no cipher today' });
    assert.throws(() => other.openTokens(key, 0, sealed), RangeError);
  }
  for (cipher of [(_key, _nonce, _aad, plaintext) => plaintext, async (...given) => seal(...given)]) {
    assert.throws(() => other.sealTokens(key, 0, ids), { name: 'GenomError', message: /ciphertext and tag/ });
  }
  cipher = seal;
  assert.deepEqual(other.sealTokens(key, 0, ids), sealed);
  assert.deepEqual(other.encode('Hello world', 'dense'), genom.encode('Hello world', 'dense'));
  const without = await Genom.open(wasm, dict);
  for (const turn of [() => without.sealTokens(key, 0, ids), () => without.openTokens(key, 0, sealed)]) {
    assert.throws(turn, { name: 'GenomError', message: /the option seal/ });
  }
});

test('intents are those of the program', () => {
  const meant = {
    'Hello there!': 'greeting', 'See you tomorrow, bye': 'farewell', 'Thank you so much': 'thanks', 'What time is it?': 'question',
    'Please restart the server': 'request', 'The server is on fire!': 'alert', 'Ano, souhlasím': 'affirm', 'Nein, danke': 'deny',
    'Perdón por el retraso': 'apology', 'The train arrives at noon in Prague': 'statement', '': 'statement',
  };
  for (const [text, name] of Object.entries(meant)) assert.equal(genom.intent(text).name, name, text);
  for (const text of [...Object.keys(meant), readFileSync(join(ROOT, 'LICENSE')), noise(5000, 7)]) {
    assert.deepEqual(genom.intent(text), JSON.parse(Buffer.from(sky('intent', '--json', text)).toString()), text);
  }
});

test('damaged bytes are refused, and bombs are not opened', () => {
  const text = utf8.encode('The quick brown fox jumps over the lazy dog. '.repeat(20));
  const coded = genom.encode(text);
  assert.throws(() => genom.decode(coded.subarray(0, coded.length >> 1)), GenomError);
  assert.throws(() => genom.decode(coded, text.length - 1), { name: 'GenomError', message: /does not fit/ });
  assert.deepEqual(genom.decode(coded, text.length), text);
  for (let i = 0; i < 300; i++) {
    try {
      assert.ok(genom.decode(noise(i, i), 10_000).length <= 10_000);
    } catch (error) {
      assert.ok(error instanceof GenomError);
    }
  }
});

test('tokens, and what the dictionary knows of them', () => {
  const text = "Hello, quokka-land 42 xyzzyqq";
  const pieces = genom.tokens(text);
  const shown = pieces.map((p) => text.slice(p.at, p.at + p.length));
  assert.equal(pieces.map((p, i) => (p.space ? ' ' : '') + shown[i]).join(''), text);
  assert.equal(pieces[0].casing, 1);
  assert.equal(pieces[0].id, genom.lookup('hello'));
  const hello = genom.token(pieces[0].id);
  const [told] = JSON.parse(Buffer.from(sky('lookup', '--json', 'hello', '')).toString());
  assert.equal(hello.canonical, 'hello');
  assert.equal(hello.sector, told.sector);
  assert.ok(Math.abs(hello.theta - told.theta) < 1e-5, `${hello.theta} ${told.theta}`);
  assert.ok(Math.abs(hello.r - told.r) < 1e-5, `${hello.r} ${told.r}`);
  assert.equal(genom.lookup('no such token at all'), null);
  assert.equal(genom.token(genom.count), null);
  assert.equal(genom.tokens(utf8.encode('word '.repeat(5000))).length, 5001);
});

test('where a text stands', () => {
  const sentence = 'See you on Monday!';
  const point = genom.centroid(sentence);
  const tokens = genom.tokens(sentence).flatMap((piece) => (piece.id === null ? [] : [genom.token(piece.id)]));
  const mean = (of) => tokens.reduce((sum, token) => sum + token.r * of(token.theta), 0) / tokens.length;
  assert.equal(point.tokens, tokens.length);
  assert.ok(Math.hypot(point.re - mean(Math.cos), point.im - mean(Math.sin)) < 1e-8);
  assert.ok(Math.abs(point.r - Math.hypot(point.re, point.im)) < 1e-8);
  const said = Buffer.from(sky('nearest', '--plane', sentence, '')).toString().split('\n')[0];
  assert.ok(said.startsWith(`centroid of 5 tokens: ${point.sector}  q${point.quadrant}  r ${point.r.toFixed(4)}  θ ${point.theta.toFixed(4)}`), said);
  assert.equal(genom.centroid('zqxjkvzqxjkv'), null);
});

test('the plane', () => {
  assert.equal(genom.count, 1_000_000);
  assert.equal(genom.languages[0], 'en');
  const { sectors } = genom;
  assert.equal(sectors.reduce((sum, sector) => sum + sector.count, 0), genom.count);
  assert.deepEqual([...new Set(sectors.map((sector) => sector.quadrant))].sort(), [1, 2, 3, 4]);
  const id = genom.lookup('dog');
  const [left, right] = genom.nearOnPlane(id, 2);
  assert.equal(left.distance, 2 / genom.count);
  assert.equal(right.distance, 2 / genom.count);
  const near = genom.nearByMeaning(id, 5);
  assert.equal(near.length, 5);
  assert.ok(near.some((n) => ['dogs', 'cat', 'puppy', 'pet'].includes(genom.token(n.id).canonical)));
  const word = genom.token(id);
  const sector = sectors.find((s) => s.name === word.sector);
  assert.ok(word.phase >= sector.phase && word.phase - sector.phase < sector.width);
});

test('a dictionary is opened only when it is one', async () => {
  assert.equal(genom.name, dict.subarray(32, 36).toString('hex'));
  assert.ok(genom.verify());
  const cut = dict.subarray(0, dict.length - 1);
  await assert.rejects(Genom.open(wasm, cut), GenomError);
  await assert.rejects(Genom.open(wasm, new Uint8Array()), GenomError);
  const altered = Uint8Array.from(dict);
  altered[altered.length - 1] ^= 1;
  let other;
  try {
    other = await Genom.open(wasm, altered);
  } catch {
    return;
  }
  assert.ok(!other.verify());
});

test('a packed dictionary is the dictionary, and small', async () => {
  assert.ok(packed.length <= 12_000_000, `${packed.length} bytes`);
  const pack = gunzipSync(packed);
  const other = await Genom.open(wasm, pack);
  assert.equal(other.name, genom.name);
  assert.ok(other.verify(), 'every section is what its sum says');
  for (const text of texts().slice(0, 60)) assert.deepEqual(other.encode(text), genom.encode(text));
  assert.throws(() => other.encode('Hello world', 'dense'), { name: 'GenomError', message: /the full genom\.dict/ });
  for (const length of [0, 20, 100, 5000, pack.length - 1]) {
    await assert.rejects(Genom.open(wasm, pack.subarray(0, length)), GenomError, `cut at ${length}`);
  }
});
