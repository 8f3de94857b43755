/* The icons of the page: strokes on a 20-unit grid, drawn for it. Decorative: the control that holds one is named. */

import type { ComponentChildren, JSX } from 'preact';

export function Icon({ children, size = 18 }: { children: ComponentChildren; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/* The sign of the product: a sun over a horizon. */
export function Mark({ size = 22 }: { size?: number }): JSX.Element {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path class="mark-sun" d="M4 14.5a8 8 0 0 1 16 0z" />
      <path class="mark-line" d="M2 17.75h20M6.5 21h11" />
    </svg>
  );
}

export const icons = {
  plus: <Icon><path d="M10 4v12M4 10h12" /></Icon>,
  minus: <Icon><path d="M4 10h12" /></Icon>,
  compose: <Icon><path d="M9.5 4H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2v-3.5M8 12l.6-2.6L15 3l2 2-6.4 6.4z" /></Icon>,
  search: <Icon><circle cx="9" cy="9" r="5" /><path d="m13 13 3.5 3.5" /></Icon>,
  send: <Icon size={20}><path d="M10 16V4.5M5 9.2l5-5 5 5" /></Icon>,
  stop: <Icon size={20}><rect x="6" y="6" width="8" height="8" rx="1.5" fill="currentColor" /></Icon>,
  attach: <Icon><path d="M10 13V3.5M6.5 7 10 3.5 13.5 7M3.5 12.5v2a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2v-2" /></Icon>,
  copy: <Icon><rect x="7" y="7" width="9" height="9" rx="2" /><path d="M13 7V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v5a2 2 0 0 0 2 2h1" /></Icon>,
  check: <Icon><path d="m4.5 10.5 3.5 3.5 7.5-8" /></Icon>,
  retry: <Icon><path d="M15.8 8.5A6 6 0 1 0 16 11M16 4.5v4h-4" /></Icon>,
  up: <Icon><path d="M6 9v7H4.5A1.5 1.5 0 0 1 3 14.5V10.5A1.5 1.5 0 0 1 4.5 9zl3-5.5a1.7 1.7 0 0 1 3 1.5L11.5 8h3.7a1.6 1.6 0 0 1 1.6 2l-1.2 4.8A1.6 1.6 0 0 1 14 16H6" /></Icon>,
  down: <Icon><path d="M14 11V4h1.5A1.5 1.5 0 0 1 17 5.5v4a1.5 1.5 0 0 1-1.5 1.5zl-3 5.5a1.7 1.7 0 0 1-3-1.5L8.5 12H4.8a1.6 1.6 0 0 1-1.6-2l1.2-4.8A1.6 1.6 0 0 1 6 4h8" /></Icon>,
  more: <Icon><circle cx="5" cy="10" r=".9" fill="currentColor" /><circle cx="10" cy="10" r=".9" fill="currentColor" /><circle cx="15" cy="10" r=".9" fill="currentColor" /></Icon>,
  edit: <Icon><path d="m4 16 .8-3.2L13 4.5l2.5 2.5-8.3 8.2z" /></Icon>,
  trash: <Icon><path d="M4 6h12M8 6V4.5A.5.5 0 0 1 8.5 4h3a.5.5 0 0 1 .5.5V6M5.5 6l.6 9a1 1 0 0 0 1 1h5.8a1 1 0 0 0 1-1l.6-9M8.5 9v4M11.5 9v4" /></Icon>,
  close: <Icon><path d="m5 5 10 10M15 5 5 15" /></Icon>,
  menu: <Icon size={20}><path d="M3.5 6.5h13M3.5 13.5h9" /></Icon>,
  book: <Icon><path d="M10 5.5C8.5 4.3 6.3 4 3.5 4v11c2.8 0 5 .3 6.5 1.5 1.5-1.2 3.7-1.5 6.5-1.5V4c-2.8 0-5 .3-6.5 1.5zM10 5.5v11" /></Icon>,
  page: <Icon><path d="M5 3.5h6.5L15 7v9.5H5zM11.5 3.5V7H15M7.5 10.5h5M7.5 13.5h3.5" /></Icon>,
  folder: <Icon><path d="M3 6a1.5 1.5 0 0 1 1.5-1.5h3l1.7 2h6.3A1.5 1.5 0 0 1 17 8v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14z" /></Icon>,
  sun: <Icon><circle cx="10" cy="10" r="3" /><path d="M10 3v1.5M10 15.5V17M3 10h1.5M15.5 10H17M5 5l1.1 1.1M13.9 13.9 15 15M15 5l-1.1 1.1M6.1 13.9 5 15" /></Icon>,
  moon: <Icon><path d="M16 11.8A6.5 6.5 0 0 1 8.2 4a6.5 6.5 0 1 0 7.8 7.8z" /></Icon>,
  leave: <Icon><path d="M8 16.5H5a1.5 1.5 0 0 1-1.5-1.5V5A1.5 1.5 0 0 1 5 3.5h3M12.5 13.5 16 10l-3.5-3.5M16 10H8" /></Icon>,
  person: <Icon><circle cx="10" cy="7" r="3" /><path d="M4 16.5a6 6 0 0 1 12 0" /></Icon>,
  gauge: <Icon><path d="M4 16V9M10 16V4M16 16v-5" /></Icon>,
  key: <Icon><circle cx="7" cy="13" r="3" /><path d="m9.2 10.8 6.3-6.3M13 7l2 2" /></Icon>,
  chevron: <Icon size={14}><path d="m6 8 4 4 4-4" /></Icon>,
  arrowDown: <Icon><path d="M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5" /></Icon>,
  warn: <Icon><path d="M10 3.5 17 16H3zM10 8.5v3.5M10 14.2v.1" /></Icon>,
  chat: <Icon><path d="M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9l-3.5 3v-3A1.5 1.5 0 0 1 4 11.5z" /></Icon>,
  quote: <Icon><path d="M5 4v12M8.5 6.5H15M8.5 10H15M8.5 13.5h4" /></Icon>,
} as const;
