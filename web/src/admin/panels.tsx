/* The panels in the order of the navigation. A panel is one component (see parts.tsx) and one row here. */

import type { ComponentChildren, FunctionComponent } from 'preact';
import { adminIcons } from './icons.tsx';
import { Knowledge } from './knowledge.tsx';
import { Nodes } from './nodes.tsx';
import { Overview } from './overview.tsx';

export interface PanelInfo {
  /* In the address: #overview. */
  id: string;
  title: string;
  icon: ComponentChildren;
  view: FunctionComponent;
}

export const panels: PanelInfo[] = [
  { id: 'overview', title: 'Overview', icon: adminIcons.overview, view: Overview },
  { id: 'nodes', title: 'Nodes', icon: adminIcons.nodes, view: Nodes },
  { id: 'knowledge', title: 'Knowledge', icon: adminIcons.knowledge, view: Knowledge },
];
