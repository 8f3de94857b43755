/* Icons of the panels and of what is done to tables. */

import { Icon } from '../icons.tsx';

export const adminIcons = {
  overview: <Icon><path d="M3.5 16.5h13M5.5 13.5v-4M9.5 13.5v-8M13.5 13.5v-6" /></Icon>,
  people: <Icon><circle cx="8" cy="7" r="2.8" /><path d="M2.8 16c.4-3 2.4-4.6 5.2-4.6s4.8 1.6 5.2 4.6M13 4.6a2.6 2.6 0 0 1 0 4.9M14.8 12c1.4.7 2.2 2 2.4 4" /></Icon>,
  nodes: <Icon><rect x="7.5" y="3" width="5" height="4" rx="1" /><rect x="2.5" y="13" width="5" height="4" rx="1" /><rect x="12.5" y="13" width="5" height="4" rx="1" /><path d="M10 7v3M5 13v-1.5A1.5 1.5 0 0 1 6.5 10h7a1.5 1.5 0 0 1 1.5 1.5V13" /></Icon>,
  ai: <Icon><path d="M10 3v3M10 14v3M3 10h3M14 10h3" /><rect x="6" y="6" width="8" height="8" rx="2" /><path d="M8.5 11.5 10 8.5l1.5 3" /></Icon>,
  knowledge: <Icon><path d="M10 5.5C8.5 4.3 6.3 4 3.5 4v11c2.8 0 5 .3 6.5 1.5 1.5-1.2 3.7-1.5 6.5-1.5V4c-2.8 0-5 .3-6.5 1.5zM10 5.5v11" /></Icon>,
  system: <Icon><circle cx="10" cy="10" r="2.5" /><path d="M10 3v2M10 15v2M3 10h2M15 10h2M5 5l1.5 1.5M13.5 13.5 15 15M15 5l-1.5 1.5M6.5 13.5 5 15" /></Icon>,
  earlier: <Icon><path d="M10 16V4.5M5.5 9 10 4.5 14.5 9" /></Icon>,
  later: <Icon><path d="M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5" /></Icon>,
  test: <Icon><path d="M3 10h3l2-5 4 10 2-5h3" /></Icon>,
  undo: <Icon><path d="M7 5 3.5 8.5 7 12M4 8.5h8a4 4 0 0 1 0 8H8" /></Icon>,
  download: <Icon size={16}><path d="M10 3.5V13M6 9.5l4 4 4-4M4 16.5h12" /></Icon>,
  sort: <Icon size={12}><path d="m6 8 4-4 4 4M6 12l4 4 4-4" /></Icon>,
  up: <Icon size={12}><path d="m5 12.5 5-5 5 5" /></Icon>,
  down: <Icon size={12}><path d="m5 7.5 5 5 5-5" /></Icon>,
} as const;
