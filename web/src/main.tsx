/* Where the page starts. */

import { render } from 'preact';
import { App } from './app.tsx';
import { comeBack } from './comeback.ts';
import { go, route } from './route.ts';
import { checkSession, loginNotice, session } from './state.ts';
import { askAgain } from './views/stepup.tsx';
import { startWatching } from './watch.ts';

/* The server sends a used or expired sign-in link here. */
if (location.hash === '#login-expired') {
  loginNotice.value = 'expired-code';
  go(route.peek(), 'replace');
}

/* Invitations and addresses for a new password lead to this page, because it is the one that people know; what they are
 * for is on the other. */
function enter(): void {
  if (/^#(invite=|reset=|register$)/.test(location.hash)) location.replace('/account' + location.hash);
}
enter();
addEventListener('hashchange', enter);

askAgain();
const root = document.getElementById('app');
if (root) render(<App />, root);
startWatching();
comeBack(session);
void checkSession();
