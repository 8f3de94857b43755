/* Where the page /admin starts. */

import { render } from 'preact';
import { App } from './app.tsx';
import { askAgain } from '../views/stepup.tsx';
import { checkAccess } from './access.ts';

askAgain();
const root = document.getElementById('app');
if (root) render(<App />, root);
void checkAccess();
