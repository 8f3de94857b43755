/* The page: whoever is signed in sees the account; whoever is not gets in, or gets in for the first time. */

import { signal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, type Me } from '../api.ts';
import { icons, Mark } from '../icons.tsx';
import { isDark, switchTheme } from '../look.ts';
import { checkSession, me, notify, session, signOut } from '../state.ts';
import { Card, Login } from '../views/login.tsx';
import { Notices, Voice } from '../views/notices.tsx';
import { StepUp } from '../views/stepup.tsx';
import { MyData } from './data.tsx';
import { Register, RegisterForm, Reset } from './enter.tsx';
import { SecondFactor } from './factor.tsx';
import { Invites } from './invites.tsx';
import { Keys } from './keys.tsx';
import { Logins } from './logins.tsx';
import { ChangePassword, Profile } from './profile.tsx';
import { Section } from './section.tsx';
import { Spending } from './spending.tsx';

const hash = signal(location.hash);
addEventListener('hashchange', () => void (hash.value = location.hash));

export function Page(): JSX.Element {
  return (
    <>
      <View />
      <StepUp />
      <Notices />
      <Voice />
    </>
  );
}

function View(): JSX.Element {
  const state = session.value;
  const who = me.value;
  const [, what, secret = ''] = /^#(invite|register|reset)(?:=(.*))?$/.exec(hash.value) ?? [];
  useSignalEffect(() => {
    document.title = session.value === 'in' ? 'Account – sky' : 'sky';
  });
  if (what === 'reset') return <Reset token={secret} />;
  if (state === 'checking') return <main class="login" id="main" aria-busy="true"><div class="brand"><Mark size={30} /><span>sky</span></div></main>;
  if (state === 'unreachable') return <Unreachable />;
  if (state === 'out') return what ? <Register key={secret} invite={secret} /> : <Login />;
  if (!who) return <Unreachable />;
  if (what === 'invite') return <Already who={who} />;
  return <Account me={who} />;
}

function Unreachable(): JSX.Element {
  return (
    <Card title="sky is not there">
      <p class="quiet">The server does not answer.</p>
      <button type="button" class="secondary wide" onClick={() => void checkSession()}>{icons.retry}Try again</button>
    </Card>
  );
}

function leave(): void {
  signOut().catch((e: unknown) => notify('Not signed out: ' + reason(e), 'error'));
}

/* Somebody's invitation, opened where another is signed in. */
function Already({ who }: { who: Me }): JSX.Element {
  return (
    <Card title="You are signed in">
      <p>This invitation makes a new account, but you are signed in as <b dir="auto">{who.name}</b>. Sign out to use it, then open its address again.</p>
      <div class="buttons">
        <button type="button" class="primary" onClick={leave}>Sign out</button>
        <a class="secondary" href="/">Keep things as they are</a>
      </div>
    </Card>
  );
}

/* The owner came by the token: there is nothing yet to sign in with. */
function FirstAccount(): JSX.Element {
  const done = (): void => {
    history.replaceState(null, '', '/account');
    hash.value = '';
    notify('The account is yours. From now on you sign in with it.');
    void checkSession();
  };
  return (
    <Section id="profile" title="Make this your account" about="You are here by the owner’s token. With an account you sign in by e-mail and password, from any device, and others can have accounts too. The token goes on working.">
      <div class="narrow"><RegisterForm invite="" label="Make it my account" done={done} /></div>
    </Section>
  );
}

function Account({ me: who }: { me: Me }): JSX.Element {
  const other = isDark.value ? 'Switch to light' : 'Switch to dark';
  const inviting = who.role === 'owner' || who.role === 'admin';
  const at = hash.value.slice(1);
  useEffect(() => {
    if (/^[a-z-]+$/.test(at)) document.getElementById(at)?.focus();
  }, [at, who.account]);
  return (
    <div class="account">
      <header class="account-head">
        <a class="brand" href="/" aria-label="sky: back to the chat"><Mark /><span>sky</span></a>
        <span class="account-tools">
          <a class="link" href="/docs">API</a>
          <button type="button" class="icon-button" aria-label={other} title={other} onClick={switchTheme}>{isDark.value ? icons.sun : icons.moon}</button>
          <button type="button" class="secondary" onClick={leave}>{icons.leave}Sign out</button>
        </span>
      </header>
      <main id="main">
        <div class="account-column">
          <h1>Account</h1>
          {who.account ? (
            <>
              <Profile me={who} />
              <ChangePassword me={who} />
              <SecondFactor me={who} />
              <Logins />
              <Keys me={who} />
              <Spending />
            </>
          ) : <FirstAccount />}
          {inviting ? <Invites me={who} /> : null}
          {who.account ? <MyData me={who} /> : null}
        </div>
      </main>
    </div>
  );
}
