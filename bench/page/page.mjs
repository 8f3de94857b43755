/* page.mjs: Lighthouse on one address, as a phone on a slow line sees it.
 *
 *   node page.mjs URL COOKIE REPEATS     one line of JSON a run
 *
 * The profile is Lighthouse's own for phones: 1.6 Mbit/s, 150 ms to the server and back, a processor four times slower.
 * Bytes are those of the answers as they were sent, all of them. */

import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const [url, cookie, repeats] = process.argv.slice(2);

async function run() {
  const chrome = await launch({
    chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromeFlags: ['--headless=new', '--no-sandbox'],
    logLevel: 'silent',
  });
  try {
    const { lhr } = await lighthouse(url, {
      port: chrome.port,
      onlyCategories: CATEGORIES,
      extraHeaders: { Cookie: cookie },
      logLevel: 'error',
    });
    if (lhr.runtimeError) throw new Error(`${lhr.runtimeError.code}: ${lhr.runtimeError.message}`);
    const numeric = (audit) => lhr.audits[audit].numericValue;
    const failed = Object.values(lhr.audits).filter((a) => a.score !== null && a.score < 0.9 && a.scoreDisplayMode !== 'informative');
    return {
      lighthouse: lhr.lighthouseVersion,
      chromium: /Chrome\/([\d.]+)/.exec(lhr.environment.hostUserAgent)?.[1] ?? '',
      scores: Object.fromEntries(CATEGORIES.map((c) => [c, lhr.categories[c].score * 100])),
      first_render_ms: numeric('first-contentful-paint'),
      largest_render_ms: numeric('largest-contentful-paint'),
      blocking_ms: numeric('total-blocking-time'),
      shift: numeric('cumulative-layout-shift'),
      bytes: numeric('total-byte-weight'),
      requests: lhr.audits['network-requests'].details.items.length,
      below: failed.map((a) => a.id),
    };
  } finally {
    await chrome.kill();
  }
}

/* On a busy machine a trace may lack its beginning (NO_NAVSTART): that says nothing of the page. */
async function tried() {
  for (let left = 5; ; left--) {
    try {
      return await run();
    } catch (e) {
      if (left === 0 || !/NO_NAVSTART/.test(String(e))) throw e;
    }
  }
}

for (let i = 0; i < Number(repeats); i++) console.log(JSON.stringify(await tried()));
