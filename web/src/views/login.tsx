/* The way in: the owner's token. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { api, ApiError, reason } from '../api.ts';
import { Mark } from '../icons.tsx';
import { checkSession, loginNotice, session } from '../state.ts';

const NOTICES = {
  'expired-code': 'That sign-in link was used already or has expired. Links work once. Sign in with your token, or make a new link.',
  ended: 'Your session has ended. Sign in to go on; what you were typing is kept.',
};

export function Login(): JSX.Element {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const notice = loginNotice.value;
  useLayoutEffect(() => field.current?.focus(), []);

  const submit = async (e: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    e.preventDefault();
    const value = token.trim();
    if (value === '') {
      setError('Paste the token first.');
      field.current?.focus();
      return;
    }
    setBusy(true);
    setError('');
    try {
      await api.signIn(value);
      await checkSession();
      if (session.peek() !== 'in') setError('The browser did not keep the session. Are cookies switched off?');
    } catch (e) {
      const wrong = e instanceof ApiError && (e.status === 401 || e.status === 400);
      setError(wrong ? 'This token is not valid here.' : reason(e));
      field.current?.select();
    } finally {
      setBusy(false);
    }
  };

  return (
    <main class="login" id="main">
      <div class="login-card">
        <div class="brand"><Mark size={30} /><span>sky</span></div>
        <h1>Sign in</h1>
        {notice ? <p class="note" role="status">{NOTICES[notice]}</p> : null}
        <form onSubmit={(e) => void submit(e)}>
          <label for="token">Token</label>
          <input
            id="token"
            ref={field}
            type="password"
            name="token"
            autocomplete="current-password"
            spellcheck={false}
            placeholder="sky_…"
            value={token}
            aria-invalid={error !== ''}
            aria-describedby={error ? 'token-error token-help' : 'token-help'}
            onInput={(e) => setToken(e.currentTarget.value)}
          />
          {error ? <p class="field-error" id="token-error" role="alert">{error}</p> : null}
          <button type="submit" class="primary wide" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
        </form>
        <div class="login-help" id="token-help">
          <p>On the machine that runs sky, this prints the token:</p>
          <pre tabIndex={0}><code>sky user token</code></pre>
          <p>And this opens the page without one:</p>
          <pre tabIndex={0}><code>sky user link</code></pre>
        </div>
      </div>
    </main>
  );
}
