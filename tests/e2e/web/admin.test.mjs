/* admin.test.mjs: the page /admin in Chromium on the real program: who may see it, panels by pointer and key, numbers of
 * questions that were really asked, tables that sort, filter, page and export, and knowledge that is learned and forgotten. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, DESKTOP, enterToken, launch, openPage, PHONE } from './browser.mjs';
import { engine, external, Server, until } from './server.mjs';
import { csv } from '../../../web/src/admin/csv.ts';
import { compareCells } from '../../../web/src/admin/rows.ts';

const PANELS = ['overview', 'nodes', 'knowledge'];
const THEMES = ['light', 'dark'];
/* Of a stream that a test breaks, or a page that is left while it loads. */
const BROKEN = [/ERR_(CONNECTION|INCOMPLETE|EMPTY|NETWORK|ABORTED|INTERNET)/, /status of 403/];

let server;
let browser;
let folder;
before(async () => {
  server = await Server.start();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'sky-admin-'));
  for (const message of ['Which port does the lantern service listen on?', 'Which port does the lantern service listen on?', 'What is the salary of the chief accountant of the Oslo office?']) {
    await server.request('POST', '/api/chat/message', { message });
  }
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/* Signs in where every page does, and comes back. */
async function open(panel, form = DESKTOP, expected = []) {
  const page = await openPage(browser, `${server.url}/admin#${panel}`, { reducedMotion: 'reduce', ...form }, [...BROKEN, ...expected]);
  await enterToken(page, server.token);
  await page.waitForURL(`**/admin#${panel}`);
  await page.locator('.panel-head h1').waitFor();
  return page;
}

const group = (page, name) => page.getByRole('group', { name, exact: true });
const cells = (page, table, column) =>
  group(page, table).locator('tbody tr').evaluateAll((rows, i) => rows.map((r) => r.children[i].textContent.trim()), column);

test('CSV is RFC 4180, and nothing in it is a formula', () => {
  assert.equal(csv([['a', 1, -2.5, null, true], ['x,y', 'say "so"', 'two\nlines', '', undefined]]), 'a,1,-2.5,,true\r\n"x,y","say ""so""","two\nlines",,\r\n');
  for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1']) {
    const [line] = csv([[evil]]).split('\r\n').slice(-2);
    assert.ok(csv([[evil]]).replace(/^"/, '').startsWith("'"), `${JSON.stringify(evil)} ${line}`);
  }
  assert.equal(csv([[-1, 'a=b', Number.NaN]]), '-1,a=b,\r\n');
});

test('cells compare as people sort', () => {
  const sorted = ['b10', 'B9', '', 'a', null, 'ä'].sort(compareCells);
  assert.deepEqual(sorted.slice(0, 4), ['a', 'ä', 'B9', 'b10']);
  assert.deepEqual([10, 9, null, -1].sort(compareCells), [-1, 9, 10, null]);
});

test('whoever is not signed in signs in and comes back to the panel', async () => {
  const page = await open('nodes');
  assert.equal(await page.locator('.panel-head h1').textContent(), 'Nodes');
  assert.equal(await page.title(), 'Nodes · sky');
  await page.goto(server.url + '/');
  await page.getByLabel('Your question').waitFor();
  assert.equal(new URL(page.url()).pathname, '/', 'it comes back once only');
  await page.finish();
});

test('who is no administrator is told so', async () => {
  const page = await openPage(browser, `${server.url}/`, DESKTOP, BROKEN);
  await page.route('**/api/session', (route) => route.fulfill({ json: { name: 'Ada', role: 'member' } }));
  await page.goto(`${server.url}/admin`);
  await page.getByRole('heading', { name: 'This page is for administrators' }).waitFor();
  assert.match(await page.locator('main').textContent(), /signed in as Ada, in the role member/);
  assert.deepEqual(await axe(page), []);
  await page.finish();
});

test('panels open by the address, by pointer and by key, and the focus comes along', async () => {
  const page = await open('overview');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the panel');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.getByRole('link', { name: 'Knowledge' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Knowledge' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Knowledge');
  assert.equal(await page.getByRole('link', { name: 'Knowledge' }).getAttribute('aria-current'), 'page');
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.evaluate(() => void (location.hash = 'nothing-of-that-name'));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.finish();
});

test('the overview shows what was asked', async () => {
  const page = await open('overview');
  const levels = group(page, 'Levels');
  await levels.getByRole('row', { name: /L0 remembered/ }).waitFor();
  const real = await server.request('GET', '/api/admin/overview?range=24h');
  const figure = (name) => page.locator('.figure', { has: page.getByText(name, { exact: true }) }).locator('b').textContent();
  assert.equal(await figure('Answers'), String(real.totals.answers));
  assert.equal(await figure('Not in the documents'), String(real.totals.refused));
  assert.ok(real.totals.answers >= 3 && real.totals.refused >= 1);
  assert.deepEqual(await cells(page, 'Levels', 1), real.levels.map((l) => String(l.total)));
  /* A number and its unit are one line, and the numbers of a row stand in line, however long a name is. */
  await page.locator('.figure', { hasText: 'Memory' }).getByText(/[KMG]B$/).waitFor();
  const boxes = await page.locator('.figure b').evaluateAll((all) => all.map((b) => b.getBoundingClientRect()).map(({ y, height }) => [y, height]));
  assert.equal(new Set(boxes.map(([, height]) => height)).size, 1, JSON.stringify(boxes));
  assert.equal(new Set(boxes.map(([y]) => y)).size, 2, JSON.stringify(boxes));
  await page.locator('.chart canvas').first().waitFor();
  /* The same numbers for whoever does not see the drawing. */
  const chart = page.locator('.chart', { hasText: 'Answers by level' });
  await chart.getByText('As a table').click();
  const row = chart.locator('tbody tr').first();
  await row.waitFor();
  const numbers = (await row.locator('td').allTextContents()).map(Number);
  assert.equal(numbers.reduce((a, b) => a + b), real.totals.answers);
  const toggle = chart.getByRole('button', { name: 'L1 passages' });
  await toggle.click();
  assert.equal(await toggle.getAttribute('aria-pressed'), 'false');
  await page.getByRole('button', { name: '30 days' }).click();
  await until('the month', async () => (await page.getByRole('button', { name: '30 days' }).getAttribute('aria-pressed')) === 'true');
  await levels.getByRole('row', { name: /L0 remembered/ }).waitFor();
  await page.finish();
});

test('numbers are live, can be stopped, and come back after the server was away', { skip: external }, async () => {
  const page = await open('overview');
  const button = page.getByRole('button', { name: /^Live numbers/ });
  const state = (word) => until(word, async () => (await button.textContent()).endsWith(word), 60_000);
  await state('live');
  await button.click();
  await state('off');
  await button.click();
  await state('live');
  await server.kill();
  await state('reconnecting');
  await server.restart();
  await state('live');
  await page.finish();
});

test('the drawing shows the parts that run, by key too', async () => {
  const page = await open('nodes');
  const { parts } = await server.request('GET', '/api/admin/system');
  const drawn = page.getByRole('group', { name: 'The parts of NOD1' }).getByRole('button');
  await drawn.first().waitFor();
  assert.equal(await drawn.count(), parts.length);
  const store = page.getByRole('button', { name: /^Store/ });
  await store.focus();
  await page.keyboard.press('Enter');
  const details = page.locator('.part-details');
  await details.getByText(engine).waitFor();
  assert.match(await details.textContent(), new RegExp(`engine.*${engine}.*disk free${engine === 'sqlite' ? '[\\d.]+\\sGB' : '–'}`, 's'));
  assert.equal(await store.getAttribute('aria-pressed'), 'true');
  assert.deepEqual(await cells(page, 'Nodes', 0), ['NOD1']);
  await page.finish();
});

test('documents are filtered by the server, and exported', async () => {
  const page = await open('knowledge');
  const table = group(page, 'Documents');
  await table.getByRole('row', { name: /Lantern service manual/ }).waitFor();
  await table.getByRole('searchbox').fill('lantern');
  await until('filtering', async () => (await table.locator('tbody tr').count()) === 1);
  const waiting = page.waitForEvent('download');
  await table.getByRole('button', { name: /CSV/ }).click();
  const file = await waiting;
  assert.match(file.suggestedFilename(), /^sky-documents-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await readFile(await file.path(), 'utf8')).split('\r\n');
  assert.equal(lines[0], '\ufeffDocument,Size,Passages,With vectors,Learned');
  assert.equal(lines.length, 3);
  assert.match(lines[1], /lantern\.md/);
  await table.getByRole('searchbox').fill('nothing like that');
  await table.getByText('Nothing fits').waitFor();
  await page.finish();
});

test('a folder is learned, paged, sorted, forgotten after asking, and learned again', { skip: external }, async () => {
  for (let i = 0; i < 30; i++) await writeFile(join(folder, `note-${String(i).padStart(2, '0')}.txt`), `Note ${i} tells of otter number ${i}.\n`);
  const page = await open('knowledge');
  await page.getByLabel('Path on the server').fill('notes');
  await page.getByRole('button', { name: 'Learn', exact: true }).click();
  await page.getByText('beginning with /').waitFor();
  await page.getByLabel('Path on the server').fill(folder);
  await page.keyboard.press('Enter');
  const jobs = group(page, 'Jobs');
  await jobs.getByRole('row', { name: /30 new/ }).waitFor();
  const documents = group(page, 'Documents');
  const found = page.waitForResponse((r) => r.url().includes('q=note-'));
  await documents.getByRole('searchbox').fill('note-');
  await found;
  /* All but the head are what was looked for: pages of them are another thing than pages of everything. */
  await documents.getByRole('row', { name: /^(?!.*note-).*\w/ }).nth(1).waitFor({ state: 'detached' });
  await documents.getByText('1–25').waitFor();
  await documents.getByRole('button', { name: 'Next' }).click();
  await documents.getByText('26–30').waitFor();
  await documents.getByRole('button', { name: 'Back' }).click();
  await documents.getByText('1–25').waitFor();
  const sources = group(page, 'Sources');
  const row = sources.getByRole('row', { name: new RegExp(folder) });
  await row.getByRole('button', { name: /^Forget/ }).click();
  const dialog = page.getByRole('dialog');
  assert.match(await dialog.textContent(), /30 documents leave the knowledge/);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Forget/, 'the focus is where it was');
  await row.getByRole('button', { name: /^Forget/ }).click();
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await jobs.getByRole('row', { name: /30 forgotten/ }).waitFor();
  await row.waitFor({ state: 'detached' });
  await page.getByRole('status').getByRole('button', { name: 'Learn it again' }).click();
  await row.waitFor();
  await row.getByRole('button', { name: /^Learn again/ }).click();
  await jobs.getByRole('row', { name: /30 unchanged/ }).waitFor();
  /* Sorted by its outcome, up and down. */
  await jobs.getByRole('button', { name: 'Outcome' }).click();
  const up = await cells(page, 'Jobs', 3);
  assert.deepEqual(up, [...up].sort(compareCells));
  await jobs.getByRole('button', { name: 'Outcome' }).click();
  assert.deepEqual(await cells(page, 'Jobs', 3), up.reverse());
  assert.equal(await jobs.getByRole('columnheader', { name: 'Outcome' }).getAttribute('aria-sort'), 'descending');
  await page.finish();
});

test('what fails is told, and can be tried again', async () => {
  const page = await open('overview', DESKTOP, [/status of 500/]);
  await page.route('**/api/crawler/documents**', (route) => route.fulfill({ status: 500, json: { title: 'Broken', detail: 'The disk is full of sand.' } }));
  await page.evaluate(() => void (location.hash = 'knowledge'));
  const table = group(page, 'Documents');
  await table.getByRole('alert').getByText('The disk is full of sand.').waitFor();
  await page.unroute('**/api/crawler/documents**');
  await table.getByRole('button', { name: 'Try again' }).click();
  await table.locator('tbody tr').first().waitFor();
  await page.finish();
});

for (const panel of PANELS) {
  for (const [form, what] of [[DESKTOP, 'desktop'], [PHONE, 'phone']]) {
    test(`${panel} is accessible in both themes on a ${what}, and fits`, async () => {
      for (const colorScheme of THEMES) {
        const page = await open(panel, { ...form, colorScheme });
        await until('data', async () => (await page.locator('.skeleton').count()) === 0);
        await page.getByRole('button', { name: /^Live numbers: live/ }).waitFor();
        const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.getElementById('main').scrollWidth - document.getElementById('main').clientWidth]);
        assert.deepEqual(width, [form.viewport.width, 0]);
        assert.deepEqual(await axe(page), [], colorScheme);
        await page.finish();
      }
    });
  }
}
