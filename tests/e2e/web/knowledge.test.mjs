/* knowledge.test.mjs: teaching by dropping, by choosing, by path; finding, reading and forgetting documents. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, axe, launch, openSignedIn } from './browser.mjs';
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

const LIGHTHOUSE = 'Lighthouse log\n\nThe lighthouse of Skarvholm was painted yellow in the spring of 1931 by Ada Lindqvist.\n';

test('a dropped file is learned and answers at once', async () => {
  const page = await openSignedIn(browser, server);
  const data = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'lighthouse.txt', { type: 'text/plain' }));
    return data;
  }, LIGHTHOUSE);
  const drag = (name) =>
    data.evaluate((data, name) => document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true })), name);
  await drag('dragenter');
  await page.getByText('Drop to learn').waitFor();
  await drag('drop');
  await page.getByText('Drop to learn').waitFor({ state: 'detached' });
  const tray = page.getByRole('region', { name: 'Learning' });
  await tray.locator('.tray-item.done', { hasText: 'lighthouse.txt' }).waitFor({ timeout: ANSWER_MS });
  await tray.getByRole('button', { name: 'Close the list' }).click();
  await tray.waitFor({ state: 'detached' });
  const answer = await ask(page, 'In which year was the lighthouse of Skarvholm painted yellow?');
  assert.match(await answer.innerText(), /1931/);
  await page.finish();
});

test('several files are learned, each fault beside its file', async () => {
  const page = await openSignedIn(browser, server, {}, [/status of 4\d\d/]);
  await page.locator('.composer input[type=file]').setInputFiles([
    { name: 'good.md', mimeType: 'text/markdown', buffer: Buffer.from('# Good\n\nThe gatehouse password changes every ninth day.\n') },
    { name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 this is not a PDF') },
    { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
  ]);
  const tray = page.getByRole('region', { name: 'Learning' });
  await tray.locator('.tray-item.done', { hasText: 'good.md' }).waitFor({ timeout: ANSWER_MS });
  const broken = tray.locator('.tray-item.failed', { hasText: 'broken.pdf' });
  await broken.waitFor({ timeout: ANSWER_MS });
  assert.ok((await broken.locator('small').innerText()).length > 5);
  assert.match(await tray.locator('.tray-item.failed', { hasText: 'empty.txt' }).innerText(), /empty/);
  const box = await tray.boundingBox();
  const account = await page.locator('.account-link').first().boundingBox();
  assert.ok(box.y + box.height <= account.y, 'the way to the account is free');
  /* The list scrolls now. */
  await page.setViewportSize({ width: 1280, height: 400 });
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
  assert.deepEqual(await axe(page), []);
  await page.finish();
});

test('documents are listed, searched, opened, forgotten and brought back', async () => {
  const page = await openSignedIn(browser, server);
  await page.getByRole('button', { name: /^Knowledge/ }).click();
  const row = page.locator('.document-row', { hasText: 'tides.txt' });
  await row.waitFor();
  await page.getByText(/^\d+ documents, [\d,]+ passages/).waitFor();

  await page.getByLabel('Search documents and passages').fill('tides');
  await page.waitForFunction(() => [...document.querySelectorAll('.document-row')].every((r) => /tides/i.test(r.textContent)));
  await page.getByLabel('Search documents and passages').fill('mean error exceeds four centimetres');
  const passage = page.locator('.passages button').first();
  await passage.waitFor();
  await page.locator('.passages mark', { hasText: 'centimetres' }).first().waitFor();
  for (const card of await page.locator('.passages .source-open').all()) {
    const [title, place] = await card.locator('b, span:not(.sr-only)').allInnerTexts();
    assert.notEqual(place, title, 'a place that says nothing is left out');
  }
  await passage.click();
  await page.locator('.document mark').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.document').waitFor({ state: 'detached' });

  const nearest = page.getByText('No passage has these words; nearest by meaning:');
  assert.equal(await nearest.count(), 0);
  await page.getByLabel('Search documents and passages').fill('zzzzqqqq');
  await nearest.waitFor();
  await page.getByLabel('Search documents and passages').fill('tides');
  await row.getByRole('button', { name: /Tide tables|tides/ }).first().click();
  await page.getByRole('complementary', { name: 'Stored copy' }).getByText('Central European Time').waitFor();
  await page.goBack();
  await page.getByRole('complementary', { name: 'Stored copy' }).waitFor({ state: 'detached' });

  const forget = async () => {
    await row.hover();
    await row.getByRole('button', { name: /^Forget/ }).click();
    await row.waitFor({ state: 'detached' });
  };
  await forget();
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.waitFor();
  const gone = page.waitForResponse((r) => r.request().method() === 'DELETE');
  await forget();
  assert.equal((await gone).status(), 204);
  await page.reload();
  await page.locator('.document-row').first().waitFor();
  assert.equal(await row.count(), 0);
  await page.finish();
});

test('a folder on the server is learned by its path', { skip: external }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sky-folder-'));
  await mkdir(join(folder, 'deep'));
  await writeFile(join(folder, 'one.txt'), 'The northern buoy is green and blinks twice.\n');
  await writeFile(join(folder, 'deep', 'two.md'), '# Buoys\n\nThe southern buoy is red and silent.\n');
  await writeFile(join(folder, 'bad.docx'), 'PK\x03\x04 this archive ends here');
  const page = await openSignedIn(browser, server, {}, [/status of 4\d\d/]);
  await page.getByRole('button', { name: /^Knowledge/ }).click();
  const field = page.getByLabel('Folder or file on the machine that runs sky');
  await field.fill('relative/path');
  await page.getByRole('button', { name: 'Learn', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'whole path' }).waitFor();
  await field.fill(folder);
  await page.keyboard.press('Enter');
  const item = page.getByRole('region', { name: 'Learning' }).locator('.tray-item.done');
  await item.waitFor({ timeout: ANSWER_MS });
  assert.match(await item.innerText(), /2 documents learned.*1 failed/);
  await item.getByText('1 problem').click();
  await item.getByText('bad.docx').waitFor();
  await page.locator('.document-row', { hasText: 'two.md' }).waitFor();
  await page.finish();
  await rm(folder, { recursive: true });
});
