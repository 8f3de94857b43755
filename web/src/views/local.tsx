/* What is said beside an address that is made to be handed over. */

import type { JSX } from 'preact';

/* As a browser writes them, the name of this machine for itself. */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/* Nothing where the address works elsewhere, too. */
export function LocalNote(): JSX.Element | null {
  if (!LOOPBACK.test(location.hostname)) return null;
  return (
    <p class="quiet">
      This address works on this machine only. To let others in, set <code>https = 0.0.0.0:8443</code>, restart the server, and open this page
      at <code>https://HOSTNAME:8443</code>.
    </p>
  );
}
