/* chat.test.mjs: asking, reading, checking: the page against the real program, model and documents. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, launch, openPage, openSignedIn, plain, signIn, throttle, tokenForm } from './browser.mjs';
import { ANSWER_MS, external, Server, until } from './server.mjs';

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

test('the token opens the page, a wrong one says so', async () => {
  const page = await openPage(browser, server.url + '/');
  await tokenForm(page);
  await page.getByText('sky user token', { exact: true }).waitFor();
  await page.getByText('sudo sky user token --data /var/lib/sky').waitFor();
  await page.getByLabel('Token', { exact: true }).fill('sky_wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
  await signIn(page, server.token);
  await page.reload();
  await page.getByLabel('Your question').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token', { exact: true }).waitFor();
  await page.reload();
  await page.getByLabel('Token', { exact: true }).waitFor();
  await page.finish();
});

test('a sign-in link works once and then explains itself', { skip: external }, async () => {
  const first = await openPage(browser, server.loginUrl);
  await first.getByLabel('Your question').waitFor();
  assert.equal(new URL(first.url()).search, '');
  await first.finish();
  const second = await openPage(browser, server.loginUrl);
  await second.getByText('used already or has expired').waitFor();
  await second.finish();
});

test('an answer streams in with its sources and its receipt', async () => {
  const page = await openSignedIn(browser, server);
  const answer = await ask(page, PORT);
  assert.match(await answer.locator('.prose').innerText(), /7411/);
  const source = answer.getByRole('group', { name: 'Sources' }).locator('.source').first();
  assert.match(await source.getByRole('button').innerText(), /Lantern/);
  const quote = plain(await source.locator('q').innerText());
  assert.ok(quote.length > 10);

  const line = answer.locator('.receipt-line');
  assert.match(plain(await line.innerText()), /L[0-5] · (< )?[\d.]+ m?s · [\d,]+ tokens? · free · NOD1/);
  await line.click();
  for (const field of ['Level', 'Brand', 'Why here', 'From memory', 'Time', 'First token', 'Tokens in', 'Tokens out', 'Cost', 'Node', 'Sources']) {
    await answer.locator('.receipt').getByText(field, { exact: true }).waitFor();
  }

  await source.getByRole('button', { name: /^Source 1/ }).click();
  const panel = page.getByRole('complementary', { name: 'Stored copy' });
  const mark = panel.locator('mark').first();
  await mark.waitFor();
  const marked = plain((await panel.locator('mark').allInnerTexts()).join(' '));
  assert.ok(marked.includes(quote.slice(0, 60)) || quote.includes(marked.slice(0, 60)), `${marked} / ${quote}`);
  await page.waitForFunction(() => {
    const at = document.querySelector('.document mark').getBoundingClientRect();
    return at.top >= 0 && at.bottom <= innerHeight;
  });
  await page.reload();
  await panel.locator('mark').first().waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await page.finish();
});

test('a slip of the finger is read as what was meant, and the page says so', async () => {
  const page = await openSignedIn(browser, server);
  const answer = await ask(page, 'Which port does the lantern sevrice listen on?');
  assert.match(await answer.locator('.prose').innerText(), /7411/);
  await answer.getByText('“sevrice” was read as “service”').waitFor();
  await page.reload();
  await page.getByText('“sevrice” was read as “service”').waitFor();
  await page.finish();
});

test('where the documents do not say, the page says that', async () => {
  const page = await openSignedIn(browser, server);
  const answer = await ask(page, 'What is the salary of the chief accountant of the Oslo office?');
  await answer.getByText('Your documents don’t answer this').waitFor();
  await page.finish();
});

test('retry replaces the answer, votes are kept, copying copies', async () => {
  const page = await openSignedIn(browser, server);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await ask(page, PORT);
  await page.getByRole('button', { name: 'Answer again' }).click();
  await page.locator('.answer.waiting, .answer.streaming').waitFor({ state: 'detached', timeout: ANSWER_MS });
  const answer = page.getByRole('article', { name: 'Answer' });
  await answer.locator('.tools').waitFor({ timeout: ANSWER_MS });
  assert.equal(await answer.count(), 1);
  assert.match(await answer.locator('.prose').innerText(), /7411/);
  await answer.locator('.receipt-line').click();
  assert.match(plain(await answer.locator('.receipt').innerText()), /From memory no/);

  const good = page.getByRole('button', { name: 'Good answer' });
  const vote = async () => {
    const stored = page.waitForResponse((r) => r.url().endsWith('/api/chat/vote'));
    await good.click();
    assert.equal((await stored).status(), 204);
  };
  await vote();
  await page.waitForFunction(() => document.querySelector('[aria-label="Good answer"]').ariaPressed === 'true');
  await page.getByRole('button', { name: 'Copy the answer' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /7411/);
  await page.reload();
  await good.waitFor();
  assert.equal(await page.getByRole('article').count(), 2, 'one question, one answer');
  assert.equal(await good.getAttribute('aria-pressed'), 'true');
  await vote();
  await page.reload();
  await good.waitFor();
  assert.equal(await good.getAttribute('aria-pressed'), 'false');
  await page.finish();
});

test('Escape stops an answer and what came of it stays', async () => {
  const page = await openSignedIn(browser, server);
  /* So slow that it is still on its way when the key is pressed, however long that takes. */
  await throttle(page, 50);
  await page.getByLabel('Your question').fill('Describe everything that the lantern manual says about backups, commands and maintenance, in detail.');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Stop the answer' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('You stopped this answer.').waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await throttle(page, -1);
  const answer = await ask(page, PORT);
  assert.match(await answer.locator('.prose').innerText(), /7411/);
  await page.finish();
});

test('hostile Markdown from a document stays text', { skip: external }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sky-hostile-'));
  await writeFile(
    join(folder, 'moorings.md'),
    '# Mooring codes\n\nThe mooring code of pier nine is 4711 ![plan](https://evil.invalid/a.png) <img src="https://evil.invalid/b.png" onerror="alert(1)"> [open](javascript:alert(1)) <script>alert(1)</script>.\n',
  );
  await server.learn(folder);
  const page = await openSignedIn(browser, server);
  page.on('dialog', () => assert.fail('a script ran'));
  const answer = await ask(page, 'What is the mooring code of pier nine?');
  assert.match(await answer.innerText(), /4711/);
  await answer.getByRole('group', { name: /Sources|Closest/ }).getByRole('button').first().click();
  await page.locator('.document mark').first().waitFor();
  assert.equal(await page.locator('#app img, #app script, #app iframe, #app [href^="javascript"]').count(), 0);
  await page.finish();
  await rm(folder, { recursive: true });
});

test('a row of a table stands on a line of its own below its columns', { skip: external }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sky-table-'));
  await writeFile(
    join(folder, 'berths.csv'),
    'berth,keeper,fee in crowns\nOsprey berth,Hanna,31\nCormorant berth,Jonas,58\n',
  );
  await server.learn(folder);
  const page = await openSignedIn(browser, server);
  const answer = await ask(page, 'What is the fee of the cormorant berth?');
  assert.match(await answer.locator('.prose').innerText(), /berth \| keeper \| fee in crowns\n(.*\n)?Cormorant berth \| Jonas \| 58/);
  await page.finish();
  await rm(folder, { recursive: true });
});

test('the palette that is opened while the one before closes stays open', async () => {
  const page = await openSignedIn(browser, server);
  const open = await page.evaluate(async () => {
    const press = (target, init) => target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
    const rendered = async () => { for (let i = 0; i < 10; i++) await Promise.resolve(); };
    press(document.body, { key: 'k', ctrlKey: true });
    await rendered();
    press(document.querySelector('dialog.palette input'), { key: 'Enter' });
    await rendered();
    press(document.body, { key: 'k', ctrlKey: true });
    await new Promise((done) => setTimeout(done, 200));
    return document.querySelectorAll('dialog.palette[open]').length;
  });
  assert.equal(open, 1);
});

test('conversations are listed, found, renamed, deleted and brought back', async () => {
  const page = await openSignedIn(browser, server);
  await ask(page, 'Who maintains the lantern service?');
  const list = page.getByRole('navigation', { name: 'Conversations' });
  const row = list.locator('li.current');
  await row.waitFor();
  await row.hover();
  await row.getByRole('button', { name: /^Rename/ }).click();
  const field = page.getByLabel('Conversation title');
  await field.fill('Harbour electricians');
  await field.press('Enter');
  await list.getByRole('link', { name: 'Harbour electricians' }).waitFor();
  await page.reload();
  await list.getByRole('link', { name: 'Harbour electricians' }).waitFor();
  await page.waitForFunction(() => document.title.includes('Harbour electricians'));

  await page.keyboard.press('Control+k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('harbour elec');
  await page.getByRole('option', { name: /Harbour electricians/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('article', { name: 'Answer' }).waitFor();

  const remove = async () => {
    const entry = list.locator('li', { hasText: 'Harbour electricians' });
    await entry.hover();
    await entry.getByRole('button', { name: /^Delete/ }).click();
    await entry.waitFor({ state: 'detached' });
  };
  await remove();
  await page.getByRole('button', { name: 'Undo' }).click();
  await list.getByRole('link', { name: 'Harbour electricians' }).waitFor();
  await remove();
  /* Leaving the page ends the time for undoing. */
  await page.reload();
  await until('the conversation is deleted', async () => {
    const { conversations } = await server.request('GET', '/api/chat/history');
    return conversations.every((c) => c.title !== 'Harbour electricians');
  });
  const listed = page.waitForResponse((r) => /\/api\/chat\/history/.test(r.url()));
  await page.reload();
  await (await listed).finished();
  await page.getByLabel('Your question').waitFor();
  await list.getByRole('link').first().waitFor();
  assert.equal(await list.getByRole('link', { name: 'Harbour electricians' }).count(), 0);
  await page.finish();
});

test('examples are questions about documents that are there, or open them', async () => {
  const page = await openSignedIn(browser, server);
  const examples = page.getByRole('list', { name: 'Examples from your documents' }).getByRole('button');
  await examples.first().waitFor();
  const { documents } = await server.request('GET', '/api/crawler/documents?limit=100');
  const copies = await Promise.all(documents.map((d) => server.request('GET', `/api/crawler/documents/${d.id}`)));
  const names = copies.flatMap((c) => [c.title, ...c.headings.map((h) => h.text)]).map((name) => name.toLowerCase());
  for (const text of await examples.allInnerTexts()) {
    const subject = text.toLowerCase().replace(/^(what does|what is|how do i|open) “?/, '').replace(/”$|( do)?\?$/, '');
    /* `Building a boat` becomes `How do I build a boat?`. */
    const object = subject.slice(subject.indexOf(' ') + 1);
    assert.ok(names.some((n) => n.includes(subject) || n.includes(object)), text);
    assert.doesNotMatch(text, /about\?$/);
  }
  const opening = examples.filter({ hasText: /^Open “/ }).first();
  const title = (await opening.innerText()).replace(/^Open “|”$/g, '');
  await opening.click();
  await page.getByRole('complementary', { name: 'Stored copy' }).getByRole('heading', { name: title }).first().waitFor();
  await page.goBack();
  await examples.filter({ hasText: '?' }).first().click();
  await page.getByRole('article', { name: 'You' }).waitFor();
  await page.locator('.answer .tools').waitFor({ timeout: ANSWER_MS });
  await page.finish();
});
