/* The frame of /admin: who may come in, the navigation, the open panel, whether it is live. */

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Component, type ComponentChildren, type JSX } from 'preact';
import { icons, Mark } from '../icons.tsx';
import { isDark, switchTheme } from '../look.ts';
import { Notices, Voice } from '../views/notices.tsx';
import { enrolment, EnrolmentNeeded, StepUp } from '../views/stepup.tsx';
import { access, checkAccess } from './access.ts';
import { Confirm } from './confirm.tsx';
import { liveState, liveWanted, startLive } from './live.ts';
import { fetchPanels, panels, type PanelInfo } from './panels.tsx';
import { place } from './route.ts';

export function App(): JSX.Element {
  const now = access.value;
  return (
    <>
      {now.state === 'in' && enrolment.value ? <Alone><h1 class="sr-only">Administration</h1><EnrolmentNeeded /><a class="link" href="/">Back to the chat</a></Alone> : null}
      {now.state === 'in' && !enrolment.value ? <Frame name={now.name} role={now.role} /> : null}
      {now.state === 'checking' ? <main class="alone" aria-busy="true"><div class="brand"><Mark size={30} /><span>sky</span></div></main> : null}
      {now.state === 'forbidden' ? (
        <Alone title="This page is for administrators">
          <p class="quiet">You are signed in as {now.name}, in the role {now.role}. The owner and administrators can open this page; they can also give you that role.</p>
          <a class="secondary" href="/">Back to the chat</a>
        </Alone>
      ) : null}
      {now.state === 'failed' ? (
        <Alone title="The administration did not open">
          <p class="quiet">{now.why}</p>
          <button type="button" class="secondary" onClick={() => void checkAccess()}>{icons.retry}Try again</button>
        </Alone>
      ) : null}
      <Voice />
    </>
  );
}

function Alone({ title, children }: { title?: string; children: ComponentChildren }): JSX.Element {
  return <main class="alone"><div class="alone-card">{title ? <h1>{title}</h1> : null}{children}</div></main>;
}

/* Behind what the open panel wants itself. */
const PANELS_MS = 3000;

function Frame({ name, role }: { name: string; role: string }): JSX.Element {
  const panel = panels.find((p) => p.id === place.value.panel) ?? (panels[0] as PanelInfo);
  const View = panel.view;
  useEffect(startLive, []);
  useEffect(() => {
    const idle = setTimeout(fetchPanels, PANELS_MS);
    return () => clearTimeout(idle);
  }, []);
  useLayoutEffect(() => {
    document.title = `${panel.title} · sky`;
  }, [panel]);
  useFocusOnHeading(panel.id);
  return (
    <div class="admin">
      <a class="skip" href="#main" onClick={skip}>Skip to the panel</a>
      <header class="admin-head">
        <a class="brand" href="/" title="Back to the chat"><Mark /><span>sky</span></a>
        <span class="admin-title">Administration</span>
        <LiveButton />
        <ThemeButton />
        <span class="who" title={`${name}, ${role}`}>{name}</span>
      </header>
      <nav class="admin-nav" aria-label="Panels">
        {panels.map((p) => (
          <a key={p.id} href={`#${p.id}`} aria-current={p === panel ? 'page' : undefined}>{p.icon}<span>{p.title}</span></a>
        ))}
      </nav>
      <main id="main" tabIndex={-1}><Boundary key={panel.id}><View /></Boundary></main>
      <Notices />
      <Confirm />
      <StepUp />
    </div>
  );
}

/* A fragment link would change the panel. */
function skip(e: Event): void {
  e.preventDefault();
  document.getElementById('main')?.focus();
}

/* Not at the first sight of the page: there the focus belongs to the browser. */
function useFocusOnHeading(panel: string): void {
  const first = useRef(true);
  useLayoutEffect(() => {
    if (!first.current) {
      document.getElementById('main')?.scrollTo(0, 0);
      document.querySelector<HTMLElement>('.panel-head h1')?.focus();
    }
    first.current = false;
  }, [panel]);
}

const LIVE_WORDS = { live: 'live', reconnecting: 'reconnecting', off: 'off' } as const;

function LiveButton(): JSX.Element {
  const state = liveState.value;
  const wanted = liveWanted.value;
  return (
    <button
      type="button"
      class={`live ${state}`}
      aria-pressed={wanted}
      title={wanted ? 'Numbers come as they change. Press to stop.' : 'Press to follow the numbers as they change.'}
      onClick={() => void (liveWanted.value = !wanted)}
    >
      <i aria-hidden="true" /><span class="sr-only">Live numbers: </span>{LIVE_WORDS[state]}
    </button>
  );
}

function ThemeButton(): JSX.Element {
  const other = isDark.value ? 'Switch to light' : 'Switch to dark';
  return <button type="button" class="icon-button" aria-label={other} title={other} onClick={switchTheme}>{isDark.value ? icons.sun : icons.moon}</button>;
}

/* A fault in one panel must not take the others. */
class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }

  override render(): ComponentChildren {
    if (!this.state.failed) return this.props.children;
    return (
      <div class="panel">
        <header class="panel-head"><h1 tabIndex={-1}>This panel stumbled</h1></header>
        <div class="note bad" role="alert">Nothing is lost. <button type="button" class="link" onClick={() => location.reload()}>Load it again</button></div>
      </div>
    );
  }
}
