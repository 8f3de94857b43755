/* Examples for an empty chat, made from the titles and headings of documents that are really there. Pure.
 *
 * A question is made only of what says by itself what is asked: a task, a command, a question. What a document is about no
 * passage of it says, so one with a bare title is not asked about but opened. */

import type { DocumentInfo } from './api.ts';

const TITLE_CHARS_MAX = 60;

export type Example = { question: string } | { id: string; title: string };

/* A question that this document should be able to answer, or null where the title says too little. */
export function questionFor(d: Pick<DocumentInfo, 'title' | 'document'>): string | null {
  const title = oneLine(d.title);
  return manualPage(title, d.document) ?? topicOf(title);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/* What follows the name of a command, where it is a thing to do: `apt-cache - query the APT cache`. */
const TASK =
  / - ((?:add|adjust|apply|attach|build|change|check|compare|compress|configure|convert|copy|create|delete|display|download|edit|execute|extract|find|format|generate|install|list|load|lock|make|manage|merge|mount|move|print|query|remove|rename|replace|report|restore|run|search|send|set|show|sort|split|switch|update|upgrade|verify|view|write) [^,.;]+)\.?$/;

/* `tar(1)`, or `tar - an archiving utility` in a file called tar.1 or tar.1.gz. Sections 1, 6 and 8 are about commands. */
function manualPage(title: string, document: string): string | null {
  const head = /^([A-Za-z][\w.+-]{1,24})(?:\s?\((\d)\w*\)|,? - \S)/.exec(title);
  const section = head?.[2] ?? /\.(\d)\w{0,3}(?:\.gz)?$/.exec(document)?.[1];
  if (!head || section === undefined) return null;
  const task = TASK.exec(title)?.[1];
  if (task !== undefined && task.length <= TITLE_CHARS_MAX) return `How do I ${task}?`;
  /* Names like iso_8859-3 or shm_overview make nobody curious. */
  if (/[\d_]/.test(head[1]!)) return null;
  return '168'.includes(section) ? `What does ${head[1]} do?` : `What is ${head[1]}?`;
}

const VERBS: Record<string, string> = {
  building: 'build', configuring: 'configure', creating: 'create', installing: 'install', keeping: 'keep', making: 'make',
  managing: 'manage', manipulating: 'manipulate', removing: 'remove', setting: 'set', updating: 'update',
  upgrading: 'upgrade', using: 'use', writing: 'write',
};

/* In any language; `Why?` alone asks nothing. */
const QUESTION = /^\S+ \S+ \S.*\?$/;

/* A chapter or an article: its title without numbering, the book's name and the file's ending. */
function topicOf(title: string): string | null {
  const topic = title
    .replace(/ — .*$/, '')
    .replace(/^(chapter|section|part|appendix)\s+[\w.]+[.:)]?\s+/i, '')
    .replace(/^(?:[A-Z]\.)?[\d.]+[.:)]?\s+/, '')
    .replace(/\.(md|rst|txt|csv|pdf|html?|docx|eml|mbox|srt|vtt)$/i, '');
  if (topic.length < 4 || topic.length > TITLE_CHARS_MAX || topic.includes(' - ') || !/\p{L}{3}/u.test(topic)) return null;
  if (topic.endsWith('?')) return QUESTION.test(topic) ? topic : null;
  const subject = /^(?:introduction to|overview of)\s+(.+)/i.exec(topic)?.[1];
  if (subject) return `What is ${subject}?`;
  const doing = /^(\w+ing) (.+)/.exec(topic);
  const verb = doing ? VERBS[doing[1]!.toLowerCase()] : undefined;
  if (doing && verb) return `How do I ${verb} ${doing[2]!.replace(/\byour\b/gi, 'my')}?`;
  return null;
}

/* The documents that have passages, each once, far from the one before; the same list gives the same order on one day. */
function inTurn(documents: readonly DocumentInfo[], seed: number): DocumentInfo[] {
  const usable = documents.filter((d) => d.chunks > 0);
  return usable.map((_, k) => usable[(seed + k * stride(usable.length)) % usable.length]!);
}

/* Up to `count` documents whose title makes no question, but perhaps one of their headings does. */
export function toLookInto(documents: readonly DocumentInfo[], count: number, seed: number, bytes_max: number): DocumentInfo[] {
  return inTurn(documents, seed).filter((d) => d.bytes <= bytes_max && questionFor(d) === null).slice(0, count);
}

/* One of those that the headings make. */
function questionIn(headings: readonly string[], seed: number): string | null {
  const questions = headings.map((h) => topicOf(oneLine(h))).filter((q) => q !== null);
  return questions[seed % questions.length] ?? null;
}

/* Up to `count`, tasks and other questions in turn, and where there are too few of them documents to open. `headings` are
 * those of the documents that were looked into, by id. */
export function examplesFrom(documents: readonly DocumentInfo[], headings: ReadonlyMap<string, readonly string[]>, count: number, seed: number): Example[] {
  const tasks = new Set<string>();
  const things = new Set<string>();
  const bare: Example[] = [];
  for (const d of inTurn(documents, seed)) {
    const question = questionFor(d) ?? questionIn(headings.get(d.id) ?? [], seed);
    const title = oneLine(d.title);
    if (question !== null) (question.startsWith('How do I') ? tasks : things).add(question);
    else if (title !== '' && title.length <= TITLE_CHARS_MAX) bare.push({ id: d.id, title });
  }
  const others = [...things];
  const mixed = [...tasks].flatMap((task, i) => [task, ...others.slice(i, i + 1)]);
  const questions = [...mixed, ...others.slice(tasks.size)].map((question): Example => ({ question }));
  return [...questions, ...bare].slice(0, count);
}

function stride(length: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  let step = Math.floor(length * 0.382) + 1;
  while (common(step, length) !== 1) step++;
  return step;
}
