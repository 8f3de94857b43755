/* Inviting people: an address that lets one of them register once. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, type Me } from '../api.ts';
import { invite, invites, withdrawInvite, type Invite } from '../auth.ts';
import { moment } from '../format.ts';
import { announce, notify } from '../state.ts';
import { CopyButton } from '../views/copy.tsx';
import { LocalNote } from '../views/local.tsx';
import { enrolment } from '../views/stepup.tsx';
import { Failed } from './logins.tsx';
import { Section } from './section.tsx';

const ROLES: [string, string][] = [['member', 'Member'], ['guest', 'Guest'], ['agent', 'Agent (a program)'], ['admin', 'Administrator']];

export function Invites({ me }: { me: Me }): JSX.Element {
  const [role, setRole] = useState('member');
  const [list, setList] = useState<Invite[]>([]);
  const [failed, setFailed] = useState('');
  const [made, setMade] = useState('');
  const [busy, setBusy] = useState(false);
  const refresh = async (): Promise<void> => {
    try {
      setList((await invites()).invites);
      setFailed('');
    } catch (e) {
      setFailed(reason(e));
    }
  };
  useEffect(() => void refresh(), [me.id, me.account, me.totp]);

  const act = async (what: string, run: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await run();
    } catch (e) {
      notify(`${what}: ${reason(e)}`, 'error');
    } finally {
      setBusy(false);
      await refresh();
    }
  };
  const create = (): Promise<void> => act('Not invited', async () => {
    const { invite: code } = await invite(role);
    setMade(`${location.origin}/#invite=${code}`);
    announce('The address is made.');
  });
  const withdraw = (id: string): Promise<void> => act('Not withdrawn', async () => {
    await withdrawInvite(id);
    setMade('');
    announce('Withdrawn');
  });

  const about = 'Each is an address that lets one person register, within a week. Send it to nobody else: who opens it first has it.';
  if (enrolment.value && !me.totp) {
    return (
      <Section id="invitations" title="Invitations" about={about}>
        <p>To invite people you need a <a href="#second-factor">second factor</a>.</p>
      </Section>
    );
  }
  return (
    <Section id="invitations" title="Invitations" about={about}>
      <form
        class="invite"
        onSubmit={(e) => {
          e.preventDefault();
          void create();
        }}
      >
        <label for="invite-role">Role</label>
        <select id="invite-role" value={role} onChange={(e) => setRole(e.currentTarget.value)}>
          {ROLES.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </select>
        <button type="submit" class="secondary" disabled={busy}>Invite</button>
      </form>
      {made ? (
        <p class="secret"><code>{made}</code><CopyButton text={made} label="Copy the address" /></p>
      ) : null}
      {made ? <><p class="quiet">It is shown only now.</p><LocalNote /></> : null}
      {failed ? <Failed text={failed} again={() => void refresh()} /> : null}
      {list.length > 0 ? <h3>Open invitations</h3> : null}
      <ul class="rows">
        {list.map((i) => (
          <li key={i.id}>
            <div class="rows-text">
              <b>{ROLES.find(([value]) => value === i.role)?.[1] ?? i.role}</b>
              <small>made {moment(i.created_at)} · ends {moment(i.expires_at)}</small>
            </div>
            <button type="button" class="secondary" disabled={busy} aria-label={`Withdraw: ${i.role}, made ${moment(i.created_at)}`} onClick={() => void withdraw(i.id)}>Withdraw</button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
