/* Short notices with an optional action, and the voice for screen readers; shared by pages. */

import type { JSX } from 'preact';
import { icons } from '../icons.tsx';
import { announcement, dismiss, notices } from '../state.ts';

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
