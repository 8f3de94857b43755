/* What a page does that uses views/stepup.tsx: account.test.mjs puts it in the place of a page of the real server. */

import { render } from 'preact';
import { ApiError, send } from '../../../web/src/api.ts';
import { checkSession } from '../../../web/src/state.ts';
import { askAgain, StepUp } from '../../../web/src/views/stepup.tsx';

askAgain();
const root = document.createElement('div');
document.body.replaceChildren(root);
render(<main><h1>People</h1><StepUp /></main>, root);
void checkSession();

Object.assign(window, {
  rename: (id: string, name: string): Promise<string> =>
    send('PATCH', '/api/admin/people/' + id, { body: { name } }).then(
      () => 'done',
      (e: unknown) => (e instanceof ApiError ? e.slug : String(e)),
    ),
});
