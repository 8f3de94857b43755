/* The way in: e-mail and password, with the second factor where there is one; or the owner's token. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { api, ApiError } from '../api.ts';
import { logIn, registrationOpen } from '../auth.ts';
import { Mark } from '../icons.tsx';
import { storageGet, storageSet } from '../look.ts';
import { checkSession, loginNotice, session } from '../state.ts';
import { Code, Fault, Field, Password, Submit, useForm } from './form.tsx';

const NOTICES = {
  'expired-code': 'That sign-in link was used already or has expired. Links work once. Sign in, or make a new link.',
  ended: 'Your session has ended. Sign in to go on; what you were typing is kept.',
};
/* How somebody signed in here last: that way is offered first. */
export const WAY_KEY = 'sky.way-in';

/* The frame of everything that is shown to whoever is not signed in. */
export function Card({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <main class="login" id="main">
      <div class="login-card">
        <div class="brand"><Mark size={30} /><span>sky</span></div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

async function enter(way: 'account' | 'token'): Promise<void> {
  storageSet('local', WAY_KEY, way);
  await checkSession();
  if (session.peek() !== 'in') throw new Fault('', 'The browser did not keep the session. Are cookies switched off?');
}

export function Login(): JSX.Element {
  const [way, setWay] = useState(() => (storageGet('local', WAY_KEY) === 'token' ? 'token' : 'account'));
  const notice = loginNotice.value;
  return (
    <Card title="Sign in">
      {notice ? <p class="note" role="status">{NOTICES[notice]}</p> : null}
      {way === 'token'
        ? <TokenForm other={() => setWay('account')} />
        : <AccountForm other={() => setWay('token')} />}
    </Card>
  );
}

function useFirstFocus(): { current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  return box;
}

function AccountForm({ other }: { other: () => void }): JSX.Element {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [coded, setCoded] = useState(false);
  const [open, setOpen] = useState(false);
  const [first] = useState(() => storageGet('local', WAY_KEY) === null);
  const box = useFirstFocus();
  useEffect(() => void registrationOpen().then(setOpen, () => undefined), []);

  const form = useForm(['email', 'password', 'totp'], async () => {
    if (email.trim() === '') throw new Fault('email', 'Type your e-mail address.');
    if (password === '') throw new Fault('password', 'Type your password.');
    if (coded && totp === '') throw new Fault('totp', 'Type a code.');
    try {
      await logIn({ email: email.trim(), password, ...(totp ? { totp } : {}) });
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 401) throw e;
      if (e.slug === 'totp-required') {
        setCoded(true);
        throw new Fault('totp', '');
      }
      if (coded) throw new Fault('totp', 'Not right. Check the code, which works once and for about a minute, and the password.');
      throw new Fault('password', 'The e-mail address or the password is not right.');
    }
    await enter('account');
  });

  return (
    <div ref={box} class="login-way">
      <form ref={form.ref} method="post" noValidate onSubmit={form.submit}>
        <Field form={form} name="email" label="E-mail" type="email" autocomplete="username" spellcheck={false} autocapitalize="off" value={email} change={setEmail} />
        <Password form={form} name="password" label="Password" autocomplete="current-password" value={password} change={setPassword} />
        {coded ? <Code form={form} value={totp} change={setTotp} /> : null}
        <Submit form={form} label="Sign in" busy="Signing in…" />
      </form>
      {first ? <p class="quiet">Nobody has an account here yet? The owner’s token is the way in, and makes the first one.</p> : null}
      <div class="login-more">
        {open ? <a class="link" href="/account#register">Make an account</a> : null}
        <button type="button" class="link" onClick={other}>Use the owner’s token instead</button>
      </div>
    </div>
  );
}

function TokenForm({ other }: { other: () => void }): JSX.Element {
  const [token, setToken] = useState('');
  const box = useFirstFocus();
  const form = useForm(['token'], async () => {
    if (token.trim() === '') throw new Fault('token', 'Paste the token first.');
    try {
      await api.signIn(token.trim());
    } catch (e) {
      if (e instanceof ApiError && (e.status === 401 || e.status === 400)) throw new Fault('token', 'This token is not valid here.');
      throw e;
    }
    await enter('token');
  });
  return (
    <div ref={box} class="login-way">
      <form ref={form.ref} method="post" noValidate onSubmit={form.submit}>
        <Field form={form} name="token" label="Token" type="password" autocomplete="current-password" spellcheck={false} placeholder="sky_…" value={token} change={setToken} />
        <Submit form={form} label="Sign in" busy="Signing in…" />
      </form>
      <div class="login-more">
        <button type="button" class="link" onClick={other}>Use e-mail and password instead</button>
      </div>
      <div class="login-help">
        <p>On the machine that runs sky, this prints the token:</p>
        <pre><code>sky user token</code></pre>
        <p>For the packaged service:</p>
        <pre><code>sudo sky user token --data /var/lib/sky</code></pre>
        <p>And this opens the page without one:</p>
        <pre><code>sky user link</code></pre>
      </div>
    </div>
  );
}
