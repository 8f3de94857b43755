/* Which panel is open, kept in the address's fragment: #overview, #people, … A panel may keep words of its own behind it,
 * as #knowledge/sources. */

import { signal } from '@preact/signals';

export interface Place {
  panel: string;
  rest: string;
}

function parse(): Place {
  const [panel = '', ...rest] = location.hash.replace(/^#/, '').split('/');
  return { panel: panel || 'overview', rest: rest.join('/') };
}

export const place = signal<Place>(parse());

addEventListener('hashchange', () => {
  place.value = parse();
});
