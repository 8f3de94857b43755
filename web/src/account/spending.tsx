/* What may be spent, and what is left of it. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason } from '../api.ts';
import { spending } from '../auth.ts';
import { levelInUse, Spent, type Budget, type Granted } from '../budget.tsx';
import { number } from '../format.ts';
import { Failed } from './logins.tsx';
import { Section } from './section.tsx';

const FOR: Record<Budget['kind'], string> = { all: 'everybody together', account: 'you', key: 'one of your keys', team: 'your team' };

export function Spending(): JSX.Element {
  const [got, setGot] = useState<{ budgets: Budget[]; tier: Granted } | null>(null);
  const [failed, setFailed] = useState('');
  const refresh = async (): Promise<void> => {
    try {
      setGot(await spending());
      setFailed('');
    } catch (e) {
      setFailed(reason(e));
    }
  };
  useEffect(() => void refresh(), []);
  return (
    <Section id="spending" title="What you may spend" about="When something is used up, questions that need it are refused until it begins anew or an administrator grants more.">
      {failed ? <Failed text={failed} again={() => void refresh()} /> : null}
      {got ? <TierLine tier={got.tier} /> : null}
      <ul class="rows">
        {got ? <TierRows tier={got.tier} /> : null}
        {(got?.budgets ?? []).map((b) => (
          <li key={b.id}>
            <div class="rows-text">
              <b>{b.name}</b>
              <small>for {FOR[b.kind]}, each {b.period}{b.level ? `, ${b.level} alone` : ''}</small>
              <Spent {...b} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function TierLine({ tier }: { tier: Granted }): JSX.Element {
  return (
    <p>
      The tier <b>{tier.name}</b> lets you ask up to level {levelInUse(tier.level_max)}{tier.ask_per_minute === null ? '' : `, ${number(tier.ask_per_minute)} times a minute`}.
      {tier.tokens_per_day === null && tier.microusd_per_month === null ? ' It limits neither tokens nor money.' : ''}
    </p>
  );
}

function TierRows({ tier }: { tier: Granted }): JSX.Element {
  return (
    <>
      {tier.tokens_per_day === null ? null : <li><div class="rows-text"><b>Tokens a day</b><Spent unit="tokens" spent={tier.tokens_used} limit={tier.tokens_per_day} resets_at={tier.day_resets_at} /></div></li>}
      {tier.microusd_per_month === null ? null : <li><div class="rows-text"><b>Money a month</b><Spent unit="money" spent={tier.microusd_used} limit={tier.microusd_per_month} resets_at={tier.month_resets_at} /></div></li>}
    </>
  );
}
