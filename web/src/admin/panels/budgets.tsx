/* Budgets: what may be spent, by whom, and what is left of it. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send } from '../../api.ts';
import { LEVELS, Spent, type Budget } from '../../budget.tsx';
import { amount, moment, type Unit } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { Section, useGet } from '../parts.tsx';
import { Table, type Action, type Column } from '../table.tsx';
import { allOf, Field, nameOf, Sheet, useIfThere, usePeople, type Person } from './kit.tsx';
import type { Key } from './keys.tsx';
import type { Team } from './tiers.tsx';

type Kind = Budget['kind'];
const KINDS: readonly (readonly [Kind, string])[] = [['all', 'everybody together'], ['account', 'an account'], ['team', 'a team'], ['key', 'an API key']];
const UNITS: readonly (readonly [Unit, string])[] = [['money', 'money (US dollars)'], ['tokens', 'tokens'], ['requests', 'requests']];

/* Names of what budgets are for. */
interface Names {
  people: Map<string, Person>;
  teams: Team[];
  keys: Key[];
}

function useNames(): Names {
  const people = usePeople();
  const teams = useIfThere<{ teams: Team[] }>(allOf('/api/admin/teams'));
  const keys = useIfThere<{ keys: Key[] }>(allOf('/api/admin/keys'));
  return { people, teams: teams.data?.teams ?? [], keys: keys.data?.keys ?? [] };
}

function whose(b: Budget, { people, teams, keys }: Names): string {
  if (b.kind === 'all') return 'everybody together';
  if (b.kind === 'account') return nameOf(b.subject, people);
  const found = (b.kind === 'team' ? teams : keys).find((t) => t.id === b.subject);
  return `${b.kind} ${found?.name ?? b.subject}`;
}

/* What is typed for a limit: dollars or a count. */
function limitOf(unit: Unit, text: string): number {
  const n = Number(text.trim().replace(',', '.'));
  if (text.trim() === '' || !(n >= 0)) throw new Error(unit === 'money' ? 'The limit is a number of dollars, such as 12.50.' : `The limit is a number of ${unit}.`);
  return Math.round(unit === 'money' ? n * 1e6 : n);
}

/* All, or those of one account. */
export function Budgets({ account }: { account?: Person }): JSX.Element {
  const got = useGet<{ budgets: Budget[] }>(allOf('/api/admin/budgets'), 10_000);
  const names = useNames();
  const [making, setMaking] = useState(false);
  const [raised, setRaised] = useState<Budget | null>(null);
  const rows = got.data ? got.data.budgets.filter((b) => !account || (b.kind === 'account' && b.subject === account.id)) : null;
  const columns: Column<Budget>[] = [
    { key: 'name', title: 'Budget', value: (b) => b.name, main: true },
    { key: 'for', title: 'For', value: (b) => whose(b, names) },
    { key: 'level', title: 'Level', value: (b) => b.level ?? 'all' },
    { key: 'limit', title: 'Grants', value: (b) => (b.unit === 'money' ? b.limit / 1e6 : b.limit), show: (b) => `${amount(b.unit, b.limit)} a ${b.period}` },
    { key: 'spent', title: 'Used', value: (b) => (b.unit === 'money' ? b.spent / 1e6 : b.spent), show: (b) => <Spent {...b} /> },
    { key: 'resets', title: 'Begins anew', value: (b) => b.resets_at, show: (b) => moment(b.resets_at), minor: true },
  ];
  const actions = (b: Budget): Action[] => [
    { label: 'Raise or lower', icon: icons.edit, run: () => setRaised(b) },
    {
      label: 'Remove', icon: icons.trash, danger: true,
      ask: { title: `Remove ${b.name}?`, text: 'From the next question on nothing of this holds anybody back.', yes: 'Remove' },
      run: async () => {
        await send('DELETE', `/api/admin/budgets/${b.id}`);
        got.again();
      },
    },
  ];
  return (
    <Section title="Budgets" note="All that bind a question hold at once. What would pass one is refused before anything is spent."
      tools={<button type="button" class="secondary" onClick={() => setMaking(true)}>{icons.plus}New budget</button>}>
      <Table name={account ? `Budgets of ${account.name}` : 'Budgets'} columns={account ? columns.filter((c) => c.key !== 'for' && c.key !== 'resets') : columns.filter((c) => c.key !== 'resets')} rows={rows} error={got.error} again={got.again}
        id={(b) => b.id} empty="Nobody’s spending is limited." actions={actions} small={account !== undefined} />
      {making ? <NewBudget names={names} account={account} onClose={() => setMaking(false)} saved={got.again} /> : null}
      {raised ? <Raise budget={raised} onClose={() => setRaised(null)} saved={got.again} /> : null}
    </Section>
  );
}

function NewBudget({ names, account, onClose, saved }: { names: Names; account?: Person | undefined; onClose: () => void; saved: () => void }): JSX.Element {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>(account ? 'account' : 'all');
  const [subject, setSubject] = useState(account?.id ?? '');
  const [unit, setUnit] = useState<Unit>('money');
  const [period, setPeriod] = useState('month');
  const [level, setLevel] = useState('');
  const [limit, setLimit] = useState('');
  const choices: [string, string][] = kind === 'account' ? [...names.people.values()].map((p) => [p.id, `${p.name} (${p.email})`])
    : kind === 'team' ? names.teams.map((t) => [t.id, t.name])
    : names.keys.map((k) => [k.id, `${k.name} (${nameOf(k.account, names.people)})`]);
  const submit = async (): Promise<void> => {
    const cap = limitOf(unit, limit);
    if (kind !== 'all' && subject === '') throw new Error('Choose whom it is for.');
    await send('POST', '/api/admin/budgets', {
      body: { name: name.trim(), kind, ...(kind === 'all' ? {} : { subject }), unit, period, limit: cap, ...(level === '' ? {} : { level }) },
    });
    saved();
  };
  return (
    <Sheet title="New budget" onClose={onClose} action="Make it" submit={submit}>
      <Field name="Name" hint="Whoever uses it up reads it."><input type="text" value={name} maxLength={128} required onInput={(e) => setName(e.currentTarget.value)} /></Field>
      {account ? null : (
        <div class="pair">
          <Field name="For">
            <select value={kind} onChange={(e) => {
              setKind(e.currentTarget.value as Kind);
              setSubject('');
            }}>{KINDS.map(([k, title]) => <option key={k} value={k}>{title}</option>)}</select>
          </Field>
          {kind === 'all' ? null : (
            <Field name="Which one">
              <select value={subject} onChange={(e) => setSubject(e.currentTarget.value)}>
                <option value="">{choices.length === 0 ? 'there is none' : 'choose'}</option>
                {choices.map(([id, title]) => <option key={id} value={id}>{title}</option>)}
              </select>
            </Field>
          )}
        </div>
      )}
      <div class="pair">
        <Field name="Counts"><select value={unit} onChange={(e) => setUnit(e.currentTarget.value as Unit)}>{UNITS.map(([u, title]) => <option key={u} value={u}>{title}</option>)}</select></Field>
        <Field name="Level"><select value={level} onChange={(e) => setLevel(e.currentTarget.value)}><option value="">all together</option>{LEVELS.map((l) => <option key={l} value={l}>{l} alone</option>)}</select></Field>
      </div>
      <div class="pair">
        <Field name={unit === 'money' ? 'Limit in dollars' : 'Limit'}><input type="text" inputMode="decimal" value={limit} onInput={(e) => setLimit(e.currentTarget.value)} /></Field>
        <Field name="In each" hint="Days and months are UTC."><select value={period} onChange={(e) => setPeriod(e.currentTarget.value)}><option value="day">day</option><option value="month">month</option></select></Field>
      </div>
    </Sheet>
  );
}

function Raise({ budget, onClose, saved }: { budget: Budget; onClose: () => void; saved: () => void }): JSX.Element {
  const [name, setName] = useState(budget.name);
  const [limit, setLimit] = useState(String(budget.unit === 'money' ? budget.limit / 1e6 : budget.limit));
  const submit = async (): Promise<void> => {
    await send('PATCH', `/api/admin/budgets/${budget.id}`, { body: { name: name.trim(), limit: limitOf(budget.unit, limit) } });
    saved();
  };
  return (
    <Sheet title={`Change ${budget.name}`} onClose={onClose} action="Save" submit={submit}>
      <Spent {...budget} />
      <Field name="Name"><input type="text" value={name} maxLength={128} required onInput={(e) => setName(e.currentTarget.value)} /></Field>
      <Field name={budget.unit === 'money' ? `Limit in dollars a ${budget.period}` : `Limit: ${budget.unit} a ${budget.period}`} hint="It holds from the next question on."><input type="text" inputMode="decimal" value={limit} onInput={(e) => setLimit(e.currentTarget.value)} /></Field>
    </Sheet>
  );
}
