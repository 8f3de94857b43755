/* trouble.test.mjs: a session that ends, a server that goes away: nothing the reader wrote is lost. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, launch, openSignedIn, signIn } from './browser.mjs';
import { ANSWER_MS, external, Server } from './server.mjs';

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const PORT = 'Which port does the lantern service listen on?';
const NETWORK = [/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_NETWORK|ERR_FAILED|ERR_SOCKET/];

test('a session that ends in the middle gives the question back', async () => {
  const page = await openSignedIn(browser, server);
  await page.getByLabel('Your question').fill(PORT);
  /* In one go, so that no other request of the page finds out first. */
  const status = await page.evaluate(async () => {
    const response = await fetch('/api/session', { method: 'DELETE' });
    document.querySelector('.composer').requestSubmit();
    return response.status;
  });
  assert.equal(status, 204);
  await page.getByText('Your session has ended').waitFor();
  await signIn(page, server.token);
  assert.equal(await page.getByLabel('Your question').inputValue(), PORT);
  await page.keyboard.press('Enter');
  await page.locator('.answer .tools').waitFor({ timeout: ANSWER_MS });
  assert.match(await page.locator('.answer .prose').innerText(), /7411/);
  await page.finish();
});

test('a draft survives a reload', async () => {
  const page = await openSignedIn(browser, server);
  await page.getByLabel('Your question').fill('half a quest');
  await page.reload();
  await page.getByLabel('Your question').waitFor();
  assert.equal(await page.getByLabel('Your question').inputValue(), 'half a quest');
  await page.finish();
});

test('a server that goes away is noticed, waited for and met again', { skip: external }, async () => {
  const page = await openSignedIn(browser, server, {}, NETWORK);
  await ask(page, PORT);
  await server.kill();
  await page.getByLabel('Your question').fill('Who maintains the lantern service?');
  await page.keyboard.press('Enter');
  await page.locator('.banner').waitFor();
  const failed = page.locator('.answer.failed');
  await failed.waitFor();
  await server.restart();
  await page.locator('.banner').waitFor({ state: 'detached', timeout: 60_000 });
  await failed.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.answer').nth(1).locator('.tools').waitFor({ timeout: ANSWER_MS });
  assert.match(await page.locator('.answer').nth(1).innerText(), /electricians/);
  await page.finish();
});

test('an answer that breaks off shows what came and can be had again', async () => {
  const page = await openSignedIn(browser, server);
  const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  await page.route('**/api/chat/message', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: event('token', { text: 'The lantern service ' }) + event('token', { text: 'listens on' }),
    }),
  );
  await page.getByLabel('Your question').fill(PORT);
  await page.keyboard.press('Enter');
  const broken = page.locator('.answer.broken');
  await broken.getByText('The lantern service listens on').waitFor();
  await broken.getByText('The answer broke off here.').waitFor();
  await page.unroute('**/api/chat/message');
  await broken.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.answer.done .receipt-line').waitFor({ timeout: ANSWER_MS });
  assert.match(await page.locator('.answer .prose').innerText(), /7411/);
  assert.equal(await page.locator('.answer').count(), 1);
  await page.finish();
});

test('a server that dies while it answers is noticed', { skip: external }, async () => {
  const page = await openSignedIn(browser, server, {}, NETWORK);
  server.pause();
  await page.getByLabel('Your question').fill(PORT);
  await page.keyboard.press('Enter');
  await page.locator('.answer.waiting').waitFor();
  await server.kill();
  const failed = page.locator('.answer.failed');
  await failed.waitFor({ timeout: 60_000 });
  await server.restart();
  await page.locator('.banner').waitFor({ state: 'detached', timeout: 60_000 });
  await failed.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.answer.done .receipt-line').waitFor({ timeout: ANSWER_MS });
  assert.equal(await page.locator('.answer').count(), 1);
  await page.finish();
});
