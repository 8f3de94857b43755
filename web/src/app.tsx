/* The frame of the page: sign-in or the application, its columns, the keys that work everywhere, and dropped files. */

import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Component, type ComponentChildren, type JSX } from 'preact';
import { icons, Mark } from './icons.tsx';
import { droppedFiles, learnFiles } from './learn.ts';
import { closeDocument, route } from './route.ts';
import { checkSession, session } from './state.ts';
import { currentTitle, startNew, thread } from './store.ts';
import { Banner } from './views/banner.tsx';
import { DocumentPanel } from './views/document.tsx';
import { KnowledgeView } from './views/knowledge.tsx';
import { LearningTray } from './views/learning.tsx';
import { Login } from './views/login.tsx';
import { Notices, Voice } from './views/notices.tsx';
import { openPalette, Palette } from './views/palette.tsx';
import { drawerOpen, Sidebar } from './views/sidebar.tsx';
import { ChatView } from './views/thread.tsx';

/* Below this the stored copy covers the chat and the list slides in; the style sheets use the same widths. */
const wide = matchMedia('(min-width: 1080px)');
const roomy = matchMedia('(min-width: 800px)');

function useMedia(query: MediaQueryList): boolean {
  const [matches, set] = useState(query.matches);
  useEffect(() => {
    const change = (): void => set(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, [query]);
  return matches;
}

export function App(): JSX.Element {
  const state = session.value;
  return (
    <>
      {state === 'in' ? <Boundary><Application /></Boundary> : null}
      {state === 'out' ? <Login /> : null}
      {state === 'checking' ? <Splash /> : null}
      {state === 'unreachable' ? <Unreachable /> : null}
      <Voice />
      {state === 'out' ? null : <Banner />}
    </>
  );
}

/* The same as in index.html, where it is seen before any script has come. */
function Splash(): JSX.Element {
  return <main class="login" id="main" aria-busy="true"><div class="brand"><Mark size={30} /><span>sky</span></div></main>;
}

/* A fault in one part must not leave an empty page. */
class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(): void {
    this.setState({ failed: true });
  }

  override render(): ComponentChildren {
    if (!this.state.failed) return this.props.children;
    return (
      <main class="login" id="main">
        <div class="login-card" role="alert">
          <h1>The page stumbled</h1>
          <p class="quiet">Nothing is lost: conversations are stored on the server, and what you were typing is kept here.</p>
          <button type="button" class="primary" onClick={() => location.reload()}>{icons.retry}Load it again</button>
        </div>
      </main>
    );
  }
}

function Unreachable(): JSX.Element {
  return (
    <main class="login" id="main">
      <div class="login-card">
        <h1>sky is not there</h1>
        <p class="quiet">The page goes on by itself as soon as the server answers.</p>
        <button type="button" class="secondary" onClick={() => void checkSession()}>{icons.retry}Try now</button>
      </div>
    </main>
  );
}

function Application(): JSX.Element {
  const r = route.value;
  const isWide = useMedia(wide);
  const isRoomy = useMedia(roomy);
  const drawer = drawerOpen.value && !isRoomy;
  const modal = r.panel !== null && !isWide;
  const dropping = useDrop();
  useKeys();
  useEffect(() => {
    if (isRoomy) drawerOpen.value = false;
  }, [isRoomy]);
  /* Opening the drawer takes the focus into it, closing it gives the focus back to the button that opened it. */
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (drawer) document.querySelector<HTMLElement>('#sidebar button')?.focus();
    else if (wasOpen.current && !modal) document.querySelector<HTMLElement>('.topbar button')?.focus();
    wasOpen.current = drawer;
  }, [drawer]);
  useSignalEffect(() => {
    const title = route.value.view === 'knowledge' ? 'Knowledge' : currentTitle.value;
    document.title = title ? `${title} – sky` : 'sky';
  });
  return (
    <div class={r.panel ? 'app with-panel' : 'app'}>
      <a class="skip" href="#main" onClick={skip}>Skip to the content</a>
      <div class="sidebar-box" inert={modal || (!isRoomy && !drawer)}><Sidebar /></div>
      {drawer ? <div class="shade" onClick={() => void (drawerOpen.value = false)} /> : null}
      <div class="middle" inert={modal || drawer}>
        <TopBar />
        {r.view === 'knowledge' ? <KnowledgeView /> : <ChatView />}
      </div>
      {r.panel ? <DocumentPanel panel={r.panel} modal={modal} /> : null}
      <LearningTray />
      <Notices />
      <Palette />
      {dropping ? <div class="drop" aria-hidden="true"><p>{icons.attach}Drop to learn</p></div> : null}
    </div>
  );
}

/* A fragment link would change the route. */
function skip(e: Event): void {
  e.preventDefault();
  const main = document.querySelector<HTMLElement>('#main textarea') ?? document.getElementById('main');
  main?.focus();
}

/* On a phone only: the list, the title, a new chat. */
function TopBar(): JSX.Element {
  const title = route.value.view === 'knowledge' ? 'Knowledge' : currentTitle.value || 'New chat';
  return (
    <header class="topbar">
      <button
        type="button"
        class="icon-button"
        aria-label="Open the menu"
        aria-expanded={drawerOpen.value}
        aria-controls="sidebar"
        onClick={() => void (drawerOpen.value = true)}
      >
        {icons.menu}
      </button>
      <span class="topbar-title" dir="auto">{title}</span>
      <button type="button" class="icon-button" aria-label="New chat" onClick={startNew}>{icons.compose}</button>
    </header>
  );
}

function useKeys(): void {
  useLayoutEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      if (e.defaultPrevented || e.isComposing) return;
      if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === 'k') {
        e.preventDefault();
        return openPalette();
      }
      /* An open dialog closes itself. */
      if (e.key !== 'Escape' || document.querySelector('dialog[open]')) return;
      if (drawerOpen.peek()) drawerOpen.value = false;
      else if (thread.peek().busy.peek() && route.peek().view !== 'knowledge') thread.peek().stop();
      else closeDocument();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/* Files dropped anywhere are learned; while they hover, the page says so. */
function useDrop(): boolean {
  const [over, setOver] = useState(false);
  useLayoutEffect(() => {
    let depth = 0;
    const files = (e: DragEvent): boolean => e.dataTransfer?.types.includes('Files') === true;
    const enter = (e: DragEvent): void => {
      if (!files(e)) return;
      e.preventDefault();
      depth++;
      setOver(true);
    };
    const leave = (e: DragEvent): void => {
      if (files(e) && --depth <= 0) setOver(false);
    };
    const hover = (e: DragEvent): void => {
      if (files(e)) e.preventDefault();
    };
    const drop = (e: DragEvent): void => {
      depth = 0;
      setOver(false);
      if (!files(e) || !e.dataTransfer) return;
      e.preventDefault();
      void droppedFiles(e.dataTransfer).then(learnFiles);
    };
    const on: [string, (e: DragEvent) => void][] = [['dragenter', enter], ['dragleave', leave], ['dragover', hover], ['drop', drop]];
    for (const [name, run] of on) addEventListener(name, run as EventListener);
    return () => {
      for (const [name, run] of on) removeEventListener(name, run as EventListener);
    };
  }, []);
  return over;
}
