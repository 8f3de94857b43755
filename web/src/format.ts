/* Numbers and dates as people read them. Pure. */

const count = new Intl.NumberFormat('en');

export function number(n: number): string {
  return count.format(Number.isFinite(n) ? n : 0);
}

export function plural(n: number, one: string, many = one + 's'): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

export function duration_ms(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 1) return '< 1 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return left_s(ms / 1000);
}

/* A rough time still to go; seconds would only flicker. */
export function left_s(s: number): string {
  if (!Number.isFinite(s) || s < 0) return '';
  if (s < 60) return '< 1 min';
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return `${Math.round(s / 3600)} h`;
}

export function cost_microusd(c: number): string {
  if (!(c > 0)) return 'free';
  const usd = c / 1e6;
  if (usd < 0.0001) return 'under $0.0001';
  return '$' + usd.toFixed(usd < 0.01 ? 4 : usd < 1 ? 3 : 2);
}

export type Unit = 'money' | 'tokens' | 'requests';

/* Money is in millionths of a dollar; small sums keep the digits that tell them apart. */
export function amount(unit: Unit, n: number): string {
  if (unit !== 'money') return `${number(n)} ${n === 1 ? unit.slice(0, -1) : unit}`;
  const usd = n / 1e6;
  return '$' + usd.toFixed(n !== 0 && usd < 0.01 ? 6 : n % 10_000 === 0 ? 2 : 4);
}

/* No line breaks between a number and its unit. */
export function bytes(n: number): string {
  if (!(n >= 0)) return '–';
  if (n < 1000) return `${n}\u00a0B`;
  if (n < 1e6) return `${Math.round(n / 1000)}\u00a0KB`;
  if (n < 1e9) return `${(n / 1e6).toFixed(1)}\u00a0MB`;
  return `${(n / 1e9).toFixed(1)}\u00a0GB`;
}

export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.max(0, Math.floor((100 * part) / whole))) : 0;
}

export function day(iso: string): string {
  const d = new Date(iso);
  return Number.isNaN(d.getTime()) ? '' : d.toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' });
}

export function moment(iso: string): string {
  const d = new Date(iso);
  return Number.isNaN(d.getTime()) ? '' : d.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

/* The heading under which a conversation is listed. */
export function ageGroup(iso: string, now: Date): string {
  const d = new Date(iso);
  if (Number.isNaN(d.getTime())) return 'Older';
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const days = (midnight - d.getTime()) / 86_400_000;
  if (days <= 0) return 'Today';
  if (days <= 1) return 'Yesterday';
  if (days <= 7) return 'Previous 7 days';
  if (days <= 30) return 'Previous 30 days';
  return 'Older';
}

/* The last part of a path, an address or an upload's name. */
export function baseName(document: string): string {
  const trimmed = document.replace(/^upload:/, '').replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1) || document;
}
