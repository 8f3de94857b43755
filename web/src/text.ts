/* Small rules about text that Markdown and messages need and that are worth testing alone. Pure. */

const ENTITIES: Record<string, string> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', reg: '®', trade: '™', hellip: '…',
  mdash: '—', ndash: '–', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»', bull: '•',
  middot: '·', times: '×', deg: '°', plusmn: '±', frac12: '½', sect: '§', para: '¶', euro: '€', pound: '£',
  larr: '←', rarr: '→', le: '≤', ge: '≥', ne: '≠',
};

/* Entities that Markdown allows in running text; an unknown one stays as written. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,31}));/g, (whole, dec, hex, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole;
    const code = dec !== undefined ? Number(dec) : parseInt(hex, 16);
    const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    return valid ? String.fromCodePoint(code) : '\ufffd';
  });
}

/* The address of a link that may be followed, or null. Relative ones would lead into this very server. */
export function safeUrl(href: string): string | null {
  try {
    const url = new URL(href);
    return url.protocol === 'https:' || url.protocol === 'http:' || url.protocol === 'mailto:' ? url.href : null;
  } catch {
    return null;
  }
}

/* Completes what is still open at the end of a text that is being written, so that the last words do not flip between
 * asterisks and bold when the closing mark arrives. Looks at the last paragraph only. */
export function settle(text: string): string {
  const fences = text.match(/^ {0,3}(```|~~~)/gm)?.length ?? 0;
  if (fences % 2 === 1) return text;
  const from = text.lastIndexOf('\n\n') + 1;
  const last = text.slice(from);
  const ticks = last.match(/`/g)?.length ?? 0;
  if (ticks % 2 === 1) return text.endsWith('`') ? text.slice(0, -1) : text + '`';
  /* A link that is not complete is shown when it is. */
  const link = /!?\[[^\]\n]*(\]\([^)\n]*)?$/.exec(last);
  if (link && last.length - link.index < 400) return text.slice(0, from + link.index);
  const bare = last.replace(/`[^`]*`/g, '').replace(/^\s*[*-]\s/gm, '');
  if (/\*+$/.test(bare) && (bare.match(/\*\*/g)?.length ?? 0) % 2 === 1) return text.replace(/\*+$/, '');
  if ((bare.match(/\*\*/g)?.length ?? 0) % 2 === 1) return text.replace(/\s+$/, '') + '**';
  return text;
}

/* AI_TALK_REFUSAL of ai/question/talk.c. What else is said without an answer (nothing learned yet, a level switched off) has
 * the same reason in its receipt, so it is told by the words. */
const BARE_REFUSALS = ['Your documents do not answer this.', 'Vaše dokumenty na to neodpovídají.', 'Ihre Dokumente beantworten das nicht.'];

/* The server's refusal in its plainest form: it says no more than the line above an answer that is none. */
export function isBareRefusal(text: string): boolean {
  return BARE_REFUSALS.includes(text.trim());
}
