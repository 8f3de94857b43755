/* Which part of a passage to show: the one where the words that were asked for stand. shell/excerpt.c is the same for the
 * command line. Pure. */

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/* What stands before the first word, and what a phone still shows behind it, about. */
const LEAD_CHARS = 40;
const SPAN_CHARS = 100;
const LETTERS_MIN = 3;
const ENDING_MAX = 3;

export interface Piece {
  text: string;
  hit: boolean;
}

interface Found {
  at: number;
  end: number;
  word: string;
  /* Letters; twice where it is that very word. */
  weight: number;
}

export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

export function wordsOf(text: string): string[] {
  return [...new Set(text.match(WORD)?.map(fold))];
}

/* 2: the word itself; 1: one that begins with it, or another form of it, as the server tells them apart. A number has
 * neither. */
function likeness(word: string, asked: string): number {
  if (word === asked) return 2;
  let same = 0;
  while (same < word.length && word[same] === asked[same]) same++;
  if (same < LETTERS_MIN || /\p{N}/u.test(asked)) return 0;
  const shorter = Math.min(word.length, asked.length);
  const longer = Math.max(word.length, asked.length);
  const form = (same > LETTERS_MIN || same === shorter) && longer - same <= ENDING_MAX && same * 10 >= longer * 6;
  return form || same === asked.length ? 1 : 0;
}

function find(text: string, words: readonly string[]): Found[] {
  const found: Found[] = [];
  for (const m of text.matchAll(WORD)) {
    const folded = fold(m[0]);
    let best: Found | null = null;
    for (const word of words) {
      const weight = likeness(folded, word) * word.length;
      if (weight > (best?.weight ?? 0)) best = { at: m.index, end: m.index + m[0].length, word, weight };
    }
    if (best) found.push(best);
  }
  return found;
}

export function holds(text: string, words: readonly string[]): boolean {
  return find(text, words).length > 0;
}

/* Of the words that are seen from the first one on, each counted once. */
function weightOf(found: readonly Found[]): number {
  const best = new Map<string, number>();
  for (const f of found) {
    if (f.at - found[0]!.at >= SPAN_CHARS) break;
    best.set(f.word, Math.max(f.weight, best.get(f.word) ?? 0));
  }
  return [...best.values()].reduce((sum, weight) => sum + weight, 0);
}

/* A little before the word: where a line begins, or a word. */
function leadBegin(text: string, at: number): number {
  if (at <= LEAD_CHARS) return 0;
  const line = text.lastIndexOf('\n', at - 1) + 1;
  if (line > at - LEAD_CHARS) return line;
  for (const m of text.matchAll(WORD)) {
    if (m.index >= at - LEAD_CHARS) return m.index;
  }
  return at;
}

/* The text from there on where it holds the most of the words, in pieces. */
export function excerpt(text: string, words: readonly string[]): Piece[] {
  const found = find(text, words);
  let most = 0;
  let begin = 0;
  found.forEach((f, i) => {
    const weight = weightOf(found.slice(i));
    if (weight > most) [most, begin] = [weight, f.at];
  });
  let at = leadBegin(text, begin);
  const pieces: Piece[] = at > 0 ? [{ text: '…', hit: false }] : [];
  for (const f of found) {
    if (f.at < at) continue;
    pieces.push({ text: text.slice(at, f.at), hit: false }, { text: text.slice(f.at, f.end), hit: true });
    at = f.end;
  }
  return [...pieces, { text: text.slice(at), hit: false }].filter((p) => p.text !== '');
}
