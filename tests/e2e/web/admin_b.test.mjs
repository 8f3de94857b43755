/* admin_b.test.mjs: the panels AI, System and People, as an administrator uses them. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, launch, openSignedIn, PHONE } from './browser.mjs';
import { external, ROOT, Server, until } from './server.mjs';

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

async function checkAxe(page, what) {
  assert.deepEqual(await axe(page), [], what);
}

async function open(panel, options, expected) {
  const page = await openSignedIn(browser, server, options, expected);
  await page.goto(`${server.url}/admin#${panel}`);
  await page.locator('.panel-head h1').waitFor();
  return page;
}

test('every field looks like one, and nothing lengthens the page', async () => {
  const page = await open('ai/providers');
  await page.getByRole('button', { name: 'Add a provider' }).click();
  const look = (label) => page.getByRole('dialog').getByLabel(label).first().evaluate((e) => {
    const { border, borderRadius, padding, backgroundColor } = getComputedStyle(e);
    return { border, borderRadius, padding, backgroundColor };
  });
  assert.deepEqual(await look('Address of its OpenAI API'), await look('Model'));
  await page.setViewportSize({ width: 1280, height: 400 });
  await page.goto(`${server.url}/admin#overview`);
  await page.reload();
  await page.locator('main .sr-only').last().waitFor({ state: 'attached' });
  const [height, room] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
  assert.ok(height <= room, `${height} > ${room}`);
  await page.finish();
});

test('a sprint is planned, and its cards move by keyboard', async () => {
  const page = await open('system');
  await page.getByText('There is no sprint yet.').waitFor();
  await page.getByRole('button', { name: 'New sprint' }).click();
  await page.getByLabel('Name').fill('Sprint 1');
  await page.getByLabel('Goal').fill('Ship it');
  await page.getByLabel('Starts').fill('2026-02-01');
  await page.getByLabel('Ends').fill('2026-01-01');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('alert').getByText('ends_on').waitFor();
  await page.getByLabel('Ends').fill('2026-02-14');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Sprint 1' }).waitFor();
  for (const title of ['Write', 'Test']) {
    await page.getByRole('button', { name: 'New item' }).click();
    await page.getByLabel('Title').fill(title);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  const lane = (name) => page.getByRole('region', { name, exact: true }).locator('.item-title');
  await lane('Planned').nth(1).waitFor();
  assert.deepEqual(await lane('Planned').allInnerTexts(), ['Write', 'Test']);
  const card = page.locator('.item', { hasText: 'Test' });
  await card.focus();
  await page.keyboard.press('ArrowUp');
  await page.waitForFunction(() => document.querySelector('.lane .item-title')?.textContent === 'Test');
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Test'));
  await page.keyboard.press('ArrowRight');
  await lane('Doing').getByText('Test').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Test'));
  await page.keyboard.press('ArrowRight');
  await lane('Done').getByText('Test').waitFor();
  await page.getByText('1 of 2 items done').waitFor();

  /* Somebody else is faster. */
  const [sprint] = (await server.request('GET', '/api/admin/sprints')).sprints;
  await page.getByRole('button', { name: 'Change the sprint' }).click();
  await server.request('PATCH', `/api/admin/sprints/${sprint.id}`, { version: sprint.version, name: 'Sprint one' });
  await page.getByLabel('Name').fill('Mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('read it again').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await checkAxe(page, 'sprints');
  await page.finish().catch((e) => assert.match(e.message, /409|400/));
});

test('the configuration says where each value came from', async () => {
  const page = await open('system/config');
  const row = page.getByRole('row', { name: /^http / });
  await row.getByText('--http').waitFor();
  await checkAxe(page, 'configuration');
  await page.finish();
});

test('the log comes as it is written, and is searched', async () => {
  const page = await open('system/logs');
  await page.locator('.log-line').first().waitFor();
  await fetch(`${server.url}/api/status?a-trace-of-mine`);
  await page.getByRole('searchbox', { name: 'Find in the log' }).fill('status=401');
  await page.locator('.log-line', { hasText: 'status=401' }).first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.log-line')].every((line) => line.textContent.includes('status=401')));
  const before = await page.locator('.log-line').count();
  await fetch(`${server.url}/api/status`);
  await page.waitForFunction((n) => document.querySelectorAll('.log-line').length > n, before);
  await checkAxe(page, 'log');
  await page.finish();
});

test('the prompt is tried, saved, and restored', async () => {
  const page = await open('ai/prompt');
  const text = page.getByLabel('Text', { exact: true });
  const own = await text.inputValue();
  await text.fill('x'.repeat(600));
  assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
  await text.fill('Answer in five words.');
  await page.getByLabel('Try it with a question').fill('How do I turn on verbose output?');
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.locator('.tried .facts').waitFor({ timeout: 120_000 });
  await page.getByLabel('Note').fill('shorter');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Version 1.').waitFor();
  await page.getByRole('button', { name: /^Restore: 0/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Version 2.').waitFor();
  assert.equal(await page.getByLabel('Text', { exact: true }).inputValue(), own);
  await checkAxe(page, 'prompt');
  await page.finish();
});

test('costs are imported once and undone', async () => {
  const page = await open('ai/costs');
  const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  const file = { name: 'bill.csv', mimeType: 'text/csv', buffer: Buffer.from(`date,service,amount,currency\n${day},S3,1.25,USD\n${day},EC2,2.5,USD\n`) };
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText('2 amounts imported').waitFor();
  await page.locator('.figure', { hasText: 'All services' }).getByText('$3.75').waitFor();
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('row', { name: /bill.csv/ }).nth(1).waitFor();
  await page.locator('.figure', { hasText: 'All services' }).getByText('$3.75').waitFor();
  await checkAxe(page, 'costs');
  for (let left = 1; left >= 0; left--) {
    await page.getByRole('button', { name: /^Undo the import/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }).click();
    await page.waitForFunction((n) => document.querySelectorAll('table tbody tr').length === n || (n === 0 && document.querySelector('.empty')), left);
  }
  await page.getByText('Nothing was imported.').waitFor();
  await page.finish();
});

test('what was asked is added up, what was voted down is shown', async () => {
  const asked = await server.request('POST', '/api/chat/message', { message: 'How do I turn on verbose output?' });
  await server.request('POST', '/api/chat/vote', { message_id: asked.message_id, vote: -1 });
  const page = await open('ai', {}, [/status of 404/]);
  await page.locator('.figure', { hasText: 'Answers' }).first().waitFor();
  await page.getByRole('table', { name: 'Usage by account' }).getByText('owner').waitFor();
  await page.getByText('the local model').waitFor();
  await checkAxe(page, 'usage');
  await page.getByRole('link', { name: 'Voted down' }).click();
  await page.getByRole('row', { name: /verbose output/ }).waitFor();
  await page.getByRole('columnheader', { name: 'Still given to others' }).waitFor();
  await page.getByText('A vote removes the answer for who voted; the bin removes it for others.').waitFor();
  await page.getByRole('button', { name: /^Show/ }).click();
  await page.getByRole('dialog').getByText('Sources').waitFor();
  await checkAxe(page, 'votes');
  await page.finish();
});

test('an account is invited, changed, and an agent is shown as one', async () => {
  const { invite } = await server.request('POST', '/api/auth/invites', { role: 'agent' });
  /* Without the token: with it the account would be the owner's. */
  const registered = await fetch(`${server.url}/api/auth/register`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'bot@example.org', password: 'correct horse battery', name: 'Robin', invite }),
  });
  assert.equal(registered.status, 201);
  const page = await open('people', {}, [/status of 40[34]/]);
  const row = page.getByRole('row', { name: /Robin/ });
  await row.locator('.badge', { hasText: 'agent' }).waitFor();
  await row.getByRole('button', { name: /^Logins/ }).click();
  await page.getByRole('dialog').getByRole('table').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await checkAxe(page, 'people');
  await page.getByRole('link', { name: 'Invitations' }).click();
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  const code = page.getByLabel('Shown this once');
  await code.waitFor();
  assert.match(await code.inputValue(), /#invite=ski_/);
  await page.getByRole('dialog').getByText('This address works on this machine only.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('row', { name: /member/ }).waitFor();
  await checkAxe(page, 'invitations');
  await page.finish();
});

test('no level is offered that this version does not have, and a tier keeps the one that it holds', async () => {
  await server.request('PUT', '/api/admin/tiers/deep', { level_max: 'L5' });
  const page = await open('people/tiers');
  const row = page.getByRole('row', { name: /^deep/ });
  assert.equal(await row.locator('td[data-title="Level"]').textContent(), 'L3');
  await row.getByRole('button', { name: /^Change/ }).click();
  const level = page.getByLabel('Highest level');
  assert.deepEqual(await level.locator('option').allTextContents(), ['L0', 'L1', 'L2', 'L3']);
  assert.equal(await level.inputValue(), 'L3');
  const kept = async () => (await server.request('GET', '/api/admin/tiers')).tiers.find((t) => t.name === 'deep');
  await page.getByLabel('API keys').fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual([(await kept()).level_max, (await kept()).keys], ['L5', 7]);
  await row.getByRole('button', { name: /^Change/ }).click();
  await level.selectOption('L1');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await kept()).level_max, 'L1');
  await page.goto(`${server.url}/admin#ai/budgets`);
  await page.getByRole('button', { name: 'New budget' }).click();
  assert.deepEqual(await page.getByLabel('Level', { exact: true }).locator('option').allTextContents(), ['all together', 'L0 alone', 'L1 alone', 'L2 alone', 'L3 alone']);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${server.url}/admin#ai/usage`);
  await page.getByRole('region', { name: 'Levels now' }).getByText('the local model').waitFor();
  assert.deepEqual(await page.locator('.states b').evaluateAll((all) => all.map((b) => b.textContent).filter((t) => /^L\d$/.test(t))), ['L0', 'L1', 'L2', 'L3']);
  await server.request('DELETE', '/api/admin/tiers/deep');
  await page.finish();
});

test('a backup is made at the press of a button, and listed', async () => {
  const page = await open('system/backups');
  await page.getByText('There is no backup in this folder.').waitFor();
  await page.getByText(/^Made only when asked \(backup\.every is 0\); kept in \/.+\.$/).waitFor();
  await page.getByText('none', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByRole('row', { name: /sky-[0-9a-f]{8}-\d{8}-\d{6}-\d{3}\.skybak/ }).waitFor();
  await page.getByText('just now').waitFor();
  await page.getByRole('button', { name: 'Back up now' }).and(page.locator(':enabled')).waitFor();
  await checkAxe(page, 'backups');
  await page.finish();
});

/* --- The audit trail ------------------------------------------------------------------------------------------------- */

/* More than the export asks for at once. */
const PRINTED = 230;
const PRINTED_ROWS = '/api/admin/audit?act=token.printed&limit=500';

/* Rows of the trail, written behind the answers to what they tell of. */
async function print() {
  for (let i = 0; i < PRINTED; i++) await server.request('POST', '/api/admin/audit', { act: 'token.printed', uid: 1000 + i });
  return until('rows', async () => {
    const { audit } = await server.request('GET', PRINTED_ROWS);
    return audit.length >= PRINTED && audit;
  });
}

const trail = (page) => page.getByRole('group', { name: 'Audit trail', exact: true });
const choice = (page, name) => page.getByRole('combobox', { name, exact: true });
const details = (page) => trail(page).locator('td[data-title="Detail"]').allInnerTexts();
const shows = (page, entries) => until('the page', async () => String(await details(page)) === String(entries.map((e) => `uid: ${e.detail.uid}`)));

async function exported(page) {
  const waiting = page.waitForEvent('download');
  await trail(page).getByRole('button', { name: /CSV/ }).click();
  const file = await waiting;
  assert.match(file.suggestedFilename(), /^sky-audit-trail-\d{4}-\d\d-\d\d\.csv$/);
  return (await readFile(await file.path(), 'utf8')).split('\r\n').slice(0, -1);
}

test('the audit trail is filtered, paged and exported as its API does', { skip: external }, async () => {
  const printed = await print();
  const page = await open('system/audit');
  await choice(page, 'Act').selectOption('token.printed');
  const acts = [...(await readFile(join(ROOT, 'account/audit.h'), 'utf8')).matchAll(/^ {4}X\([A-Z_]+, "([^"]+)"/gm)].map(([, name]) => name);
  assert.deepEqual((await choice(page, 'Act').locator('option').allInnerTexts()).slice(1), acts);
  await shows(page, printed.slice(0, 25));
  await trail(page).getByRole('button', { name: 'Next' }).click();
  await trail(page).getByText('26–50').waitFor();
  await shows(page, printed.slice(25, 50));
  /* Another filter begins at its first page. */
  await choice(page, 'Account').selectOption('owner');
  await shows(page, printed.slice(0, 25));
  await trail(page).getByText('1–25').waitFor();
  const linesOf = (selector) => trail(page).locator(selector).evaluateAll((all) => all.map((e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return range.getClientRects().length;
  }));
  assert.deepEqual(new Set(await linesOf('.address')), new Set([1]), 'an address is one line');
  const [head, ...lines] = await exported(page);
  assert.equal(head, '\ufeffAct,When,By,Done to,Outcome,Detail,Number,Account,Login,Key,Address,Request');
  assert.deepEqual(lines.map((line) => line.split(',')[6]), printed.map((e) => String(e.seq)));
  await checkAxe(page, 'audit');
  await page.finish();
});

test('what an account did is shown when it is gone', async () => {
  const registered = await fetch(`${server.url}/api/auth/register`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'sam@example.org', password: 'correct horse battery', name: 'Sam', invite: (await server.request('POST', '/api/auth/invites', { role: 'member' })).invite }),
  });
  assert.equal(registered.status, 201);
  const { people } = await server.request('GET', '/api/admin/people?q=sam@');
  await server.request('DELETE', `/api/admin/people/${people[0].id}`);
  const page = await open('system/audit', { ...PHONE, colorScheme: 'dark' });
  await trail(page).getByRole('button', { name: /^Only by Sam/ }).first().click();
  await page.waitForFunction(() => [...document.querySelectorAll('td[data-title="By"]')].every((td) => td.textContent.startsWith('Sam')));
  assert.equal(await page.evaluate(() => document.activeElement.selectedOptions?.[0].textContent), 'Sam', 'the focus is where it is told');
  await trail(page).getByText('account.registered', { exact: true }).and(page.locator('.act')).waitFor();
  await checkAxe(page, 'audit on a phone');
  await choice(page, 'Act').selectOption('backup.started');
  await trail(page).getByText('Nothing fits.').waitFor();
  await choice(page, 'Account').selectOption('All accounts');
  await choice(page, 'Act').selectOption('All acts');
  await trail(page).getByRole('button', { name: /^Only by owner/ }).first().waitFor();
  await page.finish();
});

test('an export that is cut says so', async () => {
  const page = await open('system/audit');
  await choice(page, 'Act').selectOption('login.ok');
  await trail(page).locator('td .act').first().waitFor();
  const { audit: [entry] } = await server.request('GET', '/api/admin/audit?act=login.ok&limit=1');
  /* The same again and again, and always more of it. */
  await page.route('**/api/admin/audit?limit=200**', (route) => route.fulfill({ json: { audit: Array(30_000).fill(entry), next: '1' } }));
  assert.equal((await exported(page)).length, 100_001);
  await page.getByText('Only the first 100,000 rows are in the file.').waitFor();
  await page.finish();
});

test('nothing is wider than a phone', async () => {
  const page = await open('people', PHONE, [/status of 40[34]/]);
  for (const panel of ['people', 'people/invites', 'ai', 'ai/prompt', 'ai/votes', 'ai/costs', 'system', 'system/config', 'system/logs', 'system/backups', 'system/audit']) {
    await page.goto(`${server.url}/admin#${panel}`);
    await page.locator('.tabs a[aria-current]').waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= innerWidth), panel);
  }
  await page.finish();
});

/* Whether an element is seen whole in the row that scrolls it. */
const seenIn = (page, row, element) =>
  page.evaluate(([row, element]) => {
    const [outer, inner] = [row, element].map((selector) => document.querySelector(selector).getBoundingClientRect());
    return inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
  }, [row, element]);

test('on a phone the open tab is seen, and no name is cut', async () => {
  for (const panel of ['people/keys', 'ai/votes', 'ai/costs', 'system/audit', 'ai/usage']) {
    const page = await open(panel, PHONE, [/status of 40[34]/]);
    await page.locator('.tabs a[aria-current]').waitFor();
    assert.ok(await seenIn(page, '.tabs', '.tabs a[aria-current]'), panel);
    assert.deepEqual(await page.evaluate(() => [document.querySelector('main').scrollTop, document.activeElement.tagName]), [0, 'BODY'], panel);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('.admin-nav a span, .choice button')].filter((e) => e.scrollWidth > e.clientWidth || e.clientHeight > 50).map((e) => e.textContent));
    assert.deepEqual(cut, [], panel);
    await page.finish();
  }
});
