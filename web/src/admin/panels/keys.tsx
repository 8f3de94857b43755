/* API keys of everybody, as administrators see them: they revoke, they make none. */

import type { JSX } from 'preact';
import { send } from '../../api.ts';
import { day } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { Badge, Section, useGet } from '../parts.tsx';
import { Table, type Column } from '../table.tsx';
import { allOf, usePeople, When, Who, type Person } from './kit.tsx';

export interface Key {
  id: string;
  account: string;
  name: string;
  scopes: string[];
  per_minute: number | null;
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
}

/* All, or those of one account. */
export function Keys({ account }: { account?: Person }): JSX.Element {
  const got = useGet<{ keys: Key[] }>(allOf('/api/admin/keys') + (account ? `&account=${account.id}` : ''));
  const people = usePeople();
  const columns: Column<Key>[] = [
    { key: 'name', title: 'Key', value: (k) => k.name, main: true },
    { key: 'who', title: 'Account', value: (k) => people.get(k.account)?.name ?? k.account, show: (k) => <Who id={k.account} people={people} /> },
    { key: 'scopes', title: 'May', value: (k) => k.scopes.join(', ') },
    { key: 'used', title: 'Last used', value: (k) => k.used_at ?? '', show: (k) => (k.used_at ? <When at={k.used_at} /> : 'never') },
    { key: 'until', title: 'Works until', value: (k) => k.expires_at ?? '', show: (k) => (!k.expires_at ? 'it is revoked' : Date.parse(k.expires_at) < Date.now() ? <Badge state="off">expired</Badge> : day(k.expires_at)) },
    { key: 'rate', title: 'A minute', value: (k) => k.per_minute ?? '', show: (k) => k.per_minute ?? 'as the tier', minor: true },
    { key: 'made', title: 'Since', value: (k) => k.created_at, show: (k) => day(k.created_at), minor: true },
  ];
  return (
    <Section title="API keys" note="What programs ask with. The server keeps only their hashes.">
      <Table name={account ? `Keys of ${account.name}` : 'API keys'} columns={account ? columns.filter((c) => c.key !== 'who') : columns} rows={got.data?.keys ?? null} error={got.error} again={got.again} id={(k) => k.id}
        empty={account ? `${account.name} has no key.` : 'There is no key. Everybody makes their own under Account.'} small={account !== undefined}
        actions={(k) => [{
          label: 'Revoke', icon: icons.trash, danger: true,
          ask: { title: `Revoke ${k.name}?`, text: 'What uses it is refused from now on.', yes: 'Revoke' },
          run: async () => {
            await send('DELETE', `/api/admin/keys/${k.id}`);
            got.again();
          },
        }]} />
    </Section>
  );
}
