/* Who looks, and whether they may: the owner and administrators. The server decides each request again. */

import { signal } from '@preact/signals';
import { api, ApiError, hooks, reason, send } from '../api.ts';
import { leaveToSignIn } from '../comeback.ts';
import { me } from '../state.ts';

export type Access =
  | { state: 'checking' }
  | { state: 'in'; name: string; role: string }
  | { state: 'forbidden'; name: string; role: string }
  | { state: 'failed'; why: string };

export const access = signal<Access>({ state: 'checking' });

export async function checkAccess(): Promise<void> {
  try {
    const who = await api.session();
    const { name, role } = who;
    me.value = who;
    /* Whoever came by the owner's token needs none: only the server knows. A refusal sets `enrolment`. */
    if (who.totp_required && !who.totp) await send('GET', '/api/auth/invites').catch(() => undefined);
    access.value = { state: role === 'owner' || role === 'admin' ? 'in' : 'forbidden', name, role };
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) leaveToSignIn();
    else access.value = { state: 'failed', why: reason(e) };
  }
}

export function isOwner(): boolean {
  const now = access.value;
  return now.state === 'in' && now.role === 'owner';
}

hooks.unauthorised = leaveToSignIn;
