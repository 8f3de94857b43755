/* Where the page /docs starts. */

import { render } from 'preact';
import { Page } from './page.tsx';
import { load } from './state.ts';

const root = document.getElementById('app');
if (root) render(<Page />, root);
void load();
