/* pictures.mjs: draws the pictures of the documentation: the real program, the documents of the tests, a real answer.
 *
 *   build/deps/node/bin/node tools/pictures.mjs [--all FOLDER]
 *
 * Writes docs/chat.png and docs/admin-PANEL.png. With --all it also puts every view in both themes and both widths into FOLDER, to look at. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask, DESKTOP, launch, openPage, PHONE, signIn } from '../tests/e2e/web/browser.mjs';
import { DOCS, ROOT, Server, until } from '../tests/e2e/web/server.mjs';

/* A README should load on a slow line. */
const BYTES_MAX = 350_000;
const EARLIER = ['Who maintains the lantern service?', 'How does a sluice gate find out that it is stuck?'];
const QUESTION = 'How long are the lantern backups kept, and how do I restore one?';
const UNKNOWN = 'What is the salary of the chief accountant of the Oslo office?';

const { values: args } = parseArgs({ options: { all: { type: 'string' } } });
const server = await Server.start({ learn: false });
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

async function open(options) {
  const page = await openPage(browser, server.url + '/', { reducedMotion: 'reduce', ...options });
  await signIn(page, server.token);
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
const PANELS = ['overview', 'nodes', 'knowledge'];
const PANEL_BYTES_MAX = 200_000;

async function openPanel(page, panel) {
  await page.goto(`${server.url}/admin#${panel}`);
  await page.getByRole('button', { name: /^Live numbers: live/ }).waitFor();
  await page.locator('.skeleton').waitFor({ state: 'detached' });
  await until('charts', async () => (await page.locator('.chart').count()) === (await page.locator('.chart canvas').count()));
}

async function panels() {
  for (const panel of PANELS) {
    const page = await open({ viewport: { width: 1280, height: 840 }, deviceScaleFactor: 1, colorScheme: 'light' });
    await openPanel(page, panel);
    const picture = await shot(page);
    console.log(`docs/admin-${panel}.png: ${picture.length} bytes`);
    if (picture.length > PANEL_BYTES_MAX) throw new Error(`docs/admin-${panel}.png is over ${PANEL_BYTES_MAX} bytes`);
    writeFileSync(join(ROOT, `docs/admin-${panel}.png`), picture);
    await page.finish();
  }
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
  await page.goto(server.url + '/account');
  await page.getByRole('heading', { name: 'Account' }).waitFor();
  await save('account', page);
  await page.keyboard.press('Escape');
  for (const panel of PANELS) {
    await openPanel(page, panel);
    await save(`admin-${panel}`, page);
  }
  await page.finish();
}

try {
  await teach();
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
}
