/* Typed client of the server's HTTP interface: one function per call the page makes.
 *
 * Every failure is an ApiError, with the server's problem text where it sent one. The hooks tell the rest of the page
 * about a lost session or an unreachable server, so that no caller has to. Nothing is cached or retried here. */

import { amount, moment, type Unit } from './format.ts';

export interface Source {
  document: string;
  document_id: string;
  title: string;
  location: string;
  quote: string;
  start: number;
  end: number;
  score?: number;
}

/* A budget that is used up. */
export interface Broke {
  budget: string;
  unit: Unit;
  period: string;
  limit: number;
  resets_at: string;
}

/* A word that was mistyped. */
export interface ReadAs {
  typed: string;
  as: string;
}

export interface Receipt {
  level: string;
  brand: string;
  why_stopped: string;
  tokens_in: number;
  tokens_out: number;
  cost_microusd: number;
  latency_ms: number;
  first_token_ms: number;
  cached: boolean;
  node: string;
  sources: Source[];
  /* A level that was not asked for want of money. */
  skipped?: { level: string } & Broke;
  read_as?: ReadAs[];
  stopped?: boolean;
}

export interface Answer {
  conversation_id: string;
  message_id: string;
  answer: string;
  answered: boolean;
  kept?: boolean;
  receipt: Receipt;
}

export interface AnswerStart {
  conversation_id: string;
  message_id: string;
  user_message_id: string;
}

export interface Conversation {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
  messages: number;
}

export interface StoredMessage {
  id: string;
  role: 'user' | 'assistant';
  text: string;
  created_at: string;
  answered?: boolean;
  receipt?: Receipt | null;
  vote?: number;
}

export interface DocumentInfo {
  id: string;
  document: string;
  source: string;
  title: string;
  bytes: number;
  chunks: number;
  vectors: number;
  learned_at: string;
}

export interface Heading {
  start: number;
  level: number;
  text: string;
}

export interface StoredDocument {
  id: string;
  document: string;
  title: string;
  mime: string;
  text: string;
  headings: Heading[];
  learned_at: string;
}

export interface Passage {
  document: string;
  document_id: string;
  title: string;
  location: string;
  score: number;
  text: string;
  start: number;
  end: number;
}

export interface Job {
  id: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  phase: string;
  /* Why it waits for the database. */
  waiting?: string;
  files_total: number;
  files_done: number;
  added: number;
  updated: number;
  unchanged: number;
  removed: number;
  duplicates: number;
  failed: number;
  skipped: number;
  bytes_done: number;
  rate_files_s: number;
  eta_s: number;
  errors: { document: string; error: string }[];
}

export interface Status {
  version: string;
  nod: number;
  uptime_s: number;
  degraded: boolean;
  levels: string[];
  store: string;
  knowledge: { documents: number; chunks: number; vectors: number };
  learning?: { active: boolean; vectors_pending: number; second_pending: number; rate_s: number; eta_s: number };
}

/* Who is signed in. */
export interface Me {
  id: string;
  email: string;
  name: string;
  role: 'owner' | 'admin' | 'member' | 'guest' | 'agent';
  tier: string;
  /* Has a second factor; must have one. */
  totp: boolean;
  totp_required: boolean;
  /* False: the owner, before there is an account. */
  account: boolean;
}

export class ApiError extends Error {
  /* 0 where there was no answer at all. */
  readonly status: number;
  readonly title: string;
  /* The request id, for whoever reads the server's log. */
  readonly instance: string;
  /* The last part of the problem's type, such as "too-many-tries". */
  readonly slug: string;
  /* How long the server wants to be left alone; 0: it does not say. */
  readonly wait_s: number;

  constructor(status: number, title: string, detail: string, instance = '', slug = '', wait_s = 0) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.instance = instance;
    this.slug = slug;
    this.wait_s = wait_s;
  }
}

export const hooks = {
  unauthorised: (): void => undefined,
  reachable: (_yes: boolean): void => undefined,
  /* A refusal (403) that whoever sits here may be able to lift. True: it was lifted, the call is made once more. */
  refused: async (_problem: ApiError): Promise<boolean> => false,
};

const UNREACHABLE = 'The server does not answer.';

interface Options {
  body?: unknown;
  signal?: AbortSignal | undefined;
  keepalive?: boolean;
  accept?: string;
  /* The sign-in calls handle a 401 themselves. */
  quiet?: boolean;
  /* It was refused before. */
  again?: boolean;
}

export function isAbort(e: unknown): boolean {
  return e instanceof DOMException && e.name === 'AbortError';
}

/* What to tell a person about anything that was thrown. */
export function reason(e: unknown): string {
  return e instanceof Error && e.message !== '' ? e.message : 'Something went wrong.';
}

/* Sends one request; throws ApiError for every answer that is not 2xx. */
export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin', cache: 'no-store' };
  if (options.signal) init.signal = options.signal;
  if (options.keepalive) init.keepalive = true;
  if (options.accept) init.headers = { Accept: options.accept };
  if (options.body !== undefined) {
    init.headers = { ...init.headers, 'Content-Type': 'application/json' };
    init.body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (e) {
    if (isAbort(e)) throw e;
    hooks.reachable(false);
    throw new ApiError(0, 'Unreachable', UNREACHABLE);
  }
  hooks.reachable(true);
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && !options.quiet) hooks.unauthorised();
  if (problem.status === 403 && !options.again && (await hooks.refused(problem))) {
    return send(method, path, { ...options, again: true });
  }
  throw problem;
}

async function problemOf(response: Response): Promise<ApiError> {
  const body = await response.text().catch(() => '');
  const wait_s = Number(response.headers.get('retry-after'));
  return problemFrom(response.status, body, wait_s > 0 ? wait_s : 0);
}

/* Where the server's words are for programs, in words for people. */
const TEXTS: Record<string, string> = {
  'totp-enrolment-required': 'Your role needs a second factor for this. Set it up under Account.',
  'step-up-required': 'This needs a fresh proof that it is you.',
  'rate-limited': 'That was often in a short time.',
};

/* Which budget, how much it grants, and when again. */
export function usedUp({ budget, unit, period, limit, resets_at }: Partial<Broke>): string {
  if (!budget || !unit || limit === undefined || !resets_at) return '';
  return `“${budget}” grants ${amount(unit, limit)} a ${period}. Ask an administrator for more, or come back after ${moment(resets_at)}.`;
}

export function problemFrom(status: number, body: string, wait_s = 0): ApiError {
  const fallback = `The server answered ${status}.`;
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem === 'object' && problem !== null) {
      const field = (name: string): string => {
        const value = (problem as Record<string, unknown>)[name];
        return typeof value === 'string' ? value : '';
      };
      const slug = field('type').slice(field('type').lastIndexOf('/') + 1);
      return new ApiError(status, field('title') || fallback, TEXTS[slug] ?? ((slug === 'budget-exceeded' && usedUp(problem as Partial<Broke>)) || field('detail')), field('instance'), slug, wait_s);
    }
  } catch {
    /* Not JSON: a proxy's page or an empty body. */
  }
  return new ApiError(status, fallback, '', '', '', wait_s);
}

export async function json<T>(method: string, path: string, options?: Options): Promise<T> {
  const response = await send(method, path, options);
  try {
    return (await response.json()) as T;
  } catch (e) {
    if (isAbort(e)) throw e;
    throw new ApiError(response.status, 'Unreadable answer', 'The answer was cut off.');
  }
}

function query(fields: Record<string, string | number | undefined | null>): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null && value !== '') q.set(name, String(value));
  }
  const s = q.toString();
  return s === '' ? '' : '?' + s;
}

const id = encodeURIComponent;

export const api = {
  session: () => json<Me>('GET', '/api/session', { quiet: true }),
  signIn: (token: string) => send('POST', '/api/session', { body: { token }, quiet: true }),
  signOut: () => send('DELETE', '/api/session', { quiet: true }),
  status: (signal?: AbortSignal) => json<Status>('GET', '/api/status', { signal }),
  alive: () => send('GET', '/health', { quiet: true }),

  ask: (body: { message: string; conversation_id?: string; retry_of?: string }, signal: AbortSignal) =>
    send('POST', '/api/chat/message', { body: { ...body, stream: true }, signal }),
  conversations: (before?: string | null, limit = 50) =>
    json<{ conversations: Conversation[]; next: string | null }>('GET', '/api/chat/history' + query({ limit, before })),
  messages: (conversation_id: string, before?: string | null) =>
    json<{ conversation: Conversation; messages: StoredMessage[]; next: string | null }>(
      'GET',
      '/api/chat/history' + query({ conversation_id, limit: 100, before }),
    ),
  rename: (conversation: string, title: string) =>
    send('PATCH', '/api/chat/history/' + id(conversation), { body: { title } }),
  forget: (conversation: string) => send('DELETE', '/api/chat/history/' + id(conversation), { keepalive: true }),
  vote: (message_id: string, vote: number) => send('POST', '/api/chat/vote', { body: { message_id, vote } }),

  documents: (q: string, after?: string | null, signal?: AbortSignal, limit = 50) =>
    json<{ documents: DocumentInfo[]; next: string | null }>(
      'GET',
      '/api/crawler/documents' + query({ limit, after, q }),
      { signal },
    ),
  document: (document: string, signal?: AbortSignal) =>
    json<StoredDocument>('GET', '/api/crawler/documents/' + id(document), { signal }),
  unlearn: (document: string) => send('DELETE', '/api/crawler/documents/' + id(document), { keepalive: true }),
  passages: (q: string, k: number, signal?: AbortSignal) =>
    json<{ results: Passage[]; read_as?: ReadAs[] }>('GET', '/api/crawler/knowledge' + query({ q, k }), { signal }),
  learnPaths: (paths: string[]) => json<{ job_id: string }>('POST', '/api/crawler/learn', { body: { paths } }),
  job: (job: string) => json<Job>('GET', '/api/crawler/jobs/' + id(job)),
  cancelJob: (job: string) => send('DELETE', '/api/crawler/jobs/' + id(job)),
};

/* Uploads one file to be learned. XMLHttpRequest, because fetch does not tell how much was sent. */
export function upload(
  file: File,
  name: string,
  signal: AbortSignal,
  progress: (sent: number) => void,
): Promise<{ job_id: string }> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = (): void => xhr.abort();
    signal.addEventListener('abort', stop, { once: true });
    xhr.open('POST', '/api/crawler/learn' + query({ name }));
    xhr.setRequestHeader('Content-Type', 'application/octet-stream');
    xhr.upload.onprogress = (e) => progress(e.total > 0 ? e.loaded / e.total : 0);
    xhr.onabort = () => reject(new DOMException('Cancelled', 'AbortError'));
    /* A server that refuses a large body may close before all of it was sent; then no status arrives. */
    xhr.onerror = () => reject(new ApiError(0, 'Unreachable', 'The file could not be sent.'));
    xhr.onload = () => {
      if (xhr.status === 401) hooks.unauthorised();
      if (xhr.status < 200 || xhr.status > 299) return reject(problemFrom(xhr.status, xhr.responseText));
      try {
        resolve(JSON.parse(xhr.responseText) as { job_id: string });
      } catch {
        reject(new ApiError(xhr.status, 'Unreadable answer', 'The server sent an unreadable answer.'));
      }
    };
    xhr.onloadend = () => signal.removeEventListener('abort', stop);
    xhr.send(file);
  });
}
