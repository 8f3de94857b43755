/* browser.mjs: pages in Chromium that notice what a user would not forgive: errors in the console, anything that the
 * content security policy had to stop, and any request that leaves the server. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { watchPage } from './evidence.mjs';
import { ANSWER_MS, until } from './server.mjs';

/* The longest that the server makes somebody wait who signed in often, and then some. */
export const WAIT_MS = 180_000;

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/* SKY_TEST_SLOW=10 makes the pages that many times slower: what only works by being quick fails then. */
const SLOW = Number(process.env.SKY_TEST_SLOW ?? 1);

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
}

/* A page at `url` in a fresh profile. `expected` are console messages that the test provokes on purpose. */
export async function openPage(browser, url, options = {}, expected = []) {
  const context = await browser.newContext({ ...DESKTOP, ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  watchPage(page);
  page.setDefaultTimeout(SLOW > 1 ? 180_000 : 30_000);
  if (SLOW > 1) {
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
  }
  const origin = new URL(url).origin;
  const faults = [];
  /* A first visit asks whether there is a session, and is told no; who signs in often has to wait. */
  const allowed = [/status of 4(01|29)/, ...expected];
  page.on('console', (m) => {
    const bad = m.type() === 'error' || m.type() === 'warning';
    if (bad && !allowed.some((pattern) => pattern.test(m.text()))) faults.push(`console: ${m.text()}`);
  });
  page.on('pageerror', (e) => faults.push(`error: ${e.stack}`));
  page.on('request', (r) => {
    if (!r.url().startsWith(origin) && !/^(data|blob):/.test(r.url())) faults.push(`left the server: ${r.url()}`);
  });
  page.finish = async () => {
    await context.close();
    assert.deepEqual(faults, []);
  };
  await page.goto(url);
  return page;
}

/* The sign-in's form for the owner's token, whichever it shows first. */
export async function tokenForm(page) {
  const field = page.getByLabel('Token', { exact: true });
  const other = page.getByRole('button', { name: 'Use the owner’s token instead' });
  await other.or(field).first().waitFor();
  if (await other.isVisible()) await other.click();
  await field.waitFor();
}

/* The owner's token, into the page where one signs in. An address from which many sign in is slowed down: people wait, and
 * press again. */
export async function enterToken(page, token) {
  await tokenForm(page);
  const field = page.getByLabel('Token', { exact: true });
  await field.fill(token);
  const waiting = page.getByRole('button', { name: /^Wait / });
  for (;;) {
    await page.getByRole('button', { name: 'Sign in', exact: true }).click({ timeout: WAIT_MS });
    await until('an answer', async () => (await field.count()) === 0 || (await waiting.isVisible()));
    if ((await field.count()) === 0) return;
  }
}

/* As the owner, by the token. */
export async function signIn(page, token) {
  await enterToken(page, token);
  await page.getByLabel('Your question').waitFor();
}

/* A page that is signed in already. */
export async function openSignedIn(browser, server, options = {}, expected = []) {
  const page = await openPage(browser, (options.base ?? server.url) + '/', options, expected);
  await signIn(page, server.token);
  return page;
}

/* Asks and waits for the end of the answer; returns the last answer's element. */
export async function ask(page, question) {
  const answers = page.getByRole('article', { name: 'Answer' });
  const before = await answers.count();
  await page.getByLabel('Your question').fill(question);
  await page.keyboard.press('Enter');
  const answer = answers.nth(before);
  await answer.locator('.tools, .ending').first().waitFor({ timeout: ANSWER_MS });
  return answer;
}

/* What has the focus at the moment when an element that fits `selector` appears, before anybody could see it. To be
 * called before it does. */
export async function focusOnArrival(page, selector) {
  const seen = await page.evaluateHandle((selector) => ({
    focus: new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector(selector)) return;
        observer.disconnect();
        resolve(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName);
      });
      observer.observe(document.body, { childList: true, subtree: true });
    }),
  }), selector);
  return () => seen.evaluate((s) => s.focus);
}

/* RFC 6238, as an app does it. A code works once: `ahead` takes the next one. */
export function codeOf(secret, ahead = 0) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export const plain = (text) => text.replace(/\s+/g, ' ').trim();

/* What axe finds wrong with the page as it is now. Its script is put in through the debugger: the policy of the page
 * stays as it is. */
export async function axe(page) {
  const loaded = await page.evaluate(() => 'axe' in window);
  if (!loaded) {
    const { readFile } = await import('node:fs/promises');
    await page.evaluate(await readFile(axePath, 'utf8'));
  }
  const result = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return result.violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('\n  ')}`);
}

/* Makes what the page receives arrive slowly, so that an answer can be caught half way; -1: as fast as it can. Always
 * through one session, because the slowest of several counts. */
export async function throttle(page, bytes_s) {
  page.network ??= await page.context().newCDPSession(page);
  await page.network.send('Network.enable');
  await page.network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: bytes_s,
    uploadThroughput: -1,
  });
}
