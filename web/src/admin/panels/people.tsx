/* People: accounts with their roles, tiers and logins; invitations; tiers and teams; keys. Agents are always shown as such. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, send } from '../../api.ts';
import type { Tier } from '../../budget.tsx';
import { day, number } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { notify } from '../../state.ts';
import { LocalNote } from '../../views/local.tsx';
import { isOwner } from '../access.ts';
import { confirm, type Question } from '../confirm.tsx';
import { Badge, Panel, Section, useGet, Waiting } from '../parts.tsx';
import type { PageOf } from '../rows.ts';
import { Table, type Action, type Column } from '../table.tsx';
import { Budgets } from './budgets.tsx';
import { AgentBadge, allOf, Field, nameOf, openTab, Sheet, Tabs, useIfThere, usePeople, When, type Person } from './kit.tsx';
import { Keys } from './keys.tsx';
import { Teams, Tiers } from './tiers.tsx';

const TABS = [['accounts', 'Accounts'], ['invites', 'Invitations'], ['tiers', 'Tiers and teams'], ['keys', 'Keys']] as const;
const ROLES = ['admin', 'member', 'guest', 'agent'] as const;

export function People(): JSX.Element {
  const tab = openTab(TABS);
  return (
    <Panel title="People">
      <Tabs panel="people" of={TABS} />
      {tab === 'accounts' ? <Accounts /> : tab === 'invites' ? <Invites /> : tab === 'tiers' ? <><Tiers /><Teams /></> : <Keys />}
    </Panel>
  );
}

/* --- Accounts -------------------------------------------------------------------------------------------------------- */

const peoplePage: PageOf<Person> = async ({ after, filter, limit, signal: abort }) => {
  const response = await send('GET', `/api/admin/people?limit=${limit}${after ? `&after=${after}` : ''}${filter ? `&q=${encodeURIComponent(filter)}` : ''}`, { signal: abort });
  const body = (await response.json()) as { people: Person[]; next: string | null };
  return { rows: body.people, next: body.next };
};

const COLUMNS: Column<Person>[] = [
  { key: 'name', title: 'Name', value: (p) => p.name, show: (p) => <><span class="who-name">{p.name}</span>{p.role === 'agent' ? <> <AgentBadge /></> : null}</>, main: true },
  { key: 'email', title: 'E-mail', value: (p) => p.email },
  { key: 'role', title: 'Role', value: (p) => p.role },
  { key: 'tier', title: 'Tier', value: (p) => p.tier },
  { key: 'state', title: 'State', value: (p) => (p.disabled ? 'disabled' : 'active'), show: (p) => (p.disabled ? <Badge state="bad">disabled</Badge> : <Badge state="good">active</Badge>) },
  { key: 'totp', title: 'Second factor', value: (p) => p.totp, show: (p) => (p.totp ? <Badge state="good">on</Badge> : <Badge state={p.role === 'admin' || p.role === 'owner' ? 'warn' : 'off'}>none</Badge>) },
  { key: 'used', title: 'Last used', value: (p) => p.last_used_at ?? '', show: (p) => <div>{p.last_used_at ? <When at={p.last_used_at} /> : 'never'}<span class="under quiet">since {day(p.created_at)}</span></div> },
];

function Accounts(): JSX.Element {
  const [turn, setTurn] = useState(0);
  const [edited, setEdited] = useState<Person | null>(null);
  const [seen, setSeen] = useState<Person | null>(null);
  const [spending, setSpending] = useState<Person | null>(null);
  const [secret, setSecret] = useState<Shown | null>(null);
  const again = (): void => setTurn((t) => t + 1);
  const actions = (p: Person): Action[] => [
    { label: 'Logins', icon: icons.menu, run: () => setSeen(p) },
    { label: 'Keys and budgets', icon: icons.key, run: () => setSpending(p) },
    ...(p.role === 'owner' && !isOwner() ? [] : [{ label: 'Change', icon: icons.edit, run: () => setEdited(p) }]),
  ];
  return (
    <Section title="Accounts">
      <Table name="People" columns={COLUMNS} page={peoplePage} version={turn} id={(p) => p.id} empty="Nobody has an account yet." actions={actions} />
      {edited ? <PersonSheet person={edited} onClose={() => setEdited(null)} saved={again} show={setSecret} /> : null}
      {seen ? <LoginsSheet person={seen} onClose={() => setSeen(null)} /> : null}
      {spending ? <Sheet title={`Keys and budgets of ${spending.name}`} onClose={() => setSpending(null)} wide><Keys account={spending} /><Budgets account={spending} /></Sheet> : null}
      {secret ? <Secret {...secret} onClose={() => setSecret(null)} /> : null}
    </Section>
  );
}

/* What is done to an account beside changing its fields. */
interface Act {
  label: string;
  danger?: boolean;
  ask?: Question;
  run: () => Promise<unknown>;
}

function actsOn(person: Person, show: (secret: Shown) => void): Act[] {
  const path = `/api/admin/people/${person.id}`;
  const { name } = person;
  const acts: Act[] = [{
    label: 'Reset the password',
    ask: { title: `Reset the password of ${name}?`, text: 'You get an address to hand over; with it they set another password, once.', yes: 'Make the address' },
    run: async () => {
      const response = await send('POST', path + '/reset', { body: {} });
      const got = (await response.json()) as { path: string; expires_in: number };
      show({ title: `For ${name}`, text: `Hand this address over. It works once, for ${number(Math.round(got.expires_in / 60))} minutes.`, value: location.origin + got.path });
    },
  }];
  if (person.totp) {
    acts.push({
      label: 'Remove the second factor',
      ask: { title: `Remove the second factor of ${name}?`, text: 'Until they add another one the password alone lets them in.', yes: 'Remove' },
      run: () => send('POST', path + '/totp/remove', { body: {} }),
    });
  }
  if (person.role !== 'owner') {
    acts.push(
      person.disabled
        ? { label: 'Enable', run: () => send('PATCH', path, { body: { disabled: false } }) }
        : {
            label: 'Disable', danger: true,
            ask: { title: `Disable ${name}?`, text: 'All their logins end; nothing of theirs is lost.', yes: 'Disable' },
            run: () => send('PATCH', path, { body: { disabled: true } }),
          },
      {
        label: 'Remove the account', danger: true,
        ask: { title: `Remove ${name}?`, text: 'The account, its conversations and its cached answers go for good.', yes: 'Remove' },
        run: () => send('DELETE', path),
      },
    );
  }
  return acts;
}

function PersonSheet({ person, onClose, saved, show }: { person: Person; onClose: () => void; saved: () => void; show: (secret: Shown) => void }): JSX.Element {
  const [name, setName] = useState(person.name);
  const [role, setRole] = useState(person.role);
  const [tier, setTier] = useState(person.tier);
  const tiers = useIfThere<{ tiers: Tier[] }>(allOf('/api/admin/tiers'));
  const known = [...new Set([person.tier, 'free', ...(tiers.data?.tiers ?? []).map((t) => t.name)])];
  const submit = async (): Promise<void> => {
    const body: Record<string, string> = {};
    if (name !== person.name) body['name'] = name;
    if (role !== person.role) body['role'] = role;
    if (tier !== person.tier) body['tier'] = tier;
    if (Object.keys(body).length > 0) await send('PATCH', `/api/admin/people/${person.id}`, { body });
    saved();
  };
  const act = async (what: Act): Promise<void> => {
    onClose();
    if (what.ask && !(await confirm(what.ask))) return;
    try {
      await what.run();
      saved();
    } catch (e) {
      notify(`${what.label}: ${reason(e)}`, 'error');
    }
  };
  return (
    <Sheet title={`Change ${person.name}`} onClose={onClose} action="Save" submit={submit}>
      <Field name="Name"><input type="text" value={name} maxLength={128} onInput={(e) => setName(e.currentTarget.value)} /></Field>
      <div class="pair">
        <Field name="Role">
          <select value={role} disabled={person.role === 'owner'} onChange={(e) => setRole(e.currentTarget.value)}>
            {(person.role === 'owner' ? ['owner'] : ROLES).map((r) => <option key={r} value={r}>{r}</option>)}
          </select>
        </Field>
        <Field name="Tier"><select value={tier} onChange={(e) => setTier(e.currentTarget.value)}>{known.map((t) => <option key={t} value={t}>{t}</option>)}</select></Field>
      </div>
      <div class="row-buttons">{actsOn(person, show).map((a) => <button key={a.label} type="button" class={'link' + (a.danger ? ' danger' : '')} onClick={() => void act(a)}>{a.label}</button>)}</div>
    </Sheet>
  );
}

interface Login {
  id: string;
  agent: string;
  address: string;
  created_at: string;
  used_at: string;
}

const LOGIN_COLUMNS: Column<Login>[] = [
  { key: 'agent', title: 'Browser or program', value: (l) => l.agent, show: (l) => <span class="clip">{l.agent || 'unknown'}</span>, main: true },
  { key: 'address', title: 'Address', value: (l) => l.address },
  { key: 'used', title: 'Last used', value: (l) => l.used_at, show: (l) => <When at={l.used_at} /> },
  { key: 'made', title: 'Since', value: (l) => l.created_at, show: (l) => <When at={l.created_at} />, minor: true },
];

function LoginsSheet({ person, onClose }: { person: Person; onClose: () => void }): JSX.Element {
  const got = useGet<{ sessions: Login[] }>(`/api/admin/people/${person.id}/sessions`);
  const end = async (l: Login): Promise<void> => {
    await send('DELETE', `/api/admin/people/${person.id}/sessions/${l.id}`);
    got.again();
  };
  return (
    <Sheet title={`Where ${person.name} is logged in`} onClose={onClose} wide>
      <Waiting of={got} />
      {got.data ? <Table name="Logins" columns={LOGIN_COLUMNS} rows={got.data.sessions} id={(l) => l.id} empty="Nowhere." actions={(l) => [{ label: 'End', icon: icons.leave, danger: true, run: () => end(l) }]} /> : null}
    </Sheet>
  );
}

/* Shown once: nobody keeps it. */
interface Shown {
  title: string;
  text: string;
  value: string;
}

function Secret({ title, text, value, onClose }: Shown & { onClose: () => void }): JSX.Element {
  return (
    <Sheet title={title} onClose={onClose}>
      <p>{text}</p>
      <Field name="Shown this once"><input type="text" readOnly value={value} onFocus={(e) => e.currentTarget.select()} /></Field>
      <button type="button" class="secondary" onClick={() => void navigator.clipboard.writeText(value).then(() => notify('Copied'))}>{icons.copy}Copy</button>
      {value.startsWith(location.origin) ? <LocalNote /> : null}
    </Sheet>
  );
}

/* --- Invitations ----------------------------------------------------------------------------------------------------- */

interface Invite {
  id: string;
  role: string;
  created_by: string;
  created_at: string;
  expires_at: string;
}

function Invites(): JSX.Element {
  const got = useGet<{ invites: Invite[] }>('/api/auth/invites');
  const people = usePeople();
  const [role, setRole] = useState('member');
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<Shown | null>(null);
  const submit = async (): Promise<void> => {
    const response = await send('POST', '/api/auth/invites', { body: { role } });
    const made = (await response.json()) as { invite: string; expires_in: number };
    const days = number(Math.round(made.expires_in / 86_400));
    /* Programs register by the HTTP interface. */
    setSecret(role === 'agent'
      ? { title: 'An invitation', text: `Whoever registers with this code becomes an agent. It works once, for ${days} days.`, value: made.invite }
      : { title: 'An invitation', text: `Hand this address over: whoever opens it and registers becomes ${role}. It works once, for ${days} days.`, value: `${location.origin}/#invite=${made.invite}` });
    got.again();
  };
  const columns: Column<Invite>[] = [
    { key: 'role', title: 'Role', value: (i) => i.role, show: (i) => (i.role === 'agent' ? <AgentBadge /> : i.role), main: true },
    { key: 'by', title: 'By', value: (i) => nameOf(i.created_by, people) },
    { key: 'at', title: 'Made', value: (i) => i.created_at, show: (i) => <When at={i.created_at} /> },
    { key: 'until', title: 'Works until', value: (i) => i.expires_at, show: (i) => <When at={i.expires_at} /> },
  ];
  return (
    <Section title="Open invitations" tools={<button type="button" class="secondary" onClick={() => setMaking(true)}>{icons.plus}Invite</button>}>
      <Table name="Invitations" columns={columns} rows={got.data?.invites ?? null} error={got.error} again={got.again} id={(i) => i.id} empty="No invitation is open."
        actions={(i) => [{
          label: 'Take back', icon: icons.trash, danger: true,
          ask: { title: 'Take the invitation back?', text: 'It works no longer.', yes: 'Take back' },
          run: async () => {
            await send('DELETE', `/api/auth/invites/${i.id}`);
            got.again();
          },
        }]} />
      {making ? (
        <Sheet title="Invite somebody" onClose={() => setMaking(false)} action="Invite" submit={submit}>
          <Field name="Role" hint={role === 'agent' ? 'For an AI; it is always shown as one.' : undefined}><select value={role} onChange={(e) => setRole(e.currentTarget.value)}>{ROLES.map((r) => <option key={r} value={r}>{r}</option>)}</select></Field>
        </Sheet>
      ) : null}
      {secret ? <Secret {...secret} onClose={() => setSecret(null)} /> : null}
    </Section>
  );
}
