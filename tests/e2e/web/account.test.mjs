/* account.test.mjs: getting in and managing an account, as people do it: registering, the second factor, lost devices,
 * other devices, too many tries; by mouse, by keys, on a phone, for axe. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { axe, codeOf, DESKTOP, launch, openPage, openSignedIn, PHONE, signIn, WAIT_MS } from './browser.mjs';
import { external, Server, until } from './server.mjs';

/* The tests build on each other: one household, in the order in which it comes to be. */
const ADA = { name: 'Ada', email: 'ada@example.org', password: 'analytical engines hum' };
const BEN = { name: 'Ben', email: 'ben@example.org', password: 'bread and butter please' };
const REFUSED = [/status of 4\d\d/];

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

const button = (page, name) => page.getByRole('button', { name, exact: true });
const field = (page, name) => page.getByLabel(name, { exact: true });
const part = (page, name) => page.getByRole('region', { name, exact: true });

async function fillRegister(page, who) {
  await field(page, 'Name').fill(who.name);
  await field(page, 'E-mail').fill(who.email);
  await field(page, 'Password').fill(who.password);
}

/* The server slows down an address from which many sign in, as these tests do: they wait as people would. */
async function press(page, name) {
  const waiting = page.getByRole('button', { name: /^Wait / });
  await button(page, name).click();
  for (;;) {
    await until('an answer', async () => !(await page.getByRole('button', { name: /…$/ }).isVisible()));
    if (!(await waiting.isVisible())) return;
    await button(page, name).click({ timeout: WAIT_MS });
  }
}

async function fillSignIn(page, who) {
  await field(page, 'E-mail').waitFor();
  await field(page, 'E-mail').fill(who.email);
  await field(page, 'Password').fill(who.password);
  await press(page, 'Sign in');
}

async function openAs(who, options = {}, path = '/') {
  const page = await openPage(browser, server.url + path, options, REFUSED);
  await fillSignIn(page, who);
  return page;
}

async function invitation(role) {
  const { invite } = await server.request('POST', '/api/auth/invites', { role });
  return `${server.url}/#invite=${invite}`;
}

test('the owner comes by the token and makes an account', async () => {
  const page = await openSignedIn(browser, server, {}, REFUSED);
  await page.getByRole('link', { name: /^Account: / }).click();
  const first = part(page, 'Make this your account');
  await first.waitFor();
  await fillRegister(page, { ...ADA, password: 'short' });
  await press(page, 'Make it my account');
  await page.getByText('This must have 8 to 1024 characters.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'password', 'the focus is where something is to be mended');
  assert.equal(await field(page, 'Name').inputValue(), ADA.name);
  await field(page, 'Password').fill(ADA.password);
  await press(page, 'Make it my account');
  await part(page, 'You').getByText(ADA.email).waitFor();
  await part(page, 'You').getByText('Owner: may do everything here').waitFor();
  await part(page, 'Where you are signed in').getByText('this one').waitFor();
  await part(page, 'Invitations').getByText('To invite people you need a second factor.').waitFor();
  await page.getByRole('link', { name: 'sky: back to the chat' }).click();
  await field(page, 'Your question').waitFor();
  await page.getByRole('link', { name: 'Account: Ada, needs a second factor' }).waitFor();
  await button(page, 'Sign out').click();
  await fillSignIn(page, ADA);
  await field(page, 'Your question').waitFor();
  await page.finish();
});

test('an invitation lets one person in', async () => {
  const address = await invitation('member');
  const page = await openPage(browser, address, {}, REFUSED);
  await page.getByRole('heading', { name: 'You are invited' }).waitFor();
  await fillRegister(page, { ...BEN, email: ADA.email });
  await press(page, 'Make the account');
  await page.getByText('There is an account with this e-mail address.').waitFor();
  await field(page, 'E-mail').fill('b\u00e9n@example.org');
  await press(page, 'Make the account');
  await page.getByText('This must be an e-mail address in ASCII').waitFor();
  await field(page, 'E-mail').fill(BEN.email);
  await press(page, 'Make the account');
  await field(page, 'Your question').waitFor();
  assert.equal(new URL(page.url()).hash.includes('invite'), false, 'the code does not stay in the address');
  await page.getByRole('link', { name: 'Account: Ben' }).waitFor();
  /* Opened again, by somebody who is signed in and by somebody who is not. */
  await page.goto(address);
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
  await page.finish();
  const late = await openPage(browser, address, {}, REFUSED);
  await fillRegister(late, { ...BEN, email: 'late@example.org' });
  await press(late, 'Make the account');
  await late.getByText('This invitation was used already').waitFor();
  await late.goto(server.url + '/#register');
  await late.getByText('An invitation is needed here.').waitFor();
  await late.finish();
});

test('who may not teach is not offered it', async () => {
  const page = await openAs(BEN);
  await field(page, 'Your question').waitFor();
  assert.equal(await page.getByLabel('Add files to your knowledge').count(), 0);
  await page.getByText('Whoever runs this server can add some.').waitFor();
  await page.getByRole('button', { name: /^Knowledge/ }).click();
  await page.getByRole('heading', { name: 'Knowledge' }).waitFor();
  assert.equal(await button(page, 'Add files').count(), 0);
  await page.goto(server.url + '/account');
  await part(page, 'You').getByText('Member: asks').waitFor();
  assert.equal(await part(page, 'Invitations').count(), 0);
  await page.finish();
});

test('what a browser keeps passwords by is there', async () => {
  const page = await openPage(browser, server.url + '/', {}, REFUSED);
  const told = (name) => field(page, name).evaluate((f) => [f.name, f.type, f.autocomplete, f.form.method]);
  await field(page, 'E-mail').waitFor();
  assert.deepEqual(await told('E-mail'), ['email', 'email', 'username', 'post']);
  assert.deepEqual(await told('Password'), ['password', 'password', 'current-password', 'post']);
  await button(page, 'Show password').click();
  assert.equal((await told('Password'))[1], 'text');
  await page.goto(await invitation('guest'));
  await field(page, 'Name').waitFor();
  assert.deepEqual((await told('E-mail')).slice(2), ['username', 'post']);
  assert.deepEqual((await told('Password')).slice(2), ['new-password', 'post']);
  await page.finish();
});

let secret;
let recovery;
test('a second factor is set up, asked for, and lost', async () => {
  const page = await openAs(ADA, { acceptDownloads: true }, '/account');
  await part(page, 'Second factor').getByText('Your role requires a second factor.').waitFor();
  await button(page, 'Set it up').click();
  await page.getByRole('img', { name: 'QR code for the app' }).waitFor();
  secret = (await page.locator('.enrol .secret code').innerText()).replace(/\s/g, '');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  const code = field(page, 'The code that the app shows');
  assert.deepEqual(await code.evaluate((f) => [f.autocomplete, f.inputMode]), ['one-time-code', 'numeric']);
  await code.fill('000 000');
  await press(page, 'Confirm');
  await page.getByText('This code is not right.').waitFor();
  const used = codeOf(secret);
  await code.fill(used);
  await press(page, 'Confirm');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  recovery = await page.locator('.codes code').allInnerTexts();
  assert.equal(new Set(recovery).size, 10);
  const download = page.waitForEvent('download');
  await button(page, 'Download').click();
  assert.equal(await readFile(await (await download).path(), 'utf8'), recovery.join('\n') + '\n');
  await button(page, 'I have kept them').click();
  await part(page, 'Second factor').getByText('Signing in asks for a code of your app.').waitFor();
  await button(page, 'Sign out').click();

  /* The field appears when it is needed and what was typed stays; a code that was used is not taken again. */
  await fillSignIn(page, ADA);
  const asked = field(page, 'Code');
  await asked.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'totp');
  assert.equal(await field(page, 'Password').inputValue(), ADA.password);
  await asked.fill(used);
  await press(page, 'Sign in');
  await page.getByText('Not right. Check the code').waitFor();
  await button(page, 'Use a recovery code').click();
  assert.equal(await field(page, 'Recovery code').evaluate((f) => f === document.activeElement && f.inputMode), 'text');
  await page.keyboard.type(recovery[0]);
  await press(page, 'Sign in');
  await field(page, 'Your question').waitFor();
  await page.finish();
});

test('another device is seen and sent away', async () => {
  const phone = await openAs(BEN, { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' });
  await field(phone, 'Your question').waitFor();
  const page = await openAs(BEN, {}, '/account');
  const list = part(page, 'Where you are signed in');
  await list.getByText('Firefox on Linux').first().waitFor();
  await list.getByRole('button', { name: /^End Firefox on Linux, 127/ }).click();
  await until('the other device is gone', async () => (await list.getByText('Firefox on Linux').count()) === 0);
  await phone.reload();
  await field(phone, 'E-mail').waitFor();
  await fillSignIn(phone, BEN);
  await field(phone, 'Your question').waitFor();
  /* Another password ends the others at once. */
  BEN.old = BEN.password;
  BEN.password = 'more butter, less bread';
  await field(page, 'Password now').fill('not the one');
  await field(page, 'New password').fill(BEN.password);
  await press(page, 'Change the password');
  await page.getByText('This is not the password.').waitFor();
  await field(page, 'Password now').fill(BEN.old);
  await press(page, 'Change the password');
  await page.getByText('Your password is changed.').waitFor();
  await until('only this one is left', async () => (await list.getByRole('button', { name: /^End / }).count()) === 0);
  await phone.reload();
  await field(phone, 'E-mail').waitFor();
  await phone.finish();
  await page.finish();
});

test('everything can be done with keys', async () => {
  const page = await openPage(browser, server.url + '/', {}, REFUSED);
  await field(page, 'E-mail').waitFor();
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      const [text, seen] = await page.evaluate(() => {
        const at = document.activeElement;
        const label = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
        return [label, at === document.body || at.matches('input') || getComputedStyle(at).outlineStyle !== 'none'];
      });
      assert.ok(seen, `the focus on ${text} can be seen`);
      if (text === name) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${name} cannot be reached`);
  };
  await page.keyboard.type(BEN.email);
  await tabTo('Password');
  await page.keyboard.type(BEN.password);
  await until('signed in', async () => {
    await page.keyboard.press('Enter');
    return field(page, 'Your question').waitFor({ timeout: 3000 }).then(() => true, () => false);
  });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('account');
  await page.keyboard.press('Enter');
  await part(page, 'You').waitFor();
  await page.keyboard.press('Tab');
  await tabTo('Set it up');
  await page.keyboard.press('Enter');
  await field(page, 'The code that the app shows').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'totp');
  await tabTo('Cancel');
  await page.keyboard.press('Enter');
  await button(page, 'Set it up').waitFor();
  await tabTo('Delete the account');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Delete the account' }).waitFor();
  await page.keyboard.type('somebody@else.org');
  await page.keyboard.press('Enter');
  await page.getByText('so that nothing is deleted by mistake').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete the account', 'the focus comes back');
  await page.finish();
});

test('an invitation can be taken back', async () => {
  const page = await openSignedIn(browser, server, {}, REFUSED);
  await page.goto(server.url + '/account');
  const list = part(page, 'Invitations');
  await list.getByLabel('Role').selectOption('guest');
  await button(page, 'Invite').click();
  const address = await page.locator('#invitations .secret code').innerText();
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/#invite=ski_/);
  await list.getByText('This address works on this machine only.').waitFor();
  const withdraw = list.getByRole('button', { name: /^Withdraw: guest, made / });
  const { invites } = await server.request('GET', '/api/auth/invites');
  const before = invites.filter((i) => i.role === 'guest').length;
  assert.ok(before > 0);
  await until('all are listed', async () => (await withdraw.count()) === before);
  await withdraw.first().click();
  await until('one less', async () => (await withdraw.count()) === before - 1);
  await page.finish();
  const late = await openPage(browser, address, {}, REFUSED);
  await fillRegister(late, { ...BEN, email: 'late@example.org' });
  await press(late, 'Make the account');
  await late.getByText('This invitation was used already, was withdrawn, or has expired.').waitFor();
  await late.finish();
});

test('a lost password is set anew, once', async () => {
  const { people } = await server.request('GET', '/api/admin/people?q=ben');
  const { path } = await server.request('POST', `/api/admin/people/${people.find((p) => p.email === BEN.email).id}/reset`, {});
  const page = await openPage(browser, server.url + path, {}, REFUSED);
  await page.getByRole('heading', { name: 'A new password' }).waitFor();
  await field(page, 'New password').fill('short');
  await press(page, 'Change the password');
  await page.getByText('This must have 8 to 1024 characters.').waitFor();
  BEN.password = 'toast with everything on it';
  await field(page, 'New password').fill(BEN.password);
  await press(page, 'Change the password');
  await page.getByText('Your password is changed.').waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await fillSignIn(page, BEN);
  await field(page, 'Your question').waitFor();
  await page.goto(server.url + path);
  await field(page, 'New password').fill('and yet another one');
  await press(page, 'Change the password');
  await page.getByText('This address was used already or has expired.').waitFor();
  await page.finish();
});

/* What other pages do with it: calls of theirs are refused, it asks, they are made again. */
test('what is dangerous asks who it is', { skip: external }, async () => {
  const { build } = createRequire(new URL('../../../web/', import.meta.url))('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('stepup-page.tsx', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    nodePaths: [fileURLToPath(new URL('../../../web/node_modules', import.meta.url))],
  });
  const page = await openAs(ADA, {}, '/account');
  await field(page, 'Code').waitFor();
  await button(page, 'Use a recovery code').click();
  await field(page, 'Recovery code').fill(recovery.pop());
  await press(page, 'Sign in');
  await part(page, 'You').waitFor();
  /* Proofs do not outlive the program. No page is there to miss it. */
  await page.goto('about:blank');
  await server.kill();
  await server.restart();
  await page.goto(server.url + '/account');
  await part(page, 'You').waitFor();
  await page.evaluate(outputFiles[0].text);
  const { people } = await server.request('GET', '/api/admin/people?q=ben');
  const rename = (name, ...ids) => page.evaluate(([name, ids]) => Promise.all(ids.map((id) => window.rename(id, name))), [name, [people[0].id, ...ids]]);

  const given = rename('Benjamin');
  await page.getByRole('dialog', { name: 'Is it you?' }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  assert.deepEqual(await given, ['step-up-required'], 'whoever closes it gets the refusal');

  const both = rename('Benny', 'nobody');
  await field(page, 'Code').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 1, 'asked once for two calls');
  await page.keyboard.type('123456');
  await page.keyboard.press('Enter');
  await page.getByText('This code is not right.').waitFor();
  await button(page, 'Use a recovery code').click();
  await field(page, 'Recovery code').fill(recovery.pop());
  await press(page, 'Go on');
  assert.deepEqual(await both, ['done', 'not-found']);
  assert.deepEqual(await rename('Ben'), ['done'], 'it holds for a while');
  await page.finish();
});

for (const [name, form] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing: ${name}, ${colorScheme}`, async () => {
      const options = { ...form, colorScheme, reducedMotion: 'reduce' };
      const clean = async (page, view) => {
        assert.deepEqual(await axe(page), [], view);
        const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(content <= room, `${view} is wider than the screen: ${content} > ${room}`);
      };
      const page = await openPage(browser, await invitation('guest'), options, REFUSED);
      await field(page, 'Name').waitFor();
      await field(page, 'Password').fill('half a passw');
      await clean(page, 'register');
      await page.goto(server.url + '/#reset=nothing');
      await field(page, 'New password').waitFor();
      await clean(page, 'reset');
      await page.goto(server.url + '/account');
      await fillSignIn(page, ADA);
      await field(page, 'Code').waitFor();
      await clean(page, 'sign-in with a code');
      await button(page, 'Use a recovery code').click();
      await field(page, 'Recovery code').fill(recovery.pop());
      await press(page, 'Sign in');
      await part(page, 'You').waitFor();
      await clean(page, 'account');
      await button(page, 'Invite').click();
      await page.getByText('It is shown only now.').waitFor();
      await clean(page, 'invited');
      await button(page, 'Delete the account').click();
      await page.getByRole('dialog').waitFor();
      await clean(page, 'deleting');
      await page.finish();
      const other = await openAs(BEN, options, '/account');
      await button(other, 'Set it up').click();
      await other.getByRole('img', { name: 'QR code for the app' }).waitFor();
      await clean(other, 'setting up the second factor');
      await other.finish();
    });
  }
}

test('too many tries wait, and say how long', { skip: external }, async () => {
  const other = await Server.start({ learn: false });
  try {
    const page = await openPage(browser, other.url + '/', {}, REFUSED);
    await field(page, 'E-mail').waitFor();
    await field(page, 'E-mail').fill('nobody@example.org');
    const waiting = page.getByRole('button', { name: /^Wait \d+ (s|min)$/ });
    for (let i = 0; i < 8 && !(await waiting.isVisible()); i++) {
      await field(page, 'Password').fill('wrong password ' + i);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await page.getByRole('button', { name: /^(Sign in|Wait .*)$/ }).waitFor();
    }
    await waiting.waitFor();
    assert.ok(await waiting.isDisabled());
    await page.getByText('There were too many tries.').waitFor();
    await button(page, 'Sign in').waitFor();
    assert.match(await page.locator('#voice').innerText(), /You can try again now/);
    await page.finish();
  } finally {
    await other.close();
  }
});

test('where registration is open, it is offered', { skip: external }, async () => {
  const open = await Server.start({ learn: false, args: ['--registration', 'open'] });
  try {
    const page = await openPage(browser, open.url + '/', {}, REFUSED);
    await page.getByRole('link', { name: 'Make an account' }).click();
    await page.getByRole('heading', { name: 'Make an account' }).waitFor();
    await fillRegister(page, BEN);
    await press(page, 'Make the account');
    await field(page, 'Your question').waitFor();
    await page.getByRole('link', { name: 'Account: Ben' }).waitFor();
    await page.finish();
  } finally {
    await open.close();
  }
});

test('another name and another address', async () => {
  const page = await openAs(BEN, {}, '/account');
  const you = part(page, 'You');
  await button(you, 'Change name or e-mail').click();
  await field(you, 'Name').fill('Benjamin');
  await field(you, 'E-mail').fill(ADA.email);
  await button(you, 'Save').click();
  await you.getByText('Another account has this e-mail address.').waitFor();
  assert.deepEqual(await axe(page), [], 'changing oneself');
  await field(you, 'E-mail').fill('benjamin@example.org');
  await button(you, 'Save').click();
  await you.getByText('benjamin@example.org', { exact: true }).waitFor();
  await you.getByText('Benjamin', { exact: true }).waitFor();
  BEN.email = 'benjamin@example.org';
  BEN.name = 'Benjamin';
  await page.finish();
  const again = await openAs(BEN, {}, '/account');
  await button(part(again, 'You'), 'Change name or e-mail').waitFor();
  await again.finish();
});

test('one takes along what is kept, and leaves', async () => {
  const page = await openAs(BEN, { acceptDownloads: true }, '/account');
  const download = page.waitForEvent('download');
  await button(page, 'Download everything').click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'sky-export.json');
  const kept = JSON.parse(await readFile(await file.path(), 'utf8'));
  assert.equal(kept.account.email, BEN.email);
  await button(page, 'Delete the account').click();
  await field(page, `Type ${BEN.email}`).fill(BEN.email);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill('not the one');
  await press(page, 'Delete for good');
  await page.getByText('This is not the password.').waitFor();
  await dialog.getByLabel('Password', { exact: true }).fill(BEN.password);
  await press(page, 'Delete for good');
  await field(page, 'E-mail').waitFor();
  await fillSignIn(page, BEN);
  await page.getByText('The e-mail address or the password is not right.').waitFor();
  await page.finish();
});
