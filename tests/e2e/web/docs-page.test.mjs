/* docs-page.test.mjs: the page /docs in Chromium: every address of the server in groups, found by its words, described, tried
 * with the session; axe finds nothing, on a phone neither. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, enterToken, launch, openPage, openSignedIn, PHONE } from './browser.mjs';
import { Server } from './server.mjs';

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

async function open(options, expected) {
  const page = await openSignedIn(browser, server, options, expected);
  await page.goto(server.url + '/docs');
  await page.getByRole('heading', { name: 'accounts' }).waitFor();
  return page;
}

test('a stranger signs in and comes back to the address', async () => {
  const page = await openPage(browser, server.url + '/docs#postInvites');
  await enterToken(page, server.token);
  await page.waitForURL('**/docs#postInvites');
  await page.getByRole('heading', { name: 'accounts' }).waitFor();
  await page.finish();
});

test('whoever is signed in finds the way', async () => {
  const page = await openSignedIn(browser, server);
  for (const from of ['/', '/account']) {
    await page.goto(server.url + from);
    await page.getByRole('link', { name: 'API', exact: true }).click();
    await page.getByRole('heading', { name: 'accounts' }).waitFor();
  }
  await page.finish();
});

test('every address is there, found and described', async () => {
  const page = await open();
  const document = await server.request('GET', '/openapi.json');
  const count = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
  assert.equal(await page.locator('.operation').count(), count);
  await page.getByLabel('Search addresses').fill('post invites');
  assert.equal(await page.locator('.operation').count(), 1);
  await page.locator('.operation summary').click();
  const details = page.locator('.operation .details');
  await details.getByText('too-many-invites').waitFor();
  await details.getByText('"ski_…"').waitFor();
  await details.getByText('Idempotency-Key').first().waitFor();
  /* Bounds belong to the type, not to the words that describe it. */
  assert.match(await details.locator('.members').first().textContent(), /Idempotency-Key header, string, 1…255 characters [A-Z]/);
  assert.match(await details.locator('.members').nth(1).textContent(), /role.*"admin" \| "member"/);
  await page.getByLabel('Search addresses').fill('no such thing');
  await page.getByText('Nothing is called that.').waitFor();
  await page.finish();
});

test('a request is tried with the session', async () => {
  const page = await open({}, [/status of 400/]);
  await page.getByLabel('Search addresses').fill('GET /v1/lookup');
  await page.locator('.operation summary').press('Enter');
  await page.getByLabel('word (required)').fill('hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('"canonical": "hello"').last().waitFor();
  await page.getByLabel('Search addresses').fill('POST /api/auth/invites');
  await page.locator('.operation summary').click();
  await page.getByLabel('Body').fill('{"role": "nobody"}');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('/problems/invalid-field').waitFor();
  await page.finish();
});

for (const [name, options] of [['light', { colorScheme: 'light' }], ['dark', { colorScheme: 'dark' }], ['phone', PHONE]]) {
  test(`nothing is in anybody's way: ${name}`, async () => {
    const page = await open(options);
    await page.getByLabel('Search addresses').fill('chat message');
    await page.locator('.operation summary').first().click();
    await page.getByText('Refusals').waitFor();
    assert.deepEqual(await axe(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    if (process.env.SKY_TEST_PICTURES) await page.screenshot({ path: `${process.env.SKY_TEST_PICTURES}/docs-${name}.png` });
    await page.finish();
  });
}
