/* The column on the left: new chat, search, conversations by age, knowledge, theme. On a phone it slides in. */

import { useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Conversation } from '../api.ts';
import { reason } from '../api.ts';
import { ageGroup, number } from '../format.ts';
import { icons, Mark } from '../icons.tsx';
import { goKnowledge, route } from '../route.ts';
import { mayForget, me, notify, signOut } from '../state.ts';
import { isDark, switchTheme } from '../look.ts';
import {
  conversations, conversationsNext, conversationsState, moreConversations, refreshConversations, startNew,
} from '../store.ts';
import { status } from '../watch.ts';
import { ConversationRow } from './conversation.tsx';
import { openPalette } from './palette.tsx';

export const drawerOpen = signal(false);

function groups(list: Conversation[]): [string, Conversation[]][] {
  const now = new Date();
  const found = new Map<string, Conversation[]>();
  for (const c of list) {
    const name = ageGroup(c.updated_at, now);
    const members = found.get(name);
    if (members) members.push(c);
    else found.set(name, [c]);
  }
  return [...found];
}

function ConversationList(): JSX.Element {
  const list = conversations.value;
  const state = conversationsState.value;
  const here = route.value;
  const current = here.view === 'chat' ? here.conversation : '';
  return (
    <nav class="conversations" aria-label="Conversations">
      {groups(list).map(([name, members]) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          <ul>{members.map((c) => <ConversationRow key={c.id} conversation={c} current={c.id === current} />)}</ul>
        </section>
      ))}
      {list.length === 0 && state === 'idle' ? <p class="quiet pad">Your conversations will be listed here.</p> : null}
      {list.length === 0 && state === 'loading' ? <div class="skeleton" aria-hidden="true"><i /><i /><i /></div> : null}
      {state === 'error' ? (
        <p class="quiet pad">
          The list could not be loaded. <button type="button" class="link" onClick={() => void refreshConversations()}>Try again</button>
        </p>
      ) : null}
      {conversationsNext.value !== null && state !== 'error' ? (
        <button type="button" class="link pad" onClick={() => void moreConversations()}>Show older</button>
      ) : null}
    </nav>
  );
}

function Foot(): JSX.Element {
  const [leaving, setLeaving] = useState(false);
  const other = isDark.value ? 'Switch to light' : 'Switch to dark';
  const leave = (): void => {
    setLeaving(true);
    signOut().catch((e: unknown) => {
      setLeaving(false);
      notify('Not signed out: ' + reason(e), 'error');
    });
  };
  const who = me.value;
  const missing = who?.totp_required === true && !who.totp;
  return (
    <div class="sidebar-foot">
      <a class="row account-link" href="/account" aria-label={`Account: ${who?.name ?? ''}${missing ? ', needs a second factor' : ''}`}>
        {icons.person}<span dir="auto">{who?.name}</span>
        {missing ? <span class="missing" title="Needs a second factor">{icons.key}</span> : null}
      </a>
      {mayForget.value ? <a class="row account-link" href="/admin">{icons.gauge}<span>Administration</span></a> : null}
      <button type="button" class="row" disabled={leaving} onClick={leave}>{icons.leave}<span>Sign out</span></button>
      <button type="button" class="icon-button" aria-label={other} title={other} onClick={switchTheme}>{isDark.value ? icons.sun : icons.moon}</button>
      <a class="version" href="/docs">API</a>
      <span class="version">{status.value ? `sky ${status.value.version}` : ''}</span>
    </div>
  );
}

export function Sidebar(): JSX.Element {
  const documents = status.value?.knowledge.documents;
  const close = (): void => void (drawerOpen.value = false);
  return (
    <aside class={drawerOpen.value ? 'sidebar open' : 'sidebar'} id="sidebar" aria-label="Navigation">
      <div class="sidebar-head">
        <div class="brand"><Mark /><span>sky</span></div>
        <button type="button" class="icon-button narrow-only" aria-label="Close the menu" onClick={close}>{icons.close}</button>
      </div>
      <div class="sidebar-actions">
        <button type="button" class="row" onClick={() => { startNew(); close(); }}>{icons.compose}<span>New chat</span></button>
        <button type="button" class="row" onClick={() => { close(); openPalette(); }}>
          {icons.search}<span>Search</span><kbd>{isMac ? '⌘' : 'Ctrl'} K</kbd>
        </button>
        <button
          type="button"
          class="row"
          aria-current={route.value.view === 'knowledge' ? 'page' : undefined}
          onClick={() => { goKnowledge(); close(); }}
        >
          {icons.book}<span>Knowledge</span>{documents !== undefined ? <small>{number(documents)}</small> : null}
        </button>
      </div>
      <ConversationList />
      <Foot />
    </aside>
  );
}

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
