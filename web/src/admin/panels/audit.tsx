/* The audit trail: what was done, by whom, the newest first. The server filters by act and by account, so the pages and the
 * exported file hold what fits and nothing else. */

import { useMemo, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send } from '../../api.ts';
import { icons } from '../../icons.tsx';
import { Badge, Section } from '../parts.tsx';
import type { PageOf } from '../rows.ts';
import { Table, type Action, type Column } from '../table.tsx';
import { AgentBadge, usePeople, When, type Person } from './kit.tsx';

interface Entry {
  seq: number;
  at: string;
  act: string;
  outcome: string;
  actor: { id: string; name: string; login: string; key: string; address: string; request: string };
  /* The id of what it was done to. */
  object: string;
  detail: Record<string, unknown>;
}

/* All that the server writes down; account/audit.h has the same in the same order. */
const ACTS = [
  'login.ok', 'login.refused', 'login.ended', 'account.registered', 'account.refused', 'account.changed', 'account.removed',
  'account.exported', 'password.changed', 'password.reset', 'password.refused', 'totp.confirmed', 'totp.removed', 'totp.refused',
  'step-up.ok', 'step-up.refused', 'reset.made', 'reset.refused', 'invite.made', 'invite.used', 'invite.removed', 'code.made',
  'token.printed', 'role.refused', 'scope.refused', 'key.made', 'key.changed', 'key.removed', 'budget.set', 'budget.removed',
  'tier.set', 'tier.removed', 'team.set', 'team.removed', 'provider.set', 'provider.removed', 'provider.tested', 'prompt.changed',
  'price.set', 'document.removed', 'source.forgotten', 'learn.started', 'config.reloaded', 'audit.pruned', 'backup.started',
] as const;

interface Account {
  id: string;
  name: string;
}

const NOBODY: Account = { id: '', name: '' };

const pageOf = (act: string, account: string): PageOf<Entry> => async ({ after, limit, signal }) => {
  const query = new URLSearchParams({ limit: String(limit) });
  if (after) query.set('before', after);
  if (act) query.set('act', act);
  if (account) query.set('actor', account);
  const response = await send('GET', `/api/admin/audit?${query}`, { signal });
  const body = (await response.json()) as { audit: Entry[]; next: string | null };
  return { rows: body.audit, next: body.next };
};

/* Whoever was refused a login is nobody yet, but came from somewhere; the server itself comes from nowhere. */
const byWhom = ({ actor }: Entry): string => actor.name || actor.id || (actor.address ? 'nobody signed in' : 'the server');
const detailOf = (e: Entry): string => Object.entries(e.detail).map(([key, v]) => `${key}: ${typeof v === 'string' ? v : JSON.stringify(v)}`).join(', ');

const columnsWith = (people: Map<string, Person>): Column<Entry>[] => [
  { key: 'act', title: 'Act', value: (e) => e.act, show: (e) => <span class="act">{e.act}</span>, main: true },
  { key: 'at', title: 'When', value: (e) => e.at, show: (e) => <When at={e.at} /> },
  { key: 'who', title: 'By', value: byWhom, show: (e) => <div>{byWhom(e)}{people.get(e.actor.id)?.role === 'agent' ? <> <AgentBadge /></> : null}<small class="quiet under address">{e.actor.address}</small></div> },
  { key: 'object', title: 'Done to', value: (e) => e.object, show: (e) => people.get(e.object)?.name ?? (e.object === '' ? '–' : <code class="value object">{e.object}</code>) },
  { key: 'outcome', title: 'Outcome', value: (e) => e.outcome, show: (e) => <Badge state={e.outcome === 'ok' ? 'good' : 'warn'}>{e.outcome}</Badge> },
  { key: 'detail', title: 'Detail', value: (e) => JSON.stringify(e.detail), show: (e) => <span class="value">{detailOf(e) || '–'}</span> },
  { key: 'seq', title: 'Number', value: (e) => e.seq, unseen: true },
  { key: 'account', title: 'Account', value: (e) => e.actor.id, unseen: true },
  { key: 'login', title: 'Login', value: (e) => e.actor.login, unseen: true },
  { key: 'key', title: 'Key', value: (e) => e.actor.key, unseen: true },
  { key: 'address', title: 'Address', value: (e) => e.actor.address, unseen: true },
  { key: 'request', title: 'Request', value: (e) => e.actor.request, unseen: true },
];

/* Those that are there, the owner, who may never have registered, and the one that is chosen, who may be gone. */
function accountsToChoose(people: Map<string, Person>, chosen: Account): Account[] {
  const others = [{ id: 'owner', name: 'owner' }, chosen].filter((a, i, all) => a.id !== '' && !people.has(a.id) && all.findIndex((b) => b.id === a.id) === i);
  return [...[...people.values()].map((p) => ({ id: p.id, name: `${p.name} (${p.email})` })), ...others];
}

export function AuditPart(): JSX.Element {
  const people = usePeople();
  const [act, setAct] = useState('');
  const [account, setAccount] = useState(NOBODY);
  const box = useRef<HTMLSelectElement>(null);
  const page = useMemo(() => pageOf(act, account.id), [act, account.id]);
  const accounts = accountsToChoose(people, account);
  /* The row's button goes with its row, so the focus goes to what says the same. */
  const only = (e: Entry): void => {
    setAccount({ id: e.actor.id, name: byWhom(e) });
    box.current?.focus();
  };
  const actions = (e: Entry): Action[] => (e.actor.id === '' || e.actor.id === account.id ? [] : [{ label: `Only by ${byWhom(e)}`, icon: icons.person, run: () => only(e) }]);
  const filters = (
    <>
      <label class="filter-choice"><span class="sr-only">Act</span>
        <select value={act} onChange={(e) => setAct(e.currentTarget.value)}>
          <option value="">All acts</option>
          {ACTS.map((a) => <option key={a} value={a}>{a}</option>)}
        </select>
      </label>
      <label class="filter-choice"><span class="sr-only">Account</span>
        <select ref={box} value={account.id} onChange={(e) => setAccount(accounts.find((a) => a.id === e.currentTarget.value) ?? NOBODY)}>
          <option value="">All accounts</option>
          {accounts.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
        </select>
      </label>
    </>
  );
  return (
    <>
      <Section title="Audit trail" note="What was done to accounts, keys and money.">
        <Table name="Audit trail" columns={columnsWith(people)} page={page} id={(e) => String(e.seq)} small tools={filters} actions={actions}
          empty={act === '' && account.id === '' ? 'Nothing was done yet.' : 'Nothing fits.'} />
      </Section>
      <p class="quiet">Each entry holds the hash of the one before; <code>sky admin audit verify</code> checks them.</p>
    </>
  );
}
