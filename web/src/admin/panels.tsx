/* The panels in the order of the navigation. A panel is one component (see parts.tsx) and one row here; its code is fetched
 * when it is opened, or when the browser has nothing else to do. */

import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ComponentChildren, FunctionComponent, JSX } from 'preact';
import { adminIcons } from './icons.tsx';
import { Overview } from './overview.tsx';
import { Panel } from './parts.tsx';

export interface PanelInfo {
  /* In the address: #overview. */
  id: string;
  title: string;
  icon: ComponentChildren;
  view: FunctionComponent;
}

const fetches: (() => Promise<void>)[] = [];

/* Shows the heading until the panel is there; who stands on it, stands on the panel's afterwards. */
function later(title: string, load: () => Promise<FunctionComponent>): FunctionComponent {
  const found = signal<FunctionComponent | null>(null);
  const failed = signal(false);
  let stood = false;
  const fetch = async (): Promise<void> => {
    if (found.peek()) return;
    failed.value = false;
    try {
      const view = await load();
      stood = document.activeElement?.closest('.panel-head') != null;
      found.value = view;
    } catch {
      failed.value = true;
    }
  };
  fetches.push(fetch);
  return function Later(): JSX.Element {
    const View = found.value;
    const waited = useRef(false);
    useEffect(() => {
      if (!found.peek()) void fetch();
    }, []);
    useLayoutEffect(() => {
      if (View && waited.current && stood) document.querySelector<HTMLElement>('.panel-head h1')?.focus();
      waited.current = !View;
    }, [View]);
    if (View) return <View />;
    return (
      <Panel title={title}>
        {failed.value
          ? <div class="note bad" role="alert">This panel did not come. <button type="button" class="link" onClick={() => void fetch()}>Try again</button></div>
          : <div class="skeleton rows" role="status" aria-label="Loading"><i /><i /><i /></div>}
      </Panel>
    );
  };
}

export const panels: PanelInfo[] = [
  { id: 'overview', title: 'Overview', icon: adminIcons.overview, view: Overview },
  { id: 'people', title: 'People', icon: adminIcons.people, view: later('People', () => import('./panels/people.tsx').then((m) => m.People)) },
  { id: 'nodes', title: 'Nodes', icon: adminIcons.nodes, view: later('Nodes', () => import('./nodes.tsx').then((m) => m.Nodes)) },
  { id: 'ai', title: 'AI', icon: adminIcons.ai, view: later('AI', () => import('./panels/ai.tsx').then((m) => m.Ai)) },
  { id: 'knowledge', title: 'Knowledge', icon: adminIcons.knowledge, view: later('Knowledge', () => import('./knowledge.tsx').then((m) => m.Knowledge)) },
  { id: 'system', title: 'System', icon: adminIcons.system, view: later('System', () => import('./panels/system.tsx').then((m) => m.System)) },
];

/* So that another panel opens at once, also when the server is away by then. */
export function fetchPanels(): void {
  for (const fetch of fetches) void fetch();
}
