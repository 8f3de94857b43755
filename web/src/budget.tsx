/* Budgets as everybody sees them: what they grant, what is used of it, and when they begin anew. */

import type { JSX } from 'preact';
import { amount, moment, type Unit } from './format.ts';

export interface Budget {
  id: string;
  name: string;
  kind: 'all' | 'account' | 'key' | 'team';
  subject: string;
  level: string | null;
  unit: Unit;
  period: 'day' | 'month';
  limit: number;
  spent: number;
  /* Set aside for what is under way. */
  reserved: number;
  resets_at: string;
  created_at: string;
}

export interface Tier {
  name: string;
  level_max: string;
  ask_per_minute: number | null;
  read_per_minute: number | null;
  write_per_minute: number | null;
  tokens_per_day: number | null;
  microusd_per_month: number | null;
  keys: number | null;
  body_bytes: number | null;
}

/* Those that can be chosen. The contract names L4 and L5 too, and tiers may hold them: this version ends at L3, so more than
 * that is shown as what it comes to. */
export const LEVELS = ['L0', 'L1', 'L2', 'L3'] as const;

export function levelInUse(level: string): string {
  return LEVELS.find((l) => l === level) ?? 'L3';
}

export interface Granted extends Tier {
  tokens_used: number;
  microusd_used: number;
  day_resets_at: string;
  month_resets_at: string;
}

/* A bar of what is spent and what is set aside; the words beside it say the same. */
export function Spent({ unit, spent, reserved = 0, limit, resets_at }: Pick<Budget, 'unit' | 'spent' | 'limit' | 'resets_at'> & { reserved?: number }): JSX.Element {
  const share = (n: number): number => (limit > 0 ? Math.min(100, (100 * n) / limit) : 100);
  const over = spent + reserved >= limit;
  return (
    <div class={'spent' + (over ? ' over' : share(spent + reserved) >= 80 ? ' near' : '')}>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="spent-held" width={share(spent + reserved)} height="4" />
        <rect class="spent-done" width={share(spent)} height="4" />
      </svg>
      <span>
        {amount(unit, spent)} of {amount(unit, limit)}{reserved > 0 ? `, ${amount(unit, reserved)} set aside` : ''}{over ? ': used up' : ''}
      </span>
      <small class="quiet">begins anew {moment(resets_at)}</small>
    </div>
  );
}
