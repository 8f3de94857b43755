/* Where the page /account starts. */

import { render } from 'preact';
import { checkSession } from '../state.ts';
import { askAgain } from '../views/stepup.tsx';
import { Page } from './page.tsx';

askAgain();
const root = document.getElementById('app');
if (root) render(<Page />, root);
void checkSession();
