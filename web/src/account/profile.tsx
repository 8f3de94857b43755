/* Who one is here, and another password. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Me } from '../api.ts';
import { changePassword } from '../auth.ts';
import { notify } from '../state.ts';
import { Fault, NewPassword, Password, Submit, useForm } from '../views/form.tsx';
import { refreshLogins } from './logins.tsx';
import { Section } from './section.tsx';

const ROLES: Record<Me['role'], string> = {
  owner: 'Owner: may do everything here',
  admin: 'Administrator: steers people, knowledge and models',
  member: 'Member: asks, and keeps conversations',
  guest: 'Guest: asks, and keeps conversations',
  agent: 'Agent: this account belongs to a program, and is shown as such everywhere',
};

export function Profile({ me }: { me: Me }): JSX.Element {
  return (
    <Section id="profile" title="You" about="What is known about you. Who runs this server can change your role and tier.">
      <dl class="facts">
        <div><dt>Name</dt><dd dir="auto">{me.name}{me.role === 'agent' ? <span class="badge">agent</span> : null}</dd></div>
        <div><dt>E-mail</dt><dd>{me.email}</dd></div>
        <div><dt>Role</dt><dd>{ROLES[me.role] ?? me.role}</dd></div>
        <div><dt>Tier</dt><dd>{me.tier}</dd></div>
      </dl>
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
