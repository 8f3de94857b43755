/* Example questions for an empty chat, made from the titles of documents that are really there. Pure. */

import type { DocumentInfo } from './api.ts';

const TITLE_CHARS_MAX = 60;

/* A question that this document should be able to answer, or null where the title says too little. */
export function questionFor(d: Pick<DocumentInfo, 'title' | 'document'>): string | null {
  const title = d.title.replace(/\s+/g, ' ').trim();
  return manualPage(title, d.document) ?? topicOf(title);
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

/* A chapter or an article: its title without numbering, the book's name and the file's ending. */
function topicOf(title: string): string | null {
  const topic = title
    .replace(/ — .*$/, '')
    .replace(/^(chapter|section|part|appendix)\s+[\w.]+[.:)]?\s+/i, '')
    .replace(/^(?:[A-Z]\.)?[\d.]+[.:)]?\s+/, '')
    .replace(/\.(md|rst|txt|csv|pdf|html?|docx|eml|mbox|srt|vtt)$/i, '');
  if (topic.length < 4 || topic.length > TITLE_CHARS_MAX || topic.includes(' - ') || !/\p{L}{3}/u.test(topic)) return null;
  if (/^(readme|changelog|copyright|index|untitled|news|todo|license|contents|introduction|foreword|preface)$/i.test(topic)) return null;
  if (topic.endsWith('?')) return topic;
  const subject = /^(?:introduction to|overview of)\s+(.+)/i.exec(topic)?.[1];
  if (subject) return `What is ${subject}?`;
  const doing = /^(\w+ing) (.+)/.exec(topic);
  const verb = doing ? VERBS[doing[1]!.toLowerCase()] : undefined;
  if (doing && verb) return `How do I ${verb} ${doing[2]!.replace(/\byour\b/gi, 'my')}?`;
  return `What is “${topic}” about?`;
}

/* Up to `count` questions from documents spread over the list; the same list gives the same questions on one day. Three
 * kinds are told apart, so that the examples differ; the vaguest, about a bare title, comes last. */
export function examplesFrom(documents: readonly DocumentInfo[], count: number, seed: number): string[] {
  const kinds: string[][] = [[], [], []];
  const usable = documents.filter((d) => d.chunks > 0);
  for (let k = 0; k < usable.length; k++) {
    /* A stride that shares no factor with the length visits each document once, far from the one before. */
    const question = questionFor(usable[(seed + k * stride(usable.length)) % usable.length]!);
    if (question === null) continue;
    kinds[question.includes('“') ? 2 : question.startsWith('How') ? 0 : 1]!.push(question);
  }
  const [tasks, things, titles] = kinds.map((list) => [...new Set(list)]) as [string[], string[], string[]];
  const mixed = tasks.flatMap((task, i) => (things[i] === undefined ? [task] : [task, things[i]]));
  return [...mixed, ...things.slice(tasks.length), ...titles].slice(0, count);
}

function stride(length: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  let step = Math.floor(length * 0.382) + 1;
  while (common(step, length) !== 1) step++;
  return step;
}
