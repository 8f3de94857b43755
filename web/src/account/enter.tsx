/* For whoever has no password yet, or no longer: registering with an invitation or where everybody may, a new password by
 * an address that the owner made, and the owner's first account. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { ApiError } from '../api.ts';
import { register, registrationOpen, resetPassword } from '../auth.ts';
import { storageSet } from '../look.ts';
import { checkSession } from '../state.ts';
import { Card, WAY_KEY } from '../views/login.tsx';
import { Fault, Field, NewPassword, Submit, useForm } from '../views/form.tsx';

/* What was used up does not stay in the address; a page that is really left lets the browser keep the password. */
function leaveFor(path: string): void {
  history.replaceState(null, '', '/account');
  location.assign(path);
}

export function RegisterForm({ invite, label, done }: { invite: string; label: string; done: () => void }): JSX.Element {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const form = useForm(['name', 'email', 'password'], async () => {
    if (email.trim() === '') throw new Fault('email', 'Type your e-mail address.');
    if (password === '') throw new Fault('password', 'Type a password.');
    try {
      await register({ name: name.trim(), email: email.trim(), password, ...(invite ? { invite } : {}) });
    } catch (e) {
      if (!(e instanceof ApiError) || e.slug !== 'registration-closed') throw e;
      throw new Fault('', invite ? 'This invitation was used already, was withdrawn, or has expired. Ask for another one.' : 'An invitation is needed here. Ask for one.');
    }
    storageSet('local', WAY_KEY, 'account');
    done();
  });
  return (
    <form ref={form.ref} method="post" noValidate onSubmit={form.submit}>
      <Field form={form} name="name" label="Name" autocomplete="name" value={name} change={setName} hint="How others see you. Left empty, it is what stands before the @." />
      <Field form={form} name="email" label="E-mail" type="email" autocomplete="username" spellcheck={false} autocapitalize="off" value={email} change={setEmail} hint="You sign in with it. Nothing is sent to it." />
      <NewPassword form={form} name="password" label="Password" value={password} change={setPassword} personal={[name, email]} />
      <Submit form={form} label={label} busy="One moment…" />
    </form>
  );
}

export function Register({ invite }: { invite: string }): JSX.Element {
  const [open, setOpen] = useState<boolean | null>(invite ? true : null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!invite) void registrationOpen().then(setOpen, () => setOpen(true));
  }, []);
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), [open]);
  return (
    <Card title={invite ? 'You are invited' : 'Make an account'}>
      <div ref={box} class="login-way">
        {open === false
          ? <p class="note">An invitation is needed here. Whoever runs this server can make one for you.</p>
          : <RegisterForm invite={invite} label="Make the account" done={() => leaveFor('/')} />}
        <div class="login-more"><a class="link" href="/">I have an account: sign in</a></div>
      </div>
    </Card>
  );
}

export function Reset({ token }: { token: string }): JSX.Element {
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  const form = useForm(['password'], async () => {
    if (password === '') throw new Fault('password', 'Type a password.');
    try {
      await resetPassword(token, password);
    } catch (e) {
      if (!(e instanceof ApiError) || ![401, 403, 404, 410].includes(e.status)) throw e;
      throw new Fault('', 'This address was used already or has expired. Ask for another one.');
    }
    history.replaceState(null, '', '/account');
    setDone(true);
    await checkSession();
  });
  return (
    <Card title="A new password">
      {done
        ? (
          <div class="login-way">
            <p role="status">Your password is changed. Where you were signed in, you no longer are.</p>
            <a class="primary wide" href="/">Sign in</a>
          </div>
        )
        : (
          <div ref={box} class="login-way">
            <form ref={form.ref} method="post" noValidate onSubmit={form.submit}>
              <NewPassword form={form} name="password" label="New password" value={password} change={setPassword} />
              <Submit form={form} label="Change the password" busy="One moment…" />
            </form>
          </div>
        )}
    </Card>
  );
}
