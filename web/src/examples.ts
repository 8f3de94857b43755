/* Example questions for an empty chat, made from the titles of documents that are really there. Pure. */

import type { DocumentInfo } from './api.ts';

const TITLE_CHARS_MAX = 60;

/* A question that this document should be able to answer, or null where the title says too little. */
export function questionFor(d: Pick<DocumentInfo, 'title' | 'document'>): string | null {
  const title = d.title.replace(/\s+/g, ' ').trim();
  /* A manual page: tar(1) is about one command. */
  const page = /^([A-Za-z0-9][\w.+-]{1,24})\s?\((\d)\w*\)/.exec(title);
  if (page) return page[2] === '5' ? `What is in ${page[1]}?` : `What does ${page[1]} do?`;
  const topic = title
    .replace(/^(chapter|section|part|appendix)\s+[\w.]+[.:)]?\s+/i, '')
    .replace(/^[\d.]+[.:)]?\s+/, '')
    .replace(/\.(md|txt|pdf|html?|docx)$/i, '');
  if (topic.length < 4 || topic.length > TITLE_CHARS_MAX || !/\p{L}{3}/u.test(topic)) return null;
  if (/^(readme|changelog|copyright|index|untitled|news|todo|license|contents)\b/i.test(topic)) return null;
  if (topic.endsWith('?')) return topic;
  if (/^(how to|installing|configuring|setting up|using|managing|creating|building)\b/i.test(topic)) {
    return `What should I know about ${topic[0]!.toLowerCase()}${topic.slice(1)}?`;
  }
  return `What is “${topic}” about?`;
}

/* Up to `count` questions from documents spread over the list; the same list gives the same questions on one day. */
export function examplesFrom(documents: readonly DocumentInfo[], count: number, seed: number): string[] {
  const usable = documents.filter((d) => d.chunks > 0);
  const found: string[] = [];
  const step = Math.max(1, Math.floor(usable.length / count));
  for (let k = 0; k < usable.length && found.length < count; k++) {
    /* Walks the list in `count` interleaved strides, so that neighbours of one folder do not crowd out the rest. */
    const at = (seed + (k % count) * step + Math.floor(k / count)) % usable.length;
    const question = questionFor(usable[at]!);
    if (question !== null && !found.includes(question)) found.push(question);
  }
  return found;
}
