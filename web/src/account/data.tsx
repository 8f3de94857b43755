/* What is kept about one: taking it along, and leaving. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { ApiError, reason, type Me } from '../api.ts';
import { deleteAccount, exportData } from '../auth.ts';
import { icons } from '../icons.tsx';
import { notify } from '../state.ts';
import { Dialog } from '../views/dialog.tsx';
import { Code, Fault, Field, Password, Submit, useForm } from '../views/form.tsx';
import { saveFile } from './file.ts';
import { Section } from './section.tsx';

export function MyData({ me }: { me: Me }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const download = async (): Promise<void> => {
    setBusy(true);
    try {
      const response = await exportData();
      saveFile('sky-export.json', await response.blob());
    } catch (e) {
      notify('Not downloaded: ' + reason(e), 'error');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section id="data" title="Your data" about="Take along what is kept about you, or leave and have it removed.">
      <div class="buttons">
        <button type="button" class="secondary" disabled={busy} onClick={() => void download()}>{icons.arrowDown}{busy ? 'Collecting…' : 'Download everything'}</button>
        <button type="button" class="secondary bad" onClick={() => setLeaving(true)}>{icons.trash}Delete the account</button>
      </div>
      {leaving ? <Leave me={me} close={() => setLeaving(false)} /> : null}
    </Section>
  );
}

function Leave({ me, close }: { me: Me; close: () => void }): JSX.Element {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const form = useForm(['email', 'password', 'totp'], async () => {
    if (email.trim().toLowerCase() !== me.email.toLowerCase()) throw new Fault('email', `Type ${me.email}, so that nothing is deleted by mistake.`);
    if (password === '') throw new Fault('password', 'Type your password.');
    if (me.totp && totp === '') throw new Fault('totp', 'Type a code.');
    try {
      await deleteAccount({ password, ...(totp ? { totp } : {}) });
    } catch (e) {
      if (e instanceof ApiError && e.slug === 'wrong-code') throw new Fault('totp', 'The code or the password is not right.');
      throw e;
    }
    try {
      sessionStorage.clear();
    } catch {
      /* storage is off: nothing was kept */
    }
    location.replace('/');
  });
  return (
    <Dialog title="Delete the account" close={close}>
      <p>Your account, conversations, logins and keys are removed from this server. Nobody can bring them back.</p>
      <form ref={form.ref} method="post" noValidate onSubmit={form.submit}>
        <Field form={form} name="email" label={`Type ${me.email}`} type="email" autocomplete="off" spellcheck={false} autocapitalize="off" value={email} change={setEmail} />
        <Password form={form} name="password" label="Password" autocomplete="current-password" value={password} change={setPassword} />
        {me.totp ? <Code form={form} value={totp} change={setTotp} /> : null}
        <div class="buttons">
          <Submit form={form} label="Delete for good" busy="Deleting…" kind="primary danger" />
          <button type="button" class="secondary" onClick={close}>Cancel</button>
        </div>
      </form>
    </Dialog>
  );
}
