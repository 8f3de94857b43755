/* Who one is here, and another password. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { ApiError, type Me } from '../api.ts';
import { changeMe, changePassword } from '../auth.ts';
import { checkSession, notify } from '../state.ts';
import { Fault, Field, NewPassword, Password, Submit, useForm } from '../views/form.tsx';
import { refreshLogins } from './logins.tsx';
import { Section } from './section.tsx';

const ROLES: Record<Me['role'], string> = {
  owner: 'Owner: may do everything here',
  admin: 'Administrator: steers people, knowledge and models',
  member: 'Member: asks, and keeps conversations',
  guest: 'Guest: asks, and keeps conversations',
  agent: 'Agent: this account belongs to a program, and is shown as such everywhere',
};

function ChangeProfile({ me, done }: { me: Me; done: () => void }): JSX.Element {
  const [name, setName] = useState(me.name);
  const [email, setEmail] = useState(me.email);
  const form = useForm(['name', 'email'], async () => {
    const body = { ...(name.trim() === me.name ? {} : { name: name.trim() }), ...(email.trim() === me.email ? {} : { email: email.trim() }) };
    if (email.trim() === '') throw new Fault('email', 'Type your e-mail address.');
    if (Object.keys(body).length > 0) {
      try {
        await changeMe(body);
      } catch (e) {
        throw e instanceof ApiError && e.slug === 'email-taken' ? new Fault('email', 'Another account has this e-mail address.') : e;
      }
      await checkSession();
      notify(body.email ? 'Changed. From now on you sign in with the new e-mail address.' : 'Your name is changed.');
    }
    done();
  });
  return (
    <form ref={form.ref} class="narrow" method="post" noValidate onSubmit={form.submit}>
      <Field form={form} name="name" label="Name" autocomplete="name" value={name} change={setName} hint="How others see you. Left empty, it is what stands before the @." />
      <Field form={form} name="email" label="E-mail" type="email" autocomplete="username" spellcheck={false} autocapitalize="off" value={email} change={setEmail} hint="You sign in with it. Another one wants a fresh proof that it is you." />
      <Submit form={form} label="Save" busy="One moment…" kind="secondary" />
      <button type="button" class="link" onClick={done}>Leave it as it is</button>
    </form>
  );
}

export function Profile({ me }: { me: Me }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Section id="profile" title="You" about="What is known about you. Who runs this server can change your role and tier.">
      <dl class="facts">
        <div><dt>Name</dt><dd dir="auto">{me.name}{me.role === 'agent' ? <span class="badge">agent</span> : null}</dd></div>
        <div><dt>E-mail</dt><dd>{me.email}</dd></div>
        <div><dt>Role</dt><dd>{ROLES[me.role] ?? me.role}</dd></div>
        <div><dt>Tier</dt><dd>{me.tier}</dd></div>
      </dl>
      {open ? <ChangeProfile me={me} done={() => setOpen(false)} /> : <button type="button" class="secondary" onClick={() => setOpen(true)}>Change name or e-mail</button>}
    </Section>
  );
}

export function ChangePassword({ me }: { me: Me }): JSX.Element {
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const form = useForm(['password', 'new_password'], async () => {
    if (old === '') throw new Fault('password', 'Type the password that you have now.');
    if (password === '') throw new Fault('new_password', 'Type a new password.');
    await changePassword(old, password);
    setOld('');
    setPassword('');
    notify('Your password is changed.');
    void refreshLogins();
  });
  return (
    <Section id="password" title="Password" about="A new one signs you out everywhere else.">
      <form ref={form.ref} class="narrow" method="post" noValidate onSubmit={form.submit}>
        <input type="text" name="username" autocomplete="username" value={me.email} readOnly hidden />
        <Password form={form} name="password" label="Password now" autocomplete="current-password" value={old} change={setOld} />
        <NewPassword form={form} name="new_password" label="New password" value={password} change={setPassword} personal={[me.name, me.email]} />
        <Submit form={form} label="Change the password" busy="One moment…" kind="secondary" />
      </form>
    </Section>
  );
}
