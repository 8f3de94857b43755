/* Teaching: files that are being sent and jobs that are running.
 *
 * Files are sent a few at a time; each becomes a job of the server, which is asked how far it is until it ends. */

import { signal, type Signal } from '@preact/signals';
import { api, ApiError, isAbort, reason, upload, type Job } from './api.ts';
import { announce, notify } from './state.ts';
import { bytes, plural } from './format.ts';

export interface LearnItem {
  key: string;
  name: string;
  size: number;
  state: 'queued' | 'sending' | 'learning' | 'done' | 'failed' | 'cancelled';
  /* 0 to 1; null where the end is not known. */
  progress: number | null;
  note: string;
  job: Job | null;
}

export const learning = signal<Signal<LearnItem>[]>([]);
/* Grows when something was learned, so that lists of documents look again. */
export const learned = signal(0);

const SENDING_MAX = 2;
const FILES_MAX = 500;
/* What the server takes as one upload, and as a name. */
const FILE_BYTES_MAX = 64 << 20;
const NAME_CHARS_MAX = 120;
const POLL_MS_MIN = 300;
const POLL_MS_MAX = 2000;
/* A server that restarts is given this many polls to come back. */
const POLL_FAILURES_MAX = 30;

const waiting: { item: Signal<LearnItem>; file: File }[] = [];
const aborts = new Map<string, AbortController>();
let sending = 0;
let keys = 0;

function add(name: string, size: number): Signal<LearnItem> {
  const item = signal<LearnItem>({ key: 'l' + ++keys, name, size, state: 'queued', progress: 0, note: '', job: null });
  learning.value = [...learning.peek(), item];
  return item;
}

function set(item: Signal<LearnItem>, fields: Partial<LearnItem>): void {
  item.value = { ...item.peek(), ...fields };
}

export interface NamedFile {
  file: File;
  name: string;
}

export function learnFiles(files: NamedFile[]): void {
  const taken = files.slice(0, FILES_MAX);
  if (taken.length < files.length) {
    notify(`Only the first ${FILES_MAX} files are taken. For more, add their folder under Knowledge.`, 'error');
  }
  for (const { file, name } of taken) {
    const item = add(name.slice(-NAME_CHARS_MAX), file.size);
    if (file.size === 0) set(item, { state: 'failed', note: 'The file is empty.', progress: null });
    else if (file.size > FILE_BYTES_MAX) set(item, { state: 'failed', note: TOO_LARGE, progress: null });
    else waiting.push({ item, file });
  }
  pump();
}

export async function learnPath(path: string): Promise<void> {
  const { job_id } = await api.learnPaths([path]);
  const item = add(path, 0);
  set(item, { state: 'learning', progress: null });
  void follow(item, job_id).finally(() => finished(item));
}

export function cancelLearning(item: Signal<LearnItem>): void {
  const { key, state, job } = item.peek();
  if (state === 'queued') {
    const at = waiting.findIndex((w) => w.item === item);
    if (at >= 0) waiting.splice(at, 1);
    set(item, { state: 'cancelled', note: 'Cancelled', progress: null });
  }
  aborts.get(key)?.abort();
  if (job) api.cancelJob(job.id).catch((e: unknown) => notify('Not cancelled: ' + reason(e), 'error'));
}

export function clearLearned(): void {
  learning.value = learning.peek().filter((i) => !isOver(i.peek()));
}

export function isOver(item: LearnItem): boolean {
  return item.state === 'done' || item.state === 'failed' || item.state === 'cancelled';
}

function pump(): void {
  while (sending < SENDING_MAX) {
    const next = waiting.shift();
    if (!next) return;
    sending++;
    void sendFile(next.item, next.file).finally(() => {
      sending--;
      finished(next.item);
      pump();
    });
  }
}

async function sendFile(item: Signal<LearnItem>, file: File): Promise<void> {
  const abort = new AbortController();
  aborts.set(item.peek().key, abort);
  set(item, { state: 'sending' });
  try {
    const { job_id } = await upload(file, item.peek().name, abort.signal, (sent) => set(item, { progress: sent }));
    set(item, { state: 'learning', progress: null });
    await follow(item, job_id);
  } catch (e) {
    if (isAbort(e)) set(item, { state: 'cancelled', note: 'Cancelled', progress: null });
    else set(item, { state: 'failed', note: refusal(e), progress: null });
  } finally {
    aborts.delete(item.peek().key);
  }
}

const TOO_LARGE = `Larger than ${bytes(FILE_BYTES_MAX)}. Add it by its path under Knowledge.`;

function refusal(e: unknown): string {
  return e instanceof ApiError && e.status === 413 ? TOO_LARGE : reason(e);
}

/* Asks for the job until it ends. */
async function follow(item: Signal<LearnItem>, job_id: string): Promise<void> {
  let wait_ms = POLL_MS_MIN;
  let failures = 0;
  for (;;) {
    try {
      const job = await api.job(job_id);
      failures = 0;
      set(item, { job, progress: job.files_total > 1 ? job.files_done / job.files_total : null });
      if (job.state !== 'running') return conclude(item, job);
    } catch (e) {
      /* A job that is gone, or a session that ended, will not come back by asking again. */
      const lost = e instanceof ApiError && e.status >= 400 && e.status < 500;
      if (lost || ++failures > POLL_FAILURES_MAX) return set(item, { state: 'failed', note: reason(e), progress: null });
    }
    await new Promise((resolve) => setTimeout(resolve, wait_ms));
    wait_ms = Math.min(POLL_MS_MAX, wait_ms * 1.4);
  }
}

function conclude(item: Signal<LearnItem>, job: Job): void {
  const note = summary(job);
  if (job.state === 'cancelled') return set(item, { state: 'cancelled', note: 'Cancelled', progress: null });
  const nothing = job.added + job.updated + job.unchanged + job.duplicates === 0;
  const failed = job.state === 'failed' || (nothing && job.errors.length > 0);
  set(item, { state: failed ? 'failed' : 'done', note, progress: null });
}

/* One line about what a job came to. */
export function summary(job: Job): string {
  const first = job.errors[0];
  if (job.files_total <= 1) {
    if (first) return first.error;
    if (job.added > 0) return 'Learned';
    if (job.updated > 0) return 'Learned the new version';
    if (job.duplicates > 0) return 'The same text is already known';
    if (job.unchanged > 0) return 'Already known';
    return job.state === 'failed' ? 'Could not be learned' : 'Nothing found to learn';
  }
  const parts: string[] = [];
  if (job.added > 0) parts.push(`${plural(job.added, 'document')} learned`);
  if (job.updated > 0) parts.push(`${job.updated} updated`);
  if (job.unchanged > 0) parts.push(`${job.unchanged} unchanged`);
  if (job.duplicates > 0) parts.push(plural(job.duplicates, 'duplicate'));
  if (job.removed > 0) parts.push(`${job.removed} removed`);
  if (job.failed > 0) parts.push(`${job.failed} failed`);
  if (job.skipped > 0) parts.push(`${job.skipped} skipped as empty`);
  return parts.join(', ') || 'Nothing found to learn';
}

function finished(item: Signal<LearnItem>): void {
  const { name, note, state } = item.peek();
  announce(`${name}: ${note}`);
  if (state === 'done') learned.value++;
}

/* Everything that was dropped, folders included. Must be called inside the drop event: the list dies with it. */
export async function droppedFiles(data: DataTransfer): Promise<NamedFile[]> {
  const entries = [...data.items].map((i) => i.webkitGetAsEntry?.()).filter((e): e is FileSystemEntry => e != null);
  if (entries.length === 0) return [...data.files].map((file) => ({ file, name: file.name }));
  const files: NamedFile[] = [];
  for (const entry of entries) await collect(entry, '', files);
  return files;
}

async function collect(entry: FileSystemEntry, folder: string, files: NamedFile[]): Promise<void> {
  if (files.length > FILES_MAX || entry.name.startsWith('.')) return;
  const name = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File | null>((ok) => (entry as FileSystemFileEntry).file(ok, () => ok(null)));
    if (file) files.push({ file, name });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((ok) => reader.readEntries(ok, () => ok([])));
    if (batch.length === 0) return;
    /* A name must stay one name on the server, so folders are joined with a dash. */
    for (const child of batch) await collect(child, name + ' - ', files);
  }
}
