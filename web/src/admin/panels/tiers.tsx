/* Tiers, which say what an account may do, and teams, which share budgets. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, send } from '../../api.ts';
import { levelInUse, LEVELS, type Tier } from '../../budget.tsx';
import { amount, bytes, day, number } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { notify } from '../../state.ts';
import { Section, useGet } from '../parts.tsx';
import { Table, type Action, type Column } from '../table.tsx';
import { allOf, Field, Sheet, usePeople } from './kit.tsx';

/* --- Tiers ----------------------------------------------------------------------------------------------------------- */

type Limit = Exclude<keyof Tier, 'name' | 'level_max'>;

/* What is typed, in what unit: dollars become millionths. Those without a short name have no column. */
const LIMITS: { key: Limit; title: string; short: string; scale: number; write: (n: number) => string }[] = [
  { key: 'ask_per_minute', title: 'Questions a minute', short: 'Questions', scale: 1, write: number },
  { key: 'read_per_minute', title: 'Readings a minute', short: 'Readings', scale: 1, write: number },
  { key: 'write_per_minute', title: 'Changes a minute', short: 'Changes', scale: 1, write: number },
  { key: 'tokens_per_day', title: 'Tokens a day', short: 'Tokens', scale: 1, write: number },
  { key: 'microusd_per_month', title: 'Dollars a month', short: 'Money', scale: 1e6, write: (n) => amount('money', n) },
  { key: 'keys', title: 'API keys', short: 'Keys', scale: 1, write: number },
  { key: 'body_bytes', title: 'Largest request in bytes', short: '', scale: 1, write: bytes },
];

const PER: Partial<Record<Limit, string>> = { tokens_per_day: ' a day', microusd_per_month: ' a month', ask_per_minute: '/min', read_per_minute: '/min', write_per_minute: '/min' };

function limitText(l: (typeof LIMITS)[number], t: Tier): string {
  const n = t[l.key];
  return n === null ? '∞' : l.write(n) + (PER[l.key] ?? '');
}

export function Tiers(): JSX.Element {
  const got = useGet<{ tiers: Tier[] }>(allOf('/api/admin/tiers'));
  const [edited, setEdited] = useState<Tier | 'new' | null>(null);
  const columns: Column<Tier>[] = [
    { key: 'name', title: 'Tier', value: (t) => t.name, main: true },
    { key: 'level', title: 'Level', value: (t) => t.level_max, show: (t) => levelInUse(t.level_max) },
    ...LIMITS.filter((l) => l.short !== '').map((l): Column<Tier> => ({ key: l.key, title: l.short, value: (t) => t[l.key], show: (t) => limitText(l, t), number: true })),
  ];
  const actions = (t: Tier): Action[] => [
    { label: 'Change', icon: icons.edit, run: () => setEdited(t) },
    ...(t.name === 'free' || t.name === 'owner' ? [] : [{
      label: 'Remove', icon: icons.trash, danger: true,
      ask: { title: `Remove the tier ${t.name}?`, text: 'Nobody may have it any more.', yes: 'Remove' },
      run: async () => {
        await send('DELETE', `/api/admin/tiers/${t.name}`);
        got.again();
      },
    }]),
  ];
  return (
    <Section title="Tiers" note="What an account may do. Without a limit: ∞." tools={<button type="button" class="secondary" onClick={() => setEdited('new')}>{icons.plus}New tier</button>}>
      <Table name="Tiers" small columns={columns} rows={got.data?.tiers ?? null} error={got.error} again={got.again} id={(t) => t.name} empty="There is no tier." actions={actions} />
      {edited ? <TierSheet tier={edited === 'new' ? null : edited} onClose={() => setEdited(null)} saved={got.again} /> : null}
    </Section>
  );
}

function TierSheet({ tier, onClose, saved }: { tier: Tier | null; onClose: () => void; saved: () => void }): JSX.Element {
  const [name, setName] = useState(tier?.name ?? '');
  /* One that is not chosen anew stays as it is kept, above L3 too. */
  const [level, setLevel] = useState(tier?.level_max ?? 'L3');
  const [limits, setLimits] = useState<Record<string, string>>(() =>
    Object.fromEntries(LIMITS.map((l) => [l.key, tier && tier[l.key] !== null ? String((tier[l.key] as number) / l.scale) : ''])));
  const submit = async (): Promise<void> => {
    const body: Record<string, string | number> = { level_max: level };
    for (const l of LIMITS) {
      const text = (limits[l.key] ?? '').trim().replace(',', '.');
      if (text === '') continue;
      if (!(Number(text) >= 0)) throw new Error(`${l.title}: a number, or nothing.`);
      body[l.key] = Math.round(Number(text) * l.scale);
    }
    await send('PUT', `/api/admin/tiers/${encodeURIComponent(name.trim())}`, { body });
    saved();
  };
  return (
    <Sheet title={tier ? `Change the tier ${tier.name}` : 'New tier'} onClose={onClose} action="Save" submit={submit}>
      <div class="pair">
        {tier ? null : <Field name="Name" hint="a–z, 0–9, dashes."><input type="text" value={name} maxLength={15} required pattern="[a-z0-9\-]+" onInput={(e) => setName(e.currentTarget.value)} /></Field>}
        <Field name="Highest level"><select value={levelInUse(level)} onChange={(e) => setLevel(e.currentTarget.value)}>{LEVELS.map((l) => <option key={l} value={l}>{l}</option>)}</select></Field>
      </div>
      <p class="quiet">An empty field is without limit.</p>
      <div class="pair">
        {LIMITS.map((l) => (
          <Field key={l.key} name={l.title}><input type="text" inputMode="decimal" value={limits[l.key]} onInput={(e) => setLimits({ ...limits, [l.key]: e.currentTarget.value })} /></Field>
        ))}
      </div>
    </Sheet>
  );
}

/* --- Teams ----------------------------------------------------------------------------------------------------------- */

export interface Team {
  id: string;
  name: string;
  accounts: number;
  created_at: string;
}

const TEAM_COLUMNS: Column<Team>[] = [
  { key: 'name', title: 'Team', value: (t) => t.name, main: true },
  { key: 'accounts', title: 'Accounts', value: (t) => t.accounts, number: true },
  { key: 'made', title: 'Since', value: (t) => t.created_at, show: (t) => day(t.created_at) },
];

export function Teams(): JSX.Element {
  const got = useGet<{ teams: Team[] }>(allOf('/api/admin/teams'));
  const [edited, setEdited] = useState<Team | 'new' | null>(null);
  const [members, setMembers] = useState<Team | null>(null);
  return (
    <Section title="Teams" note="Accounts that share budgets; each is in one team at most." tools={<button type="button" class="secondary" onClick={() => setEdited('new')}>{icons.plus}New team</button>}>
      <Table name="Teams" small columns={TEAM_COLUMNS} rows={got.data?.teams ?? null} error={got.error} again={got.again} id={(t) => t.id} empty="There is no team."
        actions={(t) => [
          { label: 'Members', icon: icons.person, run: () => setMembers(t) },
          { label: 'Rename', icon: icons.edit, run: () => setEdited(t) },
          {
            label: 'Remove', icon: icons.trash, danger: true,
            ask: { title: `Remove the team ${t.name}?`, text: 'Its budgets go with it; its accounts stay.', yes: 'Remove' },
            run: async () => {
              await send('DELETE', `/api/admin/teams/${t.id}`);
              got.again();
            },
          },
        ]} />
      {edited ? <TeamSheet team={edited === 'new' ? null : edited} onClose={() => setEdited(null)} saved={got.again} /> : null}
      {members ? <Members team={members} onClose={() => setMembers(null)} saved={got.again} /> : null}
    </Section>
  );
}

function TeamSheet({ team, onClose, saved }: { team: Team | null; onClose: () => void; saved: () => void }): JSX.Element {
  const [name, setName] = useState(team?.name ?? '');
  const submit = async (): Promise<void> => {
    await send(team ? 'PATCH' : 'POST', '/api/admin/teams' + (team ? `/${team.id}` : ''), { body: { name: name.trim() } });
    saved();
  };
  return (
    <Sheet title={team ? `Rename ${team.name}` : 'New team'} onClose={onClose} action="Save" submit={submit}>
      <Field name="Name"><input type="text" value={name} maxLength={128} required onInput={(e) => setName(e.currentTarget.value)} /></Field>
    </Sheet>
  );
}

interface Member {
  id: string;
  email: string;
  name: string;
}

function Members({ team, onClose, saved }: { team: Team; onClose: () => void; saved: () => void }): JSX.Element {
  const people = usePeople();
  const got = useGet<{ accounts: Member[] }>(allOf(`/api/admin/teams/${team.id}/accounts`));
  const [who, setWho] = useState('');
  const leave = async (member: Member): Promise<void> => {
    try {
      await send('DELETE', `/api/admin/teams/${team.id}/accounts/${member.id}`);
      got.again();
      saved();
    } catch (e) {
      notify('Not taken out: ' + reason(e), 'error');
    }
  };
  const submit = async (): Promise<void> => {
    await send('PUT', `/api/admin/teams/${team.id}/accounts/${who}`);
    saved();
  };
  return (
    <Sheet title={`Members of ${team.name}`} onClose={onClose} action="Put in" submit={submit}>
      {got.data?.accounts.length === 0 ? <p class="quiet">Nobody is in it.</p> : null}
      <ul aria-label="Who is in it">
        {(got.data?.accounts ?? []).map((m) => (
          <li key={m.id}><span dir="auto">{m.name}</span> ({m.email}) <button type="button" class="link danger" aria-label={`Take out: ${m.name}`} onClick={() => void leave(m)}>Take out</button></li>
        ))}
      </ul>
      <Field name="Account" hint="Whoever is in another team leaves it.">
        <select value={who} required onChange={(e) => setWho(e.currentTarget.value)}>
          <option value="">choose</option>
          {[...people.values()].map((p) => <option key={p.id} value={p.id}>{p.name} ({p.email})</option>)}
        </select>
      </Field>
    </Sheet>
  );
}
