/* Typed client of the accounts' part of the HTTP interface: one function per call, apart from api.ts so that a page takes
 * only those that it uses. */

import { json, send } from './api.ts';
import type { Budget, Granted } from './budget.tsx';

export interface Login {
  id: string;
  agent: string;
  address: string;
  created_at: string;
  used_at: string;
  current: boolean;
}

export interface Invite {
  id: string;
  role: string;
  created_at: string;
  expires_at: string;
}

const quiet = true;

/* The session is a cookie that no script sees; what names it stays on the server. */
export const logIn = (body: { email: string; password: string; totp?: string }): Promise<Response> =>
  send('POST', '/api/auth/login', { body: { ...body, session: true }, quiet });
export const register = (body: { email: string; password: string; name: string; invite?: string }): Promise<Response> =>
  send('POST', '/api/auth/register', { body: { ...body, session: true }, quiet });
export const resetPassword = (token: string, password: string): Promise<Response> =>
  send('POST', '/api/auth/reset', { body: { token, password }, quiet });
export const stepUp = (body: { totp: string } | { password: string }): Promise<Response> =>
  send('POST', '/api/auth/step-up', { body, quiet });

export const changePassword = (password: string, new_password: string): Promise<Response> =>
  send('POST', '/api/auth/password', { body: { password, new_password } });
export const changeMe = (body: { name?: string; email?: string }): Promise<Response> => send('PATCH', '/api/auth/me', { body });
export const beginFactor = (): Promise<{ secret: string; uri: string }> => json('POST', '/api/auth/totp', { body: {} });
export const confirmFactor = (totp: string): Promise<{ recovery_codes: string[] }> =>
  json('POST', '/api/auth/totp/confirm', { body: { totp } });
export const removeFactor = (totp: string): Promise<Response> => send('POST', '/api/auth/totp/remove', { body: { totp } });

export const logins = (): Promise<{ sessions: Login[] }> => json('GET', '/api/auth/sessions');
export const endLogin = (id: string): Promise<Response> => send('DELETE', '/api/auth/sessions/' + encodeURIComponent(id));

export interface Key {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
}

export const keys = (): Promise<{ keys: Key[] }> => json('GET', '/api/keys?limit=500');
export const makeKey = (body: { name: string; scopes: string[]; expires_in: number | null }): Promise<{ id: string; key: string }> =>
  json('POST', '/api/keys', { body });
export const revokeKey = (id: string): Promise<Response> => send('DELETE', '/api/keys/' + encodeURIComponent(id));
export const spending = (): Promise<{ budgets: Budget[]; tier: Granted }> => json('GET', '/api/budgets?limit=500');

export const exportData = (): Promise<Response> => send('GET', '/api/auth/export');
export const deleteAccount = (body: { password: string; totp?: string }): Promise<Response> =>
  send('DELETE', '/api/auth/me', { body, quiet });

export const invites = (): Promise<{ invites: Invite[] }> => json('GET', '/api/auth/invites');
export const invite = (role: string): Promise<{ invite: string; role: string; expires_in: number }> =>
  json('POST', '/api/auth/invites', { body: { role } });
export const withdrawInvite = (id: string): Promise<Response> => send('DELETE', '/api/auth/invites/' + encodeURIComponent(id));

/* Whether anybody may register, which a page needs to know before somebody is signed in. */
export const registrationOpen = async (): Promise<boolean> => {
  const known = await json<{ registration?: string }>('GET', '/.well-known/skynet', { quiet });
  return known.registration === 'open';
};
