/* The panels in the order of the navigation. A panel is one component (see parts.tsx) and one row here. */

import type { ComponentChildren, FunctionComponent } from 'preact';
import { adminIcons } from './icons.tsx';
import { Knowledge } from './knowledge.tsx';
import { Nodes } from './nodes.tsx';
import { Overview } from './overview.tsx';
import { Ai } from './panels/ai.tsx';
import { People } from './panels/people.tsx';
import { System } from './panels/system.tsx';

export interface PanelInfo {
  /* In the address: #overview. */
  id: string;
  title: string;
  icon: ComponentChildren;
  view: FunctionComponent;
}

export const panels: PanelInfo[] = [
  { id: 'overview', title: 'Overview', icon: adminIcons.overview, view: Overview },
  { id: 'people', title: 'People', icon: adminIcons.people, view: People },
  { id: 'nodes', title: 'Nodes', icon: adminIcons.nodes, view: Nodes },
  { id: 'ai', title: 'AI', icon: adminIcons.ai, view: Ai },
  { id: 'knowledge', title: 'Knowledge', icon: adminIcons.knowledge, view: Knowledge },
  { id: 'system', title: 'System', icon: adminIcons.system, view: System },
];
