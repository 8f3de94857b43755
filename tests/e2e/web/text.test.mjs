/* text.test.mjs: the parts of the page that are rules about bytes and text, without a browser. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { device } from '../../../web/src/account/device.ts';
import { examplesFrom, questionFor, toLookInto } from '../../../web/src/examples.ts';
import { excerpt, holds, wordsOf } from '../../../web/src/excerpt.ts';
import { ageGroup, cost_microusd, duration_ms, left_s, percent } from '../../../web/src/format.ts';
import { blocksOf, stringOffsets, windowOf } from '../../../web/src/offsets.ts';
import { strength } from '../../../web/src/password.ts';
import { SseParser } from '../../../web/src/sse.ts';
import { decodeEntities, isBareRefusal, safeUrl, settle } from '../../../web/src/text.ts';

const SKY = process.env.SKY_PROGRAM ?? join(import.meta.dirname, '../../../build/sky');
const WASM = join(dirname(SKY), 'genom/wasm/genom.wasm');

test('the same sources give the same bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sky-build-'));
  const build = (name) => {
    const web = join(import.meta.dirname, '../../../web');
    execFileSync(process.execPath, [join(web, 'build.mjs'), '--wasm', WASM, '--out', join(folder, name)], { cwd: folder });
    return readFileSync(join(folder, name));
  };
  const first = build('one.c');
  assert.ok(first.equals(build('two.c')));
  assert.ok(first.includes('{"/index.html", "text/html; charset=utf-8"'));
  rmSync(folder, { recursive: true });
});

const STREAM =
  ': ping\n\nevent: start\ndata: {"a":1}\n\r\nevent: token\r\ndata: {"text":"ě 🙂"}\r\n\r\ndata: one\rdata: two\r\revent: lost\n\nevent: done\ndata:\n\n';
const EVENTS = [
  { name: 'start', data: '{"a":1}' },
  { name: 'token', data: '{"text":"ě 🙂"}' },
  { name: 'message', data: 'one\ntwo' },
  { name: 'done', data: '' },
];

test('a stream gives the same events however it is cut', () => {
  assert.deepEqual(new SseParser().feed(STREAM), EVENTS);
  for (let size = 1; size < 9; size++) {
    const parser = new SseParser();
    const events = [];
    for (let i = 0; i < STREAM.length; i += size) events.push(...parser.feed(STREAM.slice(i, i + size)));
    assert.deepEqual(events, EVENTS, `slices of ${size}`);
  }
});

test('an endless event is refused', () => {
  const parser = new SseParser();
  const piece = 'x'.repeat(1 << 20);
  assert.throws(() => {
    for (let i = 0; i < 6; i++) parser.feed(piece);
  });
  const lines = new SseParser();
  assert.throws(() => {
    for (let i = 0; i < 6; i++) lines.feed(`data: ${piece}\n`);
  });
});

test('byte offsets become string offsets', () => {
  const text = 'aěb🙂c';
  const encoder = new TextEncoder();
  for (let i = 0; i <= text.length; i++) {
    /* Not between the halves of a pair. */
    if (i > 0 && text.charCodeAt(i - 1) >= 0xd800 && text.charCodeAt(i - 1) < 0xdc00) continue;
    assert.deepEqual(stringOffsets(text, [encoder.encode(text.slice(0, i)).length]), [i]);
  }
  assert.deepEqual(stringOffsets(text, [2, 5, 1000]), [1, 3, text.length], 'inside a character, past the end');
});

test('a text is cut into blocks that lose nothing but blank lines', () => {
  const text = 'Title\n\nFirst paragraph\nof two lines.\n\n    indented\n\nPart\nbody ' + 'word '.repeat(2000) + '\n';
  const heading = text.indexOf('Part');
  const blocks = blocksOf(text, [
    { at: 0, level: 1 },
    { at: heading, level: 9 },
  ]);
  assert.equal(text.slice(blocks[0].start, blocks[0].end), 'Title');
  assert.equal(blocks[0].level, 1);
  assert.ok(blocks.some((b) => text.slice(b.start, b.end) === '    indented'), 'indentation is kept');
  assert.equal(blocks.find((b) => b.start === heading).level, 6);
  for (const [i, b] of blocks.entries()) {
    assert.ok(b.end > b.start && b.end - b.start <= 4001);
    if (i > 0) assert.equal(text.slice(blocks[i - 1].end, b.start).trim(), '');
  }
  const [first, last] = windowOf(blocks, heading, heading + 4, 10);
  assert.ok(first > 0 && last < blocks.length && blocks[first].start < heading && blocks[last - 1].end > heading);
  assert.deepEqual(blocksOf('', []), []);
  assert.deepEqual(blocksOf(' \n\n \n', [{ at: 500, level: 1 }]), []);
});

test('only addresses that lead to the web or the post may be followed', () => {
  for (const bad of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '/api/session', '//host/x', 'x', '']) {
    assert.equal(safeUrl(bad), null, bad);
  }
  assert.equal(safeUrl('https://example.org/a b'), 'https://example.org/a%20b');
  assert.equal(safeUrl('mailto:me@example.org'), 'mailto:me@example.org');
});

test('entities are decoded once, and only real ones', () => {
  assert.equal(decodeEntities('&lt;b&gt; &amp;lt; &#x1F642; &#65; &nosuch; &constructor; & x'), '<b> &lt; 🙂 A &nosuch; &constructor; & x');
  assert.equal(decodeEntities('&#0;&#xD800;&#x110000;'), '\ufffd\ufffd\ufffd');
});

test('the end of a text being written is completed, not shown half', () => {
  assert.equal(settle('It is **bold'), 'It is **bold**');
  assert.equal(settle('It is **'), 'It is ');
  assert.equal(settle('run `apt'), 'run `apt`');
  assert.equal(settle('see [the gu'), 'see ');
  assert.equal(settle('see [the guide](https://exam'), 'see ');
  assert.equal(settle('said so [1]'), 'said so [1]');
  assert.equal(settle('```sh\nls **'), '```sh\nls **');
  assert.equal(settle('* one\n* two'), '* one\n* two');
  assert.equal(settle('**a** and `b`'), '**a** and `b`');
});

test('a bare refusal is known in every language it is made in', () => {
  const talk = readFileSync(join(import.meta.dirname, '../../../ai/question/talk.c'), 'utf8');
  const refusals = /\[AI_TALK_REFUSAL\] = \{([^}]*)\}/.exec(talk)[1].match(/"[^"]*"/g).map((text) => text.slice(1, -1));
  assert.equal(refusals.length, 3);
  for (const text of refusals) assert.ok(isBareRefusal(text + '\n'), text);
  assert.ok(!isBareRefusal('Your documents do not answer this. They say that the port is 7411.'));
});

test('numbers read as people say them', () => {
  assert.equal(cost_microusd(0), 'free');
  assert.equal(cost_microusd(10), 'under $0.0001');
  assert.equal(cost_microusd(1200), '$0.0012');
  assert.equal(cost_microusd(2_500_000), '$2.50');
  assert.equal(duration_ms(38), '38 ms');
  assert.equal(duration_ms(1840), '1.8 s');
  assert.equal(duration_ms(Number.NaN), '–');
  assert.equal(left_s(20), '< 1 min');
  assert.equal(left_s(190), '3 min');
  assert.equal(percent(1, 0), 0);
  const now = new Date(2026, 4, 10, 9);
  assert.equal(ageGroup(new Date(2026, 4, 10, 1).toISOString(), now), 'Today');
  assert.equal(ageGroup(new Date(2026, 4, 9, 23).toISOString(), now), 'Yesterday');
  assert.equal(ageGroup(new Date(2026, 4, 4).toISOString(), now), 'Previous 7 days');
  assert.equal(ageGroup('nonsense', now), 'Older');
});

test('example questions come from real titles, and only from telling ones', () => {
  assert.equal(questionFor({ title: 'tar(1)', document: '/x' }), 'What does tar do?');
  assert.equal(questionFor({ title: 'sources.list(5)', document: '/x' }), 'What is sources.list?');
  assert.equal(questionFor({ title: 'choom - display and adjust OOM-killer score.', document: '/man1/choom.1.gz' }), 'How do I display and adjust OOM-killer score?');
  assert.equal(questionFor({ title: 'tar - an archiving utility', document: '/man1/tar.1.gz' }), 'What does tar do?');
  assert.equal(questionFor({ title: 'iso_8859-3 - Latin-3', document: '/man7/iso_8859-3.7.gz' }), null);
  assert.equal(questionFor({ title: '15.2. Building your First Package', document: '/x' }), 'How do I build my First Package?');
  assert.equal(questionFor({ title: '14.4. Introduction to AppArmor', document: '/x' }), 'What is AppArmor?');
  assert.equal(questionFor({ title: 'Wie kündige ich den Vertrag?', document: '/x' }), 'Wie kündige ich den Vertrag?');
  /* Nothing in a document says what it is about. */
  for (const title of ['A.8. Kali Linux — The Handbook', 'Zahrada a chalupa v Lipnici', 'boats.csv', 'Why?']) {
    assert.equal(questionFor({ title, document: '/x' }), null);
  }
  assert.equal(questionFor({ title: 'README', document: '/x' }), null);
  assert.equal(questionFor({ title: '4711', document: '/x' }), null);
  const documents = Array.from({ length: 30 }, (_, i) => ({ id: `${i}`, document: `/d/${i}`, title: `Subject ${'abcdefghij'[i % 10]}${i}`, bytes: i, chunks: 1, vectors: 0, learned_at: '' }));
  const three = examplesFrom(documents, new Map(), 3, 7);
  assert.equal(new Set(three.map((e) => e.id)).size, 3);
  assert.ok(three.every((e) => documents[e.id].title === e.title));
  assert.deepEqual(three, examplesFrom(documents, new Map(), 3, 7));
  assert.deepEqual(examplesFrom([], new Map(), 3, 7), []);
  assert.deepEqual(examplesFrom([{ ...documents[0], chunks: 0 }], new Map(), 3, 0), []);
  assert.deepEqual(examplesFrom([{ ...documents[0], title: 'x'.repeat(99) }], new Map(), 3, 0), []);
});

test('a bare title is looked behind, and a question found there goes first', () => {
  const of = (id, title, bytes = 1) => ({ id, document: `/d/${id}`, title, bytes, chunks: 1, vectors: 0, learned_at: '' });
  const documents = [of('a', 'Questions of customers'), of('b', 'Boiler'), of('c', 'tar(1)'), of('d', 'Atlas', 1e6)];
  assert.deepEqual(toLookInto(documents, 8, 0, 1000).map((d) => d.id).sort(), ['a', 'b']);
  assert.equal(toLookInto(documents, 1, 0, 1000).length, 1);
  const headings = new Map([['a', ['Questions of customers', 'Can I return\n a table?']], ['b', ['Warranty', 'Why?']]]);
  const examples = examplesFrom(documents, headings, 4, 0);
  assert.deepEqual(examples.slice(0, 2).map((e) => e.question).sort(), ['Can I return a table?', 'What does tar do?']);
  assert.deepEqual(examples.slice(2).map((e) => e.title).sort(), ['Atlas', 'Boiler']);
});

const LEASE =
  'The monthly rent is 485 euros, and 140 euros are paid for heating, water and the caretaker.\n' +
  'It is due on the third working day of each month, to the account that the landlord named.\n' +
  '2 Deposit\nThe deposit is 970 euros and is kept in a savings account.';

test('an excerpt begins a little before the words that were asked for, and marks them', () => {
  const shown = (words) => excerpt(LEASE, wordsOf(words));
  const text = (words) => shown(words).map((p) => p.text).join('');
  const marked = (words) => shown(words).filter((p) => p.hit).map((p) => p.text);
  assert.match(text('DÉPOSIT'), /^…2 Deposit\nThe deposit is 970/);
  assert.deepEqual(marked('deposits, saved'), ['Deposit', 'deposit']);
  assert.match(text('landlord'), /^…of each month, to the account that the landlord named/);
  assert.match(text('euros savings'), /^…The deposit is 970/);
  assert.equal(text('rent'), LEASE);
  assert.deepEqual(shown('zebra'), [{ text: LEASE, hit: false }]);
  assert.deepEqual(excerpt('', ['x']), []);
  for (const [word, words] of [['KÁVA', 'kava'], ['Kautionskonto', 'Die Kaution?'], ['boat', 'boats'], ['smlouvou', 'smlouva'], ['2026', '2026-01']]) {
    assert.ok(holds(word, wordsOf(words)), word);
  }
  for (const [word, words] of [['this', 'thin'], ['theatre', 'th'], ['20261', '2026'], ['x', '']]) {
    assert.ok(!holds(word, wordsOf(words)), word);
  }
});

test('what is easily guessed is called weak', () => {
  const score = (password) => strength(password, ['Ada Lovelace', 'ada@example.org']).score;
  for (const weak of ['', 'password', 'password1', '12345678', 'aaaaaaaaaaaa', 'abababababab', 'qwertyuiop', 'lovelace99', 'abcdefgh']) assert.equal(score(weak), 0, weak);
  for (const fair of ['correct horse', 'ada lovelace 1815']) assert.equal(score(fair), 1, fair);
  for (const good of ['xK9#mQ2z', 'analytical engines hum', '\u65e5\u672c\u8a9e\u306e\u30d1\u30b9\u30ef\u30fc\u30c9']) assert.equal(score(good), 2, good);
  for (const strong of ['correct horse battery staple', 'xK9#mQ2zR!4w']) assert.equal(score(strong), 3, strong);
  assert.match(strength('lovelace99', ['Ada Lovelace']).advice, /first that a guesser tries/);
});

test('devices are called as people call them', () => {
  assert.equal(device('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), 'Firefox on Linux');
  assert.equal(device('Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'), 'Safari on iOS');
  assert.equal(device('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0'), 'Edge on Windows');
  assert.equal(device('Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36'), 'Chrome on Android');
  assert.equal(device('curl/8.14.1'), 'curl');
  assert.equal(device(''), 'Unknown device');
});
