/* Where the page starts. */

import { render } from 'preact';
import { App } from './app.tsx';
import { comeBack } from './comeback.ts';
import { go, route } from './route.ts';
import { checkSession, loginNotice } from './state.ts';
import { startWatching } from './watch.ts';

/* The server sends a used or expired sign-in link here. */
if (location.hash === '#login-expired') {
  loginNotice.value = 'expired-code';
  go(route.peek(), 'replace');
}

const root = document.getElementById('app');
if (root) render(<App />, root);
startWatching();
comeBack();
void checkSession();
