/* Where the page /admin starts. */

import { render } from 'preact';
import { App } from './app.tsx';
import { checkAccess } from './access.ts';

const root = document.getElementById('app');
if (root) render(<App />, root);
void checkAccess();
