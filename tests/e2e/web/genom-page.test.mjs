/* genom-page.test.mjs: the page /genom in Chromium: the dictionary comes once, texts become tokens and bytes as they are
 * typed, nothing is sent, and it goes on without the server. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { axe, DESKTOP, launch, openPage, PHONE } from './browser.mjs';
import { external, ROOT, Server, until } from './server.mjs';
import { boxOf, nameBesidePoints, nameBesideRing, overlap } from '../../../web/src/genom/labels.ts';

const SKY = process.env.SKY_PROGRAM ?? join(ROOT, 'build/sky');
const TEXT = 'Hello world, the weather in Prague is lovely';

let server;
let browser;
before(async () => {
  server = await Server.start({ learn: false });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const open = (form, expected) => openPage(browser, server.url + '/genom', form, expected);
const ready = (page) => page.getByText('tokens; this dictionary is called').waitFor({ timeout: 180_000 });
const type = async (page, text) => {
  await page.getByLabel('Your text').fill(text);
  await page.waitForFunction((wanted) => [...document.querySelectorAll('.sizes .bytes')][0]?.textContent === `${wanted} B`, Buffer.byteLength(text));
};
const size = async (page, name) =>
  Number((await page.getByRole('row', { name }).locator('.bytes').textContent()).replace(' B', ''));
const native = (text) => spawnSync(SKY, ['encode', '--binary'], { input: text }).stdout;

test('a text becomes tokens, points and the bytes of the program, and stays here', async () => {
  const page = await open();
  await ready(page);
  assert.match(await page.getByText('this dictionary is called').textContent(), /^1,000,000 tokens/);
  const sent = [];
  page.on('request', (r) => sent.push(`${r.method()} ${r.url()}`));
  await type(page, TEXT);
  const tokens = page.getByRole('region', { name: 'Tokens' }).getByRole('button');
  assert.deepEqual(await tokens.allTextContents(), ['Hello', 'world', ',', 'the', 'weather', 'in', 'Prague', 'is', 'lovely']);
  assert.equal(await page.locator('.point').count(), 9);
  assert.equal((await page.locator('.way').getAttribute('d')).match(/[ML]/g).length, 9);
  assert.equal(await page.locator('.middle').count(), 1);
  assert.match(await page.getByText('The text as a whole stands in').textContent(), /stands in [a-z]+, quadrant [1-4]/);
  const coded = native(TEXT);
  assert.equal(await size(page, 'GENOM'), coded.length);
  assert.equal(await page.getByRole('region', { name: 'Coded bytes' }).textContent(), coded.toString('hex').replace(/..(?=.)/g, '$& '));
  const best = { params: { [constants.ZSTD_c_compressionLevel]: 22 } };
  const peers = { gzip: gzipSync(TEXT), Brotli: brotliCompressSync(TEXT), Zstandard: zstdCompressSync(TEXT, best) };
  for (const [name, { length }] of Object.entries(peers)) {
    /* Another maker's encoder may find other matches. */
    assert.ok(Math.abs((await size(page, name)) - length) <= 8, `${name}: ${await size(page, name)} ${length}`);
    assert.ok(coded.length < 0.6 * length, `${name}: ${coded.length} ${length}`);
  }
  await type(page, 'qzxv');
  assert.equal(await page.locator('.point, .middle').count(), 0, 'what is spelled is no point');
  await page.getByLabel('Your text').fill('');
  await page.getByText('The empty text has no bytes.').waitFor();
  assert.deepEqual(sent, []);
  await page.finish();
});

/* Pairs of names in the plane that lie on each other. */
const collisions = (page) => page.locator('.plane text').evaluateAll((all) => {
  const boxes = all.map((e) => [e.textContent, e.getBoundingClientRect()]);
  return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
    .map(([other]) => `${name}/${other}`));
});

test('names find a place of their own, or none', () => {
  const at = (x, y) => ({ x, y });
  const name = (text, point, weight) => ({ text, point, width: 10, weight });
  const points = [name('common', at(0, 0), 1), name('rare', at(0, -0.5), 2), name('rare', at(0, -0.5), 2), name('far', at(100, 0), 0)];
  const places = nameBesidePoints(points, 1, 2.5);
  assert.deepEqual(places[1], at(0, -0.5 - 1.75), 'the rarer one stands above its point');
  assert.equal(places[2], null, 'a name stands once');
  assert.deepEqual(places[3], at(100, -1.75));
  const boxes = places.filter((p) => p).map((p) => boxOf(p, 10, 2.5));
  assert.ok(boxes.every((a, i) => boxes.slice(i + 1).every((b) => !overlap(a, b))));
  /* A crowd: most find none. */
  const crowd = nameBesidePoints(Array.from({ length: 100 }, (_, i) => name(`n${i}`, at(i / 100, 0), i)), 1, 4);
  assert.ok(crowd.filter((p) => p).length < 20 && crowd[99]);
  const ring = (y, used) => ({ at: at(0, y), width: 10, used, weight: 1 });
  const [low, high, unused, below] = nameBesideRing([ring(-10, true), ring(-11, true), ring(-9, false), ring(10, false)], 4);
  assert.deepEqual(low, at(0, -10));
  assert.ok(high.y <= -10 - 4.8 && high.y > -17, 'away from the middle');
  assert.equal(unused, null);
  assert.deepEqual(below, at(0, 10));
});

test('tokens can be looked at by pointer and by key', async () => {
  const page = await open();
  await ready(page);
  await type(page, TEXT);
  const token = page.getByRole('button', { name: 'weather', exact: true });
  await token.focus();
  const details = page.locator('.details');
  await details.getByText('weather', { exact: true }).waitFor();
  assert.match(await details.textContent(), /T-\d{5,}/);
  assert.equal(await page.locator('.point.chosen text').textContent(), 'weather');
  await page.keyboard.press('Tab');
  await details.getByText('in', { exact: true }).waitFor();
  await page.locator('.point circle').first().hover();
  await details.getByText('hello', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Hello' }).getAttribute('aria-pressed'), 'true');
  await page.finish();
});

for (const [what, form] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  test(`no name lies on another on a ${what}, and one that is looked at is always there`, async () => {
    const page = await open(form);
    await ready(page);
    await page.locator('.point').first().waitFor();
    for (const text of ['We make every message short, and every word a point.', TEXT]) {
      await type(page, text);
      await page.locator('.point text').first().waitFor();
      assert.deepEqual(await collisions(page), [], text);
      const tokens = page.getByRole('region', { name: 'Tokens' }).getByRole('button');
      for (let i = 0; i < await tokens.count(); i++) {
        await tokens.nth(i).focus();
        await page.waitForFunction((name) => document.querySelector('.point.chosen text')?.textContent === name, await tokens.nth(i).textContent());
        assert.deepEqual(await collisions(page), [], await tokens.nth(i).textContent());
      }
      for (let i = 0; i < 6; i++) {
        await page.getByRole('button', { name: 'Zoom in' }).click();
        assert.deepEqual(await collisions(page), [], `${text} ${i}`);
      }
      await page.getByRole('button', { name: 'Show all' }).click();
    }
    await page.finish();
  });
}

test('the plane zooms and moves', async () => {
  const page = await open();
  await ready(page);
  const plane = page.getByRole('group', { name: 'The plane' });
  const box = async () => (await plane.getAttribute('viewBox')).split(' ').map(Number);
  const whole = await box();
  const changed = async (what, before) => {
    await until(what, async () => `${await box()}` !== `${before}`);
    return box();
  };
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const nearer = await changed('zooming by button', whole);
  assert.ok(nearer[2] < whole[2]);
  await plane.focus();
  await page.keyboard.press('ArrowRight');
  const moved = await changed('moving by key', nearer);
  assert.ok(moved[0] > nearer[0]);
  await plane.hover();
  await page.mouse.wheel(0, -300);
  const wheeled = await changed('zooming by wheel', moved);
  assert.ok(wheeled[2] < moved[2]);
  await page.mouse.down();
  await page.mouse.move(100 + 800, 300, { steps: 3 });
  await page.mouse.up();
  await changed('dragging', wheeled);
  await page.getByRole('button', { name: 'Show all' }).click();
  await until('showing all', async () => `${await box()}` === `${whole}`);
  await page.finish();
});

test('it goes on without the server, and opens without it', { skip: external }, async () => {
  /* Of asking whether the server has another dictionary, and of the page itself. */
  const page = await open(DESKTOP, [/ERR_INTERNET_DISCONNECTED/]);
  await ready(page);
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration('/genom'))?.active?.state === 'activated');
  await page.context().setOffline(true);
  await type(page, TEXT);
  assert.equal(await size(page, 'GENOM'), native(TEXT).length);
  await page.reload();
  await ready(page);
  await type(page, TEXT + '!');
  assert.equal(await size(page, 'GENOM'), native(TEXT + '!').length);
  await page.context().setOffline(false);
  let fetched = 0;
  page.on('request', (r) => (fetched += r.method() === 'GET' && r.url().endsWith('/genom.pack.gz')));
  await page.reload();
  await ready(page);
  assert.equal(fetched, 0, 'the dictionary comes once');
  await page.finish();
});

test('what loads says how far it is', async () => {
  const page = await openPage(browser, server.url + '/', DESKTOP);
  await page.context().addInitScript(() => {
    window.said = [];
    new MutationObserver(() => {
      const words = document.querySelector('.loading [role="status"]')?.textContent;
      const bar = document.querySelector('progress');
      if (words) window.said.push(`${words} ${bar?.max ?? ''}`);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.goto(server.url + '/genom');
  await ready(page);
  const said = await page.evaluate(() => window.said);
  const bytes = (await (await page.request.get(server.url + '/genom.pack.gz')).body()).length;
  const wanted = new RegExp(`^Loading the dictionary, once: [\\d.]+ of ${(bytes / 1e6).toFixed(1)} MB ${bytes}$`);
  assert.ok(said.some((words) => wanted.test(words)), said.join('\n'));
  assert.ok(said.some((words) => words.startsWith('Unpacking the dictionary')), said.join('\n'));
  await page.finish();
});

test('a dictionary that does not come is said, and asked for again', async () => {
  const page = await openPage(browser, server.url + '/', DESKTOP, [/Failed to load resource/]);
  await page.context().route('**/genom.pack.gz', (route) => route.abort());
  await page.goto(server.url + '/genom');
  await page.getByRole('alert').waitFor();
  await page.context().unroute('**/genom.pack.gz');
  await page.getByRole('button', { name: 'Try again' }).click();
  await ready(page);
  await page.finish();
});

for (const [name, form] of [
  ['desktop, light', { ...DESKTOP, colorScheme: 'light', reducedMotion: 'reduce' }],
  ['desktop, dark', { ...DESKTOP, colorScheme: 'dark', reducedMotion: 'reduce' }],
  ['phone, light', { ...PHONE, colorScheme: 'light', reducedMotion: 'reduce' }],
  ['phone, dark', { ...PHONE, colorScheme: 'dark', reducedMotion: 'reduce' }],
]) {
  test(`axe finds nothing: ${name}`, async () => {
    const page = await open(form);
    await ready(page);
    await type(page, TEXT);
    await page.getByRole('button', { name: 'weather', exact: true }).focus();
    assert.deepEqual(await axe(page), []);
    const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= room, `wider than the screen: ${content} > ${room}`);
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) });
    await page.finish();
  });
}
