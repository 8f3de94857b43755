/* The banner for a server that is gone. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { icons } from '../icons.tsx';
import { online } from '../state.ts';
import { retryAt_ms, tryReach } from '../watch.ts';

export function Banner(): JSX.Element | null {
  return online.value ? null : <Gone />;
}

function Gone(): JSX.Element {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const wait_s = Math.max(0, Math.ceil((retryAt_ms.value - now) / 1000));
  return (
    <div class="banner">
      {icons.warn}
      <span role="alert">The server does not answer. Your text is kept.</span>
      <span class="quiet">{wait_s > 0 ? `Next try in ${wait_s} s` : 'Trying…'}</span>
      <button type="button" class="link" onClick={() => void tryReach()}>Try now</button>
    </div>
  );
}
