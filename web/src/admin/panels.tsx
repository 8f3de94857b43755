/* The panels in the order of the navigation. A panel is one component (see parts.tsx) and one row here. */

import type { ComponentChildren, FunctionComponent } from 'preact';
import { adminIcons } from './icons.tsx';
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
  { id: 'ai', title: 'AI', icon: adminIcons.ai, view: Ai },
  { id: 'system', title: 'System', icon: adminIcons.system, view: System },
];
