/* access.test.mjs: the page for everybody: axe finds nothing, keys do everything, it fits a phone, and the browser
 * speaks post-quantum TLS with it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, axe, DESKTOP, focusOnArrival, launch, openPage, openSignedIn, PHONE, signIn, tokenForm } from './browser.mjs';
import { ANSWER_MS, external, Server } from './server.mjs';

let server;
let browser;
before(async () => {
  server = await Server.start({ https: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const PORT = 'Which port does the lantern service listen on?';
const FORMS = [
  ['desktop, light', { ...DESKTOP, colorScheme: 'light', reducedMotion: 'reduce' }],
  ['desktop, dark', { ...DESKTOP, colorScheme: 'dark', reducedMotion: 'reduce' }],
  ['phone, light', { ...PHONE, colorScheme: 'light', reducedMotion: 'reduce' }],
  ['phone, dark', { ...PHONE, colorScheme: 'dark', reducedMotion: 'reduce' }],
];

for (const [name, form] of FORMS) {
  test(`axe finds nothing: ${name}`, async (t) => {
    const page = await openPage(browser, server.url + '/', form);
    const clean = async (view) => {
      /* What fades in has other colours on its way. */
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
      assert.deepEqual(await axe(page), [], view);
      const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= room, `${view} is wider than the screen: ${content} > ${room}`);
    };
    await page.getByLabel('E-mail').waitFor();
    await clean('sign-in');
    await tokenForm(page);
    await clean('sign-in by token');
    await signIn(page, server.token);
    await page.getByRole('list', { name: 'Examples from your documents' }).waitFor();
    await clean('new chat');
    const answer = await ask(page, PORT);
    await answer.locator('.receipt-line').click();
    await clean('answer');
    await ask(page, 'What is the salary of the chief accountant of the Oslo office?');
    await clean('refusal');
    await answer.getByRole('group', { name: 'Sources' }).getByRole('button').first().click();
    await page.locator('.document mark').first().waitFor();
    await clean('stored copy');
    if (form.isMobile) {
      assert.equal(await page.getByRole('dialog', { name: 'Stored copy' }).count(), 1, 'covers the chat');
      await page.goBack();
      await page.locator('.document').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Open the menu' }).click();
      await clean('menu');
    } else {
      await page.keyboard.press('Escape');
      await page.locator('.document').waitFor({ state: 'detached' });
    }
    await page.getByRole('button', { name: /^Knowledge/ }).click();
    await page.locator('.document-row').first().waitFor();
    await clean('knowledge');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await clean('palette');
    await page.keyboard.press('Escape');
    await page.finish();
    t.diagnostic('9 views');
  });
}

/* Whoever types at once, or whose machine is slow, must not type into nothing. */
test('the focus is where it belongs before anything is seen', async () => {
  const page = await openPage(browser, server.url + '/');
  const composer = await focusOnArrival(page, '.composer textarea');
  await signIn(page, server.token);
  assert.equal(await composer(), 'Your question');
  const answer = await ask(page, PORT);
  const copy = await focusOnArrival(page, '.document');
  await answer.getByRole('button', { name: /^Source 1/ }).click();
  assert.equal(await copy(), 'H2');
  await page.locator('.document mark').first().waitFor();
  /* The second of two quick steps back must not leave the conversation. */
  await page.evaluate(() => {
    for (let i = 0; i < 2; i++) dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  });
  await page.locator('.document').waitFor({ state: 'detached' });
  /* What is opened while the page steps back stays open. */
  await answer.getByRole('button', { name: /^Source 1/ }).click();
  await page.locator('.document mark').first().waitFor();
  await page.evaluate(() => {
    dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    document.querySelector('.source-open').click();
    window.stepped = new Promise((resolve) => addEventListener('popstate', resolve));
  });
  await page.evaluate(() => window.stepped);
  await page.locator('.document mark').first().waitFor();
  assert.match(page.url(), /#\/c\/[^?]+\?doc=/);
  await page.goBack();
  await page.locator('.document').waitFor({ state: 'detached' });
  assert.match(page.url(), /#\/c\/[^?]+$/, 'still in the conversation');
  await page.finish();
});

test('on a phone the focus comes back from what covered the page', async () => {
  const page = await openSignedIn(browser, server, PHONE);
  const answer = await ask(page, PORT);
  await answer.getByRole('button', { name: /^Source 1/ }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.document mark').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.document').waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Source 1/);
  const menu = page.getByRole('button', { name: 'Open the menu' });
  await menu.click();
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'Close the menu');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement.ariaLabel === 'Open the menu');
  await page.finish();
});

test('everything can be done with keys', async () => {
  const page = await openSignedIn(browser, server);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
  assert.equal(await focused(), 'Your question', 'the composer has the focus');
  await page.keyboard.type('Which port does the lantern');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('service listen on?');
  assert.equal(await page.getByLabel('Your question').inputValue(), 'Which port does the lantern\nservice listen on?');
  await page.keyboard.press('Enter');
  await page.locator('.answer .tools').waitFor({ timeout: ANSWER_MS });
  /* The finished answer is spoken once; its pieces are not. */
  assert.match(await page.locator('#voice').innerText(), /^Answer: .*7411/s);
  assert.equal(await page.locator('[aria-live]').count(), await page.locator('#voice, [aria-live=off]').count());

  await page.getByRole('button', { name: 'New chat' }).focus();
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'Your question');

  const seen = new Set();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Shift+Tab');
    const label = await focused();
    seen.add(label);
    const visible = await page.evaluate(() => {
      const active = document.activeElement;
      const outlined = (pseudo) => getComputedStyle(active, pseudo).outlineStyle !== 'none';
      return active === document.body || active.matches('.composer textarea') || outlined(null) || outlined('::after');
    });
    assert.ok(visible, `the focus on ${label} can be seen`);
    if (/^Source 1/.test(label ?? '')) break;
  }
  assert.ok([...seen].some((l) => /^Source 1/.test(l ?? '')), [...seen].join(', '));
  await page.keyboard.press('Enter');
  await page.locator('.document mark').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.document').waitFor({ state: 'detached' });
  assert.match(await focused(), /^Source 1/, 'the focus comes back');
  await page.finish();
});

test('the theme can be switched and is remembered', async () => {
  const page = await openSignedIn(browser, server, { colorScheme: 'light' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Switch to dark' }).click();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByRole('button', { name: 'Switch to light' }).waitFor();
  assert.equal(await background(), dark);
  await page.getByRole('button', { name: 'Switch to light' }).click();
  assert.equal(await background(), light);
  await page.finish();
});

test('something is seen before the program has come, and nothing jumps when it does', async () => {
  const page = await openSignedIn(browser, server, PHONE);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/assets/main-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(server.url + '/', { waitUntil: 'commit' });
  await page.locator('#app .brand').waitFor();
  assert.equal(await page.getByLabel('Your question').count(), 0);
  release();
  await page.getByRole('list', { name: 'Examples from your documents' }).waitFor();
  assert.equal(await page.getByRole('main').count(), 1);
  assert.ok((await page.evaluate(() => window.shift)) < 0.05);
  await page.finish();
});

test('the policy of the page is strict and the page obeys it', async () => {
  const response = await fetch(server.url + '/');
  const policy = response.headers.get('content-security-policy');
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy?.includes(part), part);
  }
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  const page = await response.text();
  assert.doesNotMatch(page, /style=|onload=|<style|<script(?! (type="module" )?src="\/assets\/)/);
  let total = 0;
  for (const [, path] of page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
    const asset = await fetch(server.url + path, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(asset.status, 200);
    assert.match(asset.headers.get('cache-control') ?? '', /immutable/);
    total += Number(asset.headers.get('content-length'));
  }
  assert.ok(total > 10_000 && total < 70_000, `${total} bytes gzipped`);
});

test('Chromium agrees on X25519MLKEM768', { skip: external }, async () => {
  const page = await openPage(browser, 'about:blank');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const details = new Promise((resolve) => {
    cdp.on('Network.responseReceived', (e) => e.response.securityDetails && resolve(e.response.securityDetails));
  });
  await page.goto(server.secureUrl + '/', { waitUntil: 'commit' });
  const { protocol, keyExchangeGroup } = await details;
  assert.equal(protocol, 'TLS 1.3');
  assert.equal(keyExchangeGroup, 'X25519MLKEM768');
  await signIn(page, server.token);
  await page.context().close();
});
