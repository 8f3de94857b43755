/* pictures.mjs: draws the pictures of the documentation: the real program, the documents of the tests, a real answer.
 *
 *   build/deps/node/bin/node tools/pictures.mjs [--all FOLDER]
 *
 * Writes docs/chat.png, docs/account.png and docs/admin-PANEL.png. With --all it also puts every view in both themes and both widths into FOLDER, to look at. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask, DESKTOP, launch, openPage, PHONE, signIn } from '../tests/e2e/web/browser.mjs';
import { DOCS, ROOT, Server, until, Upstream } from '../tests/e2e/web/server.mjs';

/* A README should load on a slow line. */
const BYTES_MAX = 350_000;
const EARLIER = ['Who maintains the lantern service?', 'How does a sluice gate find out that it is stuck?'];
const QUESTION = 'How long are the lantern backups kept, and how do I restore one?';
const UNKNOWN = 'What is the salary of the chief accountant of the Oslo office?';

const { values: args } = parseArgs({ options: { all: { type: 'string' } } });
const server = await Server.start({ learn: false });
/* A household with a provider, where what the models of this machine would answer is the provider's. */
const upstream = await Upstream.start('A backup holds the schedule and the event log, never the keys.');
const house = await Server.start({ lonely: true });
const browser = await launch();

/* As dropped files: a path would show where the tree happens to lie. */
async function teach() {
  for (const name of readdirSync(DOCS)) {
    const response = await fetch(`${server.url}/api/crawler/learn?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/octet-stream' },
      body: readFileSync(join(DOCS, name)),
    });
    if (response.status !== 202) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    const { job_id } = await response.json();
    await until('learning', async () => (await server.request('GET', `/api/crawler/jobs/${job_id}`)).state === 'done');
  }
  await until('vectors', async () => {
    const { knowledge } = await server.request('GET', '/api/status');
    return knowledge.vectors >= knowledge.chunks;
  });
}

async function open(options, where = server) {
  const page = await openPage(browser, where.url + '/', { reducedMotion: 'reduce', ...options });
  await signIn(page, where.token);
  return page;
}

/* Nobody's token makes a member; the owner's would make the owner's account. */
async function asPerson(method, path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(house.url + path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const PASSWORD = 'bread and butter please';
const PEOPLE = [['Ben', 'member'], ['Clara', 'admin'], ['Dora', 'guest'], ['Robin', 'agent']];
const HOUSE_QUESTIONS = ['Where are the settings of lantern kept?', ...EARLIER, 'How do I restore a backup of lantern?', UNKNOWN];

async function settle() {
  const owner = await house.request('POST', '/api/auth/register', { email: 'ada@example.org', name: 'Ada', password: PASSWORD });
  await house.request('POST', '/api/admin/providers', {
    name: 'cloud', base_url: upstream.url + '/v1',
    models: [{ name: 'small', price_in: 15_000_000, price_out: 60_000_000, context: 128_000 }, { name: 'large', price_in: 30_000_000, price_out: 120_000_000 }],
  });
  await house.request('POST', '/api/admin/providers', { name: 'spare', base_url: upstream.url + '/v1', enabled: false, rank: 1, models: [{ name: 'medium', price_in: 500_000, price_out: 1_500_000 }] });
  await house.request('POST', '/api/admin/budgets', { name: 'The house', unit: 'money', period: 'month', limit: 20_000_000 });
  const ids = [owner.user.id];
  for (const [name, role] of PEOPLE) {
    const { invite } = await house.request('POST', '/api/auth/invites', { role });
    const { user, access_token } = await asPerson('POST', '/api/auth/register', { email: `${name.toLowerCase()}@example.org`, name, password: PASSWORD, invite });
    await house.request('PATCH', `/api/admin/people/${user.id}`, { tier: 'pro' });
    if (name === 'Ben') await house.request('POST', '/api/admin/budgets', { name: 'What Ben may ask', kind: 'account', subject: user.id, unit: 'requests', period: 'day', limit: 5 });
    for (const message of HOUSE_QUESTIONS) await asPerson('POST', '/api/chat/message', { message }, access_token);
    ids.push(user.id);
  }
  await house.request('POST', '/api/auth/invites', { role: 'member' });
  const { id } = await house.request('POST', '/api/admin/teams', { name: 'Kitchen' });
  await house.request('PUT', `/api/admin/teams/${id}/accounts/${ids[1]}`);
  await house.request('POST', '/api/admin/budgets', { name: 'Tokens of the kitchen', kind: 'team', subject: id, unit: 'tokens', period: 'month', limit: 100_000 });
  const sprint = await house.request('POST', '/api/admin/sprints', { name: 'The move', goal: 'Everything answers from the new house', starts_on: '2026-01-05', ends_on: '2026-01-16' });
  for (const [title, status] of [['Pack the books', 'done'], ['Copy the manuals', 'doing'], ['Ask the neighbours', 'planned'], ['Label the boxes', 'planned']]) {
    await house.request('POST', '/api/admin/sprint-items', { sprint: sprint.id, title, status });
  }
}

/* As Ben, who has no second factor. */
async function openAccount(options) {
  const page = await openPage(browser, house.url + '/account', { reducedMotion: 'reduce', ...options });
  await page.getByLabel('E-mail').fill('ben@example.org');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('What Ben may ask').waitFor();
  return page;
}

/* What is pointed at, focused or still fading in is not what the picture is about. */
async function shot(page) {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    document.activeElement?.blur();
    await document.fonts.ready;
    await Promise.allSettled(document.getAnimations().map((a) => a.finished));
  });
  return page.screenshot({ caret: 'hide' });
}

async function openSource(page) {
  await page.locator('.source-open').first().click();
  await page.locator('.document mark').first().waitFor();
}

async function readme() {
  const page = await open({ viewport: { width: 1280, height: 840 }, deviceScaleFactor: 1.25, colorScheme: 'light' });
  await ask(page, QUESTION);
  await openSource(page);
  const picture = await shot(page);
  console.log(`docs/chat.png: ${picture.length} bytes`);
  if (picture.length > BYTES_MAX) throw new Error(`docs/chat.png is over ${BYTES_MAX} bytes`);
  writeFileSync(join(ROOT, 'docs/chat.png'), picture);
  await page.finish();
}

/* The panels that docs/admin.md shows. */
const PANELS = [['overview', server], ['people', house], ['nodes', server], ['ai', house], ['knowledge', server], ['system', house]];
/* Other parts of them, to look at. */
const PARTS = ['people/invites', 'people/tiers', 'people/keys', 'ai/providers', 'ai/budgets', 'ai/prompt', 'ai/votes', 'ai/costs', 'system/config', 'system/logs'];
const PANEL_BYTES_MAX = 200_000;

async function openPanel(page, panel, where) {
  await page.goto(`${where.url}/admin#${panel}`);
  await page.getByRole('button', { name: /^Live numbers: live/ }).waitFor();
  await page.locator('.panel-head h1').waitFor();
  await until('data', async () => (await page.locator('.skeleton').count()) === 0);
  await until('charts', async () => (await page.locator('.chart').count()) === (await page.locator('.chart canvas').count()));
}

async function panels() {
  const form = { viewport: { width: 1280, height: 840 }, deviceScaleFactor: 1, colorScheme: 'light' };
  const keep = async (name, page) => {
    const picture = await shot(page);
    console.log(`docs/${name}.png: ${picture.length} bytes`);
    if (picture.length > PANEL_BYTES_MAX) throw new Error(`docs/${name}.png is over ${PANEL_BYTES_MAX} bytes`);
    writeFileSync(join(ROOT, `docs/${name}.png`), picture);
    await page.finish();
  };
  for (const [panel, where] of PANELS) {
    const page = await open(form, where);
    await openPanel(page, panel, where);
    await keep(`admin-${panel}`, page);
  }
  await keep('account', await openAccount(form));
}

/* Every view of one form. */
async function views(name, options) {
  const save = async (view, page) => writeFileSync(join(args.all, `${name}-${view}.png`), await shot(page));
  const fresh = await openPage(browser, server.url + '/', { reducedMotion: 'reduce', ...options });
  await fresh.getByLabel('E-mail').waitFor();
  await save('signin', fresh);
  await fresh.finish();
  const page = await open(options);
  await page.getByRole('list', { name: 'Examples from your documents' }).waitFor();
  await save('new', page);
  const answer = await ask(page, QUESTION);
  await save('answer', page);
  await answer.locator('.receipt-line').click();
  await save('receipt', page);
  await openSource(page);
  await save('source', page);
  await page.getByRole('button', { name: 'Close the stored copy' }).click();
  await page.locator('.document').waitFor({ state: 'detached' });
  await ask(page, UNKNOWN);
  await save('refusal', page);
  if (options.isMobile) {
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await save('menu', page);
  }
  await page.getByRole('button', { name: /^Knowledge/ }).click();
  await page.locator('.document-row').first().waitFor();
  await save('knowledge', page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await save('palette', page);
  const account = await openAccount(options);
  await save('account', account);
  await account.locator('#spending').scrollIntoViewIfNeeded();
  await save('account-spending', account);
  await account.finish();
  const steering = await open(options, house);
  for (const [panel, where] of PANELS) {
    const at = where === server ? page : steering;
    await openPanel(at, panel, where);
    await save(`admin-${panel}`, at);
  }
  for (const place of PARTS) {
    await openPanel(steering, place, house);
    await save(`admin-${place.replace('/', '-')}`, steering);
  }
  await page.finish();
  await steering.finish();
}

try {
  await teach();
  await settle();
  for (const question of EARLIER) await server.request('POST', '/api/chat/message', { message: question });
  await readme();
  await panels();
  if (args.all) {
    mkdirSync(args.all, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
      await views(`desktop-${colorScheme}`, { ...DESKTOP, colorScheme });
      await views(`phone-${colorScheme}`, { ...PHONE, colorScheme });
    }
  }
} finally {
  await browser.close();
  await server.close();
  await house.close();
  upstream.close();
}
