/* Other pages have no sign-in of their own: they send the reader to `/` and, once there is a session, come back. */

import { effect, type ReadonlySignal } from '@preact/signals';
import { storageGet, storageSet } from './look.ts';
import type { Session } from './state.ts';

const KEY = 'sky.back';

export function leaveToSignIn(): void {
  storageSet('session', KEY, location.pathname + location.hash);
  location.replace('/');
}

/* On `/`: goes where the reader came from as soon as there is a session. */
export function comeBack(session: ReadonlySignal<Session>): void {
  effect(() => {
    const back = storageGet('session', KEY);
    if (session.value !== 'in' || back === null) return;
    storageSet('session', KEY, null);
    if (/^\/[a-z]/.test(back)) location.replace(back);
  });
}
