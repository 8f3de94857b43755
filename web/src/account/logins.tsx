/* Where one is logged in, and ending that. */

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason } from '../api.ts';
import { endLogin, logins, type Login } from '../auth.ts';
import { moment } from '../format.ts';
import { announce, notify } from '../state.ts';
import { device } from './device.ts';
import { Section } from './section.tsx';

const list = signal<Login[] | null>(null);
const failed = signal('');

export async function refreshLogins(): Promise<void> {
  try {
    list.value = (await logins()).sessions;
    failed.value = '';
  } catch (e) {
    failed.value = reason(e);
  }
}

export function Logins(): JSX.Element {
  const [busy, setBusy] = useState(false);
  useEffect(() => void refreshLogins(), []);
  const others = (list.value ?? []).filter((l) => !l.current);
  const end = async (ended: Login[]): Promise<void> => {
    setBusy(true);
    try {
      for (const login of ended) await endLogin(login.id);
      announce('Signed out there.');
    } catch (e) {
      notify('Not signed out there: ' + reason(e), 'error');
    } finally {
      await refreshLogins();
      setBusy(false);
    }
  };
  return (
    <Section id="sessions" title="Where you are signed in" about="End what you do not recognise, then change your password.">
      {failed.value ? <Failed text={failed.value} again={() => void refreshLogins()} /> : null}
      <ul class="rows">
        {(list.value ?? []).map((l) => (
          <li key={l.id}>
            <div class="rows-text">
              <b title={l.agent}>{device(l.agent)}{l.current ? <span class="badge good">this one</span> : null}</b>
              <small>{l.address} · since {moment(l.created_at)} · last used {moment(l.used_at)}</small>
            </div>
            {l.current ? null : (
              <button type="button" class="secondary" disabled={busy} aria-label={`End ${device(l.agent)}, ${l.address}`} onClick={() => void end([l])}>End</button>
            )}
          </li>
        ))}
      </ul>
      {list.value?.length === 0 ? <p class="quiet">You are here by the owner’s token, which is no login.</p> : null}
      {others.length > 1 ? <div class="buttons"><button type="button" class="secondary" disabled={busy} onClick={() => void end(others)}>End all others</button></div> : null}
    </Section>
  );
}

export function Failed({ text, again }: { text: string; again: () => void }): JSX.Element {
  return (
    <div class="note" role="alert">
      Not loaded: {text} <button type="button" class="link" onClick={again}>Try again</button>
    </div>
  );
}
