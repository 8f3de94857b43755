/* Where the page /genom starts. */

import { render } from 'preact';
import { Page } from './page.tsx';
import { load } from './state.ts';

const root = document.getElementById('app');
if (root) render(<Page />, root);
load();
/* So that the page opens without a server too; where there are no service workers it does not. */
void navigator.serviceWorker?.register('/genom-service.js', { scope: '/genom' }).catch(() => undefined);
