/* The server counts bytes of UTF-8, the browser counts UTF-16 units: this translates, and cuts a stored text into the
 * pieces that the document view shows. Pure. */

/* Translates ascending byte offsets; offsets past the end become the end, offsets inside a character its start. */
export function stringOffsets(text: string, byteOffsets: readonly number[]): number[] {
  const result: number[] = [];
  let byte = 0;
  let i = 0;
  for (const target of byteOffsets) {
    while (i < text.length) {
      const c = text.charCodeAt(i);
      const pair = c >= 0xd800 && c < 0xdc00 && i + 1 < text.length;
      const size = pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      if (byte + size > target) break;
      byte += size;
      i += pair ? 2 : 1;
    }
    result.push(i);
  }
  return result;
}

export interface Block {
  start: number;
  end: number;
  /* 0 for running text, else the heading's level. */
  level: number;
}

/* A block longer than this is cut at a line end, so that no single element gets huge. */
const BLOCK_CHARS_MAX = 4000;

/* Cuts text into paragraphs and headings. Together the blocks cover everything but the blank lines between them. */
export function blocksOf(text: string, headings: readonly { at: number; level: number }[]): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  for (const heading of headings) {
    if (heading.at < from || heading.at >= text.length) continue;
    paragraphs(text, from, heading.at, blocks);
    const newline = text.indexOf('\n', heading.at);
    const end = newline < 0 ? text.length : newline;
    if (text.slice(heading.at, end).trim() !== '') {
      blocks.push({ start: heading.at, end, level: Math.min(6, Math.max(1, Math.floor(heading.level))) });
    }
    from = end;
  }
  paragraphs(text, from, text.length, blocks);
  return blocks;
}

function paragraphs(text: string, from: number, to: number, blocks: Block[]): void {
  const gap = /\n[ \t\r]*\n\s*/g;
  gap.lastIndex = from;
  while (from < to) {
    const found = gap.exec(text);
    const end = found && found.index < to ? found.index : to;
    pieces(text, from, end, blocks);
    if (end === to || !found) return;
    /* Keep the indentation of the line that follows: man pages and code live by it. */
    const next = Math.min(to, found.index + found[0].length);
    from = text.lastIndexOf('\n', next - 1) + 1;
  }
}

function pieces(text: string, from: number, to: number, blocks: Block[]): void {
  while (from < to && (text[from] === '\n' || text[from] === '\r')) from++;
  while (to - from > BLOCK_CHARS_MAX) {
    const newline = text.lastIndexOf('\n', from + BLOCK_CHARS_MAX);
    let cut = newline > from ? newline : from + BLOCK_CHARS_MAX;
    const c = text.charCodeAt(cut);
    if (c >= 0xdc00 && c < 0xe000) cut++;
    blocks.push({ start: from, end: cut, level: 0 });
    from = newline > from ? cut + 1 : cut;
  }
  if (text.slice(from, to).trim() !== '') blocks.push({ start: from, end: to, level: 0 });
}

/* The blocks to show around a passage: the blocks that touch [start, end) and about `span` characters either side. */
export function windowOf(blocks: readonly Block[], start: number, end: number, span: number): [number, number] {
  let first = blocks.findIndex((b) => b.end > start - span);
  if (first < 0) first = Math.max(0, blocks.length - 1);
  let last = first;
  while (last < blocks.length && blocks[last]!.start < end + span) last++;
  return [first, last];
}
