/* One's own API keys: for programs that ask in one's name, with less than one may oneself. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, type Me } from '../api.ts';
import { keys, makeKey, revokeKey, type Key } from '../auth.ts';
import { day, moment } from '../format.ts';
import { icons } from '../icons.tsx';
import { announce, notify } from '../state.ts';
import { CopyButton } from '../views/copy.tsx';
import { Fault, Field, Submit, useForm } from '../views/form.tsx';
import { Failed } from './logins.tsx';
import { Section } from './section.tsx';

const SCOPES: readonly (readonly [string, string])[] = [
  ['chat', 'ask'],
  ['embed', 'embed texts'],
  ['genom', 'code by GENOM'],
  ['knowledge', 'search the documents'],
  ['learn', 'teach documents'],
  ['admin', 'administer'],
];
const DAY_S = 86_400;
const ENDS: readonly (readonly [string, number | null])[] = [['in 30 days', 30 * DAY_S], ['in 90 days', 90 * DAY_S], ['in a year', 365 * DAY_S], ['never', null]];

export function Keys({ me }: { me: Me }): JSX.Element {
  const [list, setList] = useState<Key[]>([]);
  const [failed, setFailed] = useState('');
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState('');
  const [asked, setAsked] = useState('');
  const refresh = async (): Promise<void> => {
    try {
      setList((await keys()).keys);
      setFailed('');
    } catch (e) {
      setFailed(reason(e));
    }
  };
  useEffect(() => void refresh(), [me.id]);
  const revoke = async (key: Key): Promise<void> => {
    setAsked('');
    try {
      await revokeKey(key.id);
      announce('Revoked');
    } catch (e) {
      notify('Not revoked: ' + reason(e), 'error');
    }
    await refresh();
  };
  return (
    <Section id="keys" title="API keys" about="For programs that ask in your name. A key does what you tick, and never more than you may.">
      {made ? (
        <>
          <p class="secret"><code>{made}</code><CopyButton text={made} label="Copy the key" /></p>
          <p class="quiet" role="status">This is the key. It is shown only now; whoever has it can use it.</p>
        </>
      ) : null}
      {making
        ? (
          <NewKey
            me={me}
            cancel={() => setMaking(false)}
            done={(key) => {
              setMade(key);
              setMaking(false);
              void refresh();
            }}
          />
        )
        : <div class="buttons"><button type="button" class="secondary" onClick={() => setMaking(true)}>{icons.plus}Make a key</button></div>}
      {failed ? <Failed text={failed} again={() => void refresh()} /> : null}
      <ul class="rows">
        {list.map((k) => (
          <li key={k.id}>
            <div class="rows-text">
              <b>{k.name}{ended(k) ? <span class="badge">expired</span> : null}</b>
              <small>{k.scopes.join(', ')} · {k.used_at ? `last used ${moment(k.used_at)}` : 'never used'} · {k.expires_at ? `${ended(k) ? 'ended' : 'ends'} ${day(k.expires_at)}` : 'does not end'}</small>
            </div>
            {asked === k.id ? <button type="button" class="secondary" onClick={() => setAsked('')}>Keep it</button> : null}
            {asked === k.id
              ? <button type="button" class="secondary bad" aria-label={`Revoke ${k.name} for good`} onClick={() => void revoke(k)}>Revoke for good</button>
              : <button type="button" class="secondary" aria-label={`Revoke ${k.name}`} onClick={() => setAsked(k.id)}>Revoke</button>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

const ended = (k: Key): boolean => k.expires_at !== null && Date.parse(k.expires_at) < Date.now();

function NewKey({ me, cancel, done }: { me: Me; cancel: () => void; done: (key: string) => void }): JSX.Element {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(['chat']);
  const [ends, setEnds] = useState('1');
  const steers = me.role === 'owner' || me.role === 'admin';
  const form = useForm(['name', 'scopes'], async () => {
    if (name.trim() === '') throw new Fault('name', 'Give it a name, so that you know later what uses it.');
    if (scopes.length === 0) throw new Fault('', 'Tick what it may do.');
    done((await makeKey({ name: name.trim(), scopes, expires_in: ENDS[Number(ends)]?.[1] ?? null })).key);
  });
  return (
    <form ref={form.ref} class="narrow" method="post" noValidate onSubmit={form.submit}>
      <Field form={form} name="name" label="What is it for?" maxLength={128} value={name} change={setName} />
      <fieldset class="ticks">
        <legend>It may</legend>
        {SCOPES.filter(([scope]) => steers || scope !== 'admin').map(([scope, words]) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={(e) => setScopes(e.currentTarget.checked ? [...scopes, scope] : scopes.filter((s) => s !== scope))} />
            {words}
          </label>
        ))}
      </fieldset>
      <div class="field">
        <label for="key-ends">It ends</label>
        <select id="key-ends" value={ends} onChange={(e) => setEnds(e.currentTarget.value)}>{ENDS.map(([words], i) => <option key={words} value={String(i)}>{words}</option>)}</select>
      </div>
      <div class="buttons">
        <Submit form={form} label="Make the key" busy="One moment…" kind="primary" />
        <button type="button" class="secondary" onClick={cancel}>Cancel</button>
      </div>
    </form>
  );
}
