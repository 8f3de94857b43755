/* journey.test.mjs: what people do with a server, from its first account to the end of a login: an invitation, a second
 * factor, a remote model, a budget that is used up and raised, a rate, the bill, and being sent away. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, axe, codeOf, launch, openPage, openSignedIn, PHONE } from './browser.mjs';
import { external, Server, until, Upstream } from './server.mjs';

const ADA = { name: 'Ada', email: 'ada@example.org', password: 'analytical engines hum' };
const BEN = { name: 'Ben', email: 'ben@example.org', password: 'bread and butter please' };
const BUDGET = 'What Ben may ask';
/* The passages bear it, but not surely enough to be quoted. */
const QUESTION = 'Where are the settings of lantern kept?';
const FACT = 'A backup holds the schedule and the event log, never the keys.';
/* The server is killed once while pages are open: what they asked on its sockets fails in any of these ways. */
const REFUSED = [/status of 4\d\d/, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED/];

/* Nobody gets to a later part who was stopped in an earlier one. */
let stopped = external;
const step = (name, run) => test(name, async (t) => {
  if (stopped) return t.skip();
  stopped = true;
  await run();
  stopped = false;
});

let server;
let upstream;
let browser;
let owner;
let member;
before(async () => {
  if (stopped) return;
  upstream = await Upstream.start(FACT);
  server = await Server.start({ lonely: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
  upstream?.close();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
const field = (page, name) => page.getByLabel(name, { exact: true });
const part = (page, name) => page.getByRole('region', { name, exact: true });
const dialog = (page) => page.getByRole('dialog');

async function register(page, who, action) {
  await field(page, 'Name').fill(who.name);
  await field(page, 'E-mail').fill(who.email);
  await field(page, 'Password').fill(who.password);
  await button(page, action).click();
}

/* By the secret that the QR code holds; gives the recovery codes. */
async function enrol(page) {
  await button(page, 'Set it up').click();
  await page.getByRole('img', { name: 'QR code for the app' }).waitFor();
  const secret = (await page.locator('.enrol .secret code').innerText()).replace(/\s/g, '');
  await field(page, 'The code that the app shows').fill(codeOf(secret));
  await button(page, 'Confirm').click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  const codes = await page.locator('.codes code').allInnerTexts();
  await button(page, 'I have kept them').click();
  return codes;
}

async function panel(page, place) {
  await page.goto(`${server.url}/admin#${place}`);
  await page.locator('.panel-head h1').waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

async function clean(page, view) {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
  assert.deepEqual(await axe(page), [], view);
}

/* What the reader sees of an answer that did not come. */
const refusal = (page) => page.locator('.ending').last();

let recovery;
let recoveryOfBen;
step('the owner becomes an account, and steers only with a second factor', async () => {
  owner = await openSignedIn(browser, server, {}, REFUSED);
  await owner.getByRole('link', { name: /^Account: / }).click();
  await register(owner, ADA, 'Make it my account');
  await part(owner, 'You').getByText(ADA.email).waitFor();
  await owner.goto(server.url + '/');
  await owner.getByRole('link', { name: 'Administration' }).click();
  await owner.getByRole('heading', { name: 'A second factor is needed' }).waitFor();
  await clean(owner, 'a second factor is needed');
  await owner.getByRole('link', { name: 'Set it up' }).click();
  await part(owner, 'Second factor').getByText('Your role requires a second factor.').waitFor();
  recovery = await enrol(owner);
  await owner.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.equal(new URL(owner.url()).pathname, '/admin', 'back where it was needed');
});

step('somebody is invited, registers, and takes a second factor', async () => {
  await panel(owner, 'people/invites');
  await button(owner, 'Invite').click();
  await dialog(owner).getByRole('button', { name: 'Invite' }).click();
  const address = await owner.getByLabel('Shown this once').inputValue();
  await button(owner, 'Close').click();
  member = await openPage(browser, address, {}, REFUSED);
  await register(member, BEN, 'Make the account');
  await field(member, 'Your question').waitFor();
  assert.equal(await member.getByRole('link', { name: 'Administration' }).count(), 0);
  await member.goto(server.url + '/account');
  recoveryOfBen = await enrol(member);
  await part(member, 'Second factor').getByText('Signing in asks for a code of your app.').waitFor();
  await member.goto(server.url + '/');
});

step('the owner adds a provider, who is asked who they are, and tests it', async () => {
  /* Proofs do not outlive the program. */
  await server.kill();
  await server.restart();
  await panel(owner, 'ai/providers');
  await owner.getByText('No provider is configured').waitFor();
  await button(owner, 'Add a provider').click();
  await dialog(owner).getByLabel('Name', { exact: true }).fill('cloud');
  await dialog(owner).getByLabel('Address of its OpenAI API').fill(upstream.url + '/v1');
  await dialog(owner).getByLabel('Model', { exact: true }).fill('small');
  await dialog(owner).getByLabel('Dollars for a million read').fill('15');
  await dialog(owner).getByLabel('Dollars for a million written').fill('60');
  await clean(owner, 'a provider is added');
  await button(owner, 'Add').click();
  const proof = owner.getByRole('dialog', { name: 'Is it you?' });
  await proof.waitFor();
  await clean(owner, 'a fresh proof');
  await button(owner, 'Use a recovery code').click();
  await field(owner, 'Recovery code').fill(recovery.pop());
  await button(owner, 'Go on').click();
  const row = owner.getByRole('row', { name: /cloud/ });
  await row.getByText('asked').waitFor();
  await row.getByRole('button', { name: /^Test/ }).click();
  await row.getByText('answers').waitFor();
  await button(owner, 'Turn off: cloud').click();
  await row.getByText('off', { exact: true }).waitFor();
  await button(owner, 'Turn on: cloud').click();
  await row.getByText('asked').waitFor();
  await clean(owner, 'providers');
});

step('a question reaches the remote level once the tier allows it, and the receipt says so', async () => {
  const before = await ask(member, QUESTION);
  await before.locator('.receipt-line', { hasText: /L[012] / }).waitFor();
  assert.equal((await upstream.stats()).answered, 1, 'the test of the provider');
  await panel(owner, 'people');
  await button(owner, 'Change: Ben').click();
  await dialog(owner).getByLabel('Tier').selectOption('pro');
  await button(owner, 'Save').click();
  await owner.getByRole('row', { name: /Ben/ }).getByText('pro').waitFor();
  const answer = await ask(member, QUESTION);
  await answer.getByText(FACT).first().waitFor();
  await answer.locator('.receipt-line').click();
  await answer.getByText('L3 – fast remote model').waitFor();
});

step('a budget is used up, raised, and the question is answered', async () => {
  await panel(owner, 'ai/budgets');
  await button(owner, 'New budget').click();
  await dialog(owner).getByLabel('Name', { exact: true }).fill(BUDGET);
  await dialog(owner).getByLabel('For', { exact: true }).selectOption('account');
  await dialog(owner).getByLabel('Which one').selectOption({ label: `${BEN.name} (${BEN.email})` });
  await dialog(owner).getByLabel('Counts').selectOption('requests');
  await dialog(owner).getByLabel('Limit', { exact: true }).fill('many');
  await button(owner, 'Make it').click();
  await dialog(owner).getByText('The limit is a number of requests.').waitFor();
  await dialog(owner).getByLabel('Limit', { exact: true }).fill('1');
  await clean(owner, 'a budget is made');
  await button(owner, 'Make it').click();
  const row = owner.getByRole('row', { name: new RegExp(BUDGET) });
  await row.getByText('0 requests of 1 request').waitFor();

  await ask(member, QUESTION);
  await ask(member, 'How do I restore a backup of lantern?');
  await refusal(member).getByText('A budget is used up.').waitFor();
  await refusal(member).getByText(`“${BUDGET}” grants 1 request a month. Ask an administrator for more, or come back after`).waitFor();
  await clean(member, 'a budget is used up');
  await refusal(member).getByRole('link', { name: 'What is left' }).click();
  await part(member, 'What you may spend').getByText('1 request of 1 request: used up').waitFor();
  await clean(member, 'what is left');
  await member.goBack();
  await field(member, 'Your question').waitFor();

  await row.getByText('used up').waitFor();
  await clean(owner, 'budgets');
  await row.getByRole('button', { name: /^Raise or lower/ }).click();
  await dialog(owner).getByLabel(/^Limit/).fill('50');
  await button(owner, 'Save').click();
  await row.getByText('1 request of 50 requests').waitFor();
  const answer = await ask(member, 'How do I restore a backup of lantern?');
  await answer.locator('.receipt-line').waitFor();
});

step('without the money for a model a passage is given, and what to do', async () => {
  const found = (await server.request('GET', '/api/admin/people')).people.find((one) => one.email === BEN.email);
  const made = await server.request('POST', '/api/admin/budgets', { name: 'Models', kind: 'account', subject: found.id, unit: 'money', period: 'day', limit: 1 });
  const answer = await ask(member, 'Who keeps the keys of lantern?');
  await answer.getByText(FACT).first().waitFor();
  const told = answer.getByRole('status').filter({ hasText: 'A budget is used up: “Models” grants' });
  await told.getByText('the fast remote model (L3) was not asked').waitFor();
  await told.getByRole('link', { name: 'What is left' }).waitFor();
  await clean(member, 'a level that was not asked');
  await member.reload();
  await told.waitFor();
  /* Nothing that could be asked for that money knows. */
  await ask(member, 'Which licence has lantern?');
  await refusal(member).getByText('A budget is used up.').waitFor();
  await server.request('DELETE', `/api/admin/budgets/${made.id}`);
});

step('whoever asks too often is told when to come again', async () => {
  await panel(owner, 'people/tiers');
  await button(owner, 'Change: pro').click();
  const before = await dialog(owner).getByLabel('Questions a minute').inputValue();
  await dialog(owner).getByLabel('Questions a minute').fill('1');
  await button(owner, 'Save').click();
  await dialog(owner).waitFor({ state: 'detached' });
  await clean(owner, 'tiers');
  await until('the rate binds', async () => {
    await ask(member, QUESTION);
    return (await refusal(member).count()) > 0 && (await refusal(member).innerText()).includes('That was often in a short time.');
  });
  const again = refusal(member).getByRole('button', { name: /^Try again in \d+ s$/ });
  await again.waitFor();
  assert.ok(await again.isDisabled());
  await clean(member, 'a rate');
  await button(owner, 'Change: pro').click();
  await dialog(owner).getByLabel('Questions a minute').fill(before);
  await button(owner, 'Save').click();
  await dialog(owner).waitFor({ state: 'detached' });
});

step('the owner sees what it cost', async () => {
  await panel(owner, 'ai/usage');
  await owner.getByRole('table', { name: 'Usage by account' }).getByRole('row', { name: /Ben.*\$0\.\d+/ }).waitFor();
  await owner.getByRole('table', { name: 'Usage by model' }).getByRole('row', { name: /cloud:small.*\$0\.\d+/ }).waitFor();
  await owner.getByRole('table', { name: 'Usage by level' }).getByRole('row', { name: /L3.*\$0\.\d+/ }).waitFor();
  assert.ok((await upstream.stats()).answered > 0);
  await clean(owner, 'usage');
});

step('a key is made, shown once, seen by administrators, and revoked', async () => {
  await member.goto(server.url + '/account#keys');
  await button(member, 'Make a key').click();
  await field(member, 'What is it for?').fill('the notebook');
  assert.equal(await member.getByLabel('administer').count(), 0);
  await clean(member, 'a key is made');
  await button(member, 'Make the key').click();
  const proof = member.getByRole('dialog', { name: 'Is it you?' });
  await proof.waitFor();
  await button(member, 'Use a recovery code').click();
  await field(member, 'Recovery code').fill(recoveryOfBen.pop());
  await button(member, 'Go on').click();
  const key = await member.locator('#keys .secret code').innerText();
  const models = () => fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await models()).status, 200);
  await part(member, 'API keys').getByText('the notebook').waitFor();
  await clean(member, 'a key is shown');
  await panel(owner, 'people/keys');
  const row = owner.getByRole('row', { name: /the notebook/ });
  await row.getByText('Ben').waitFor();
  await clean(owner, 'keys');
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await dialog(owner).getByRole('button', { name: 'Revoke' }).click();
  await row.waitFor({ state: 'detached' });
  assert.equal((await models()).status, 401);
});

step('a login is ended, and its page notices', async () => {
  await member.goto(server.url + '/');
  await field(member, 'Your question').waitFor();
  await panel(owner, 'people');
  await button(owner, 'Logins: Ben').click();
  await dialog(owner).getByRole('button', { name: /^End/ }).first().click();
  await dialog(owner).getByText('Nowhere.').waitFor();
  await clean(owner, 'logins');
  /* It looks at the state of the server now and then, and may have noticed before anything is asked. */
  if (!(await field(member, 'E-mail').isVisible())) {
    await field(member, 'Your question').fill('And now?');
    await member.keyboard.press('Enter');
  }
  await field(member, 'E-mail').waitFor();
  await member.getByText(/session .*ended|signed out/i).first().waitFor();
  await member.finish();
});

step('what administrators see fits a phone', async () => {
  const cookies = await owner.context().cookies();
  const page = await openPage(browser, server.url + '/health', PHONE, REFUSED);
  await page.context().addCookies(cookies);
  for (const place of ['people', 'people/tiers', 'people/keys', 'ai', 'ai/providers', 'ai/budgets']) {
    await panel(page, place);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= innerWidth), place);
    await clean(page, `${place}, phone`);
  }
  await page.finish();
  await owner.finish();
});
