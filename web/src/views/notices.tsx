/* Short notices with an optional action, the banner for a server that is gone, and the voice for screen readers. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { icons } from '../icons.tsx';
import { announcement, dismiss, notices, online } from '../state.ts';
import { retryAt_ms, tryReach } from '../watch.ts';

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status">
      {notices.value.map((n) => (
        <div key={n.key} class={'notice ' + n.kind}>
          <span dir="auto">{n.text}</span>
          {n.action ? <button type="button" class="link" onClick={n.action.run}>{n.action.label}</button> : null}
          <button type="button" class="icon-button small" aria-label="Dismiss" onClick={() => dismiss(n.key)}>{icons.close}</button>
        </div>
      ))}
    </div>
  );
}

export function Voice(): JSX.Element {
  return <div class="sr-only" aria-live="polite" aria-atomic="true" id="voice">{announcement.value}</div>;
}

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
