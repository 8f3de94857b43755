/* evidence.mjs: what a test that failed leaves behind, among its output: what its pages showed, which requests they made and
 * what came of them, and what the servers said. */

import { afterEach } from 'node:test';

/* The last ones of a page, and of a server's log. */
const REQUESTS_KEPT = 60;
const LINES_KEPT = 60;

/* Of the test under way, and of what its file set up before. */
const pages = new Set();
const logs = new Map();

const seconds = (ms) => (ms / 1000).toFixed(3);

/* Notes each request of the page when it ends: after how long, with which status, or that it has not yet. */
export function watchPage(page) {
  const begun = performance.now();
  const requests = [];
  page.on('request', (r) => {
    const entry = { request: r, at: performance.now() - begun, ends: [] };
    if (requests.push(entry) > REQUESTS_KEPT) requests.shift();
  });
  const ended = (r, how) => {
    const entry = requests.find((e) => e.request === r);
    entry?.ends.push(`${how} after ${seconds(performance.now() - begun - entry.at)} s`);
  };
  page.on('response', (r) => ended(r.request(), r.status()));
  page.on('requestfailed', (r) => ended(r, r.failure()?.errorText));
  const watched = { page, requests };
  pages.add(watched);
  page.on('close', () => pages.delete(watched));
}

/* Keeps the last lines of what the server `name` says on `stream`. */
export function watchLog(name, stream) {
  const lines = logs.get(name) ?? [];
  logs.set(name, lines);
  stream.on('data', (data) => {
    lines.push(...String(data).split('\n').filter(Boolean));
    lines.splice(0, lines.length - LINES_KEPT);
  });
}

async function shown(page) {
  try {
    return await page.locator('body').innerText({ timeout: 5_000 });
  } catch (error) {
    return `(${error.message})`;
  }
}

afterEach(async (t) => {
  if (t.passed) return;
  const tell = (text) => text.split('\n').forEach((line) => t.diagnostic(line));
  for (const { page, requests } of pages) {
    tell(`the page at ${page.url()} showed:\n${await shown(page)}`);
    for (const { request, at, ends } of requests) tell(`${seconds(at)} s: ${request.method()} ${request.url()}: ${ends.join(', ') || '…'}`);
    await page.context().close();
  }
  for (const [name, lines] of logs) tell(`the log of ${name}:\n${lines.join('\n')}`);
});
