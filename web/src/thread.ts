/* One conversation as the page holds it: its messages, and the answer that is being written.
 *
 * A thread outlives its view, so an answer keeps arriving while the reader looks at something else. Each message is a
 * signal of its own: a token then redraws one message. Nothing here touches the DOM. */

import { signal, type Signal } from '@preact/signals';
import { api, ApiError, isAbort, problemFrom, reason } from './api.ts';
import type { Answer, AnswerStart, Receipt, Source, StoredMessage } from './api.ts';
import { readEvents } from './sse.ts';
import { announce } from './state.ts';

/* waiting: nothing came yet; broken: the stream ended early; failed: no answer, `problem` says why. */
export type Phase = 'done' | 'waiting' | 'streaming' | 'stopped' | 'broken' | 'failed';

export interface Message {
  key: string;
  id: string | null;
  role: 'user' | 'assistant';
  text: string;
  phase: Phase;
  answered: boolean;
  kept: boolean;
  sources: Source[];
  receipt: Receipt | null;
  vote: number;
  problem: string;
  /* Of the problem, such as "budget-exceeded". */
  slug: string;
  /* When it may be asked again, in ms; 0: at once. */
  again_ms: number;
}

/* The server pings every 15 s; three missed pings mean that the connection is dead. */
const SILENCE_MS = 45_000;

let keys = 0;

/* Fields that a server of another version leaves out must not stop the page from showing the rest. */
function whole(receipt: Partial<Receipt> | null | undefined): Receipt | null {
  if (!receipt) return null;
  return {
    level: '', brand: '', why_stopped: '', tokens_in: 0, tokens_out: 0, cost_microusd: 0, latency_ms: 0, first_token_ms: 0,
    cached: false, node: '', sources: [], ...receipt,
  };
}

function message(role: Message['role'], fields: Partial<Message>): Message {
  return {
    key: 'm' + ++keys,
    id: null,
    role,
    text: '',
    phase: 'done',
    answered: true,
    kept: true,
    sources: [],
    receipt: null,
    vote: 0,
    problem: '',
    slug: '',
    again_ms: 0,
    ...fields,
  };
}

function fromStored(m: StoredMessage): Message {
  const cancelled = m.receipt?.stopped === true || m.receipt?.why_stopped === 'cancelled';
  return message(m.role, {
    id: m.id,
    text: m.text,
    phase: cancelled ? 'stopped' : 'done',
    answered: m.answered !== false,
    sources: m.receipt?.sources ?? [],
    receipt: whole(m.receipt),
    vote: m.vote ?? 0,
  });
}

export class Thread {
  readonly key: string;
  readonly id: Signal<string | null>;
  readonly messages = signal<Signal<Message>[]>([]);
  readonly title = signal('');
  readonly loading = signal(false);
  readonly error = signal('');
  readonly missing = signal(false);
  /* Cursor of the messages before the first one shown. */
  readonly earlier = signal<string | null>(null);
  readonly busy = signal(false);
  #abort: AbortController | null = null;
  /* Called when the server names the conversation, and after each answer. */
  onStart: (conversation: string) => void = () => undefined;
  onDone: () => void = () => undefined;
  /* Called with the text of a question that never reached the server. */
  onUnsent: (text: string) => void = () => undefined;

  constructor(id: string | null) {
    this.key = 't' + ++keys;
    this.id = signal(id);
  }

  async load(): Promise<void> {
    const id = this.id.peek();
    if (id === null || this.loading.peek() || this.busy.peek()) return;
    this.loading.value = true;
    this.error.value = '';
    try {
      const page = await api.messages(id);
      this.title.value = page.conversation.title;
      this.messages.value = page.messages.map((m) => signal(fromStored(m)));
      this.earlier.value = page.next;
    } catch (e) {
      this.missing.value = e instanceof ApiError && e.status === 404;
      this.error.value = reason(e);
    } finally {
      this.loading.value = false;
    }
  }

  async loadEarlier(): Promise<void> {
    const id = this.id.peek();
    const cursor = this.earlier.peek();
    if (id === null || cursor === null || this.loading.peek()) return;
    this.loading.value = true;
    try {
      const page = await api.messages(id, cursor);
      this.messages.value = [...page.messages.map((m) => signal(fromStored(m))), ...this.messages.peek()];
      this.earlier.value = page.next;
    } catch (e) {
      this.error.value = reason(e);
    } finally {
      this.loading.value = false;
    }
  }

  ask(text: string): void {
    if (this.busy.peek()) return;
    const question = signal(message('user', { text }));
    const answer = signal(message('assistant', { phase: 'waiting' }));
    this.messages.value = [...this.messages.peek(), question, answer];
    void this.#run(text, question, answer, null);
  }

  /* Asks the question of this answer again; the new answer takes its place. */
  retry(answer: Signal<Message>): void {
    if (this.busy.peek()) return;
    const all = this.messages.peek();
    const question = all[all.indexOf(answer) - 1];
    if (!question || question.peek().role !== 'user') return;
    const replaced = answer.peek().id;
    /* Until the server names the new answer, another retry still means the old one. */
    const fresh = signal(message('assistant', { phase: 'waiting', id: replaced }));
    this.messages.value = all.map((m) => (m === answer ? fresh : m));
    void this.#run(question.peek().text, question, fresh, replaced);
  }

  stop(): void {
    this.#abort?.abort();
  }

  async vote(target: Signal<Message>, vote: number): Promise<void> {
    const before = target.peek();
    if (before.id === null) return;
    target.value = { ...before, vote };
    try {
      await api.vote(before.id, vote);
    } catch (e) {
      target.value = { ...target.peek(), vote: before.vote };
      throw e;
    }
  }

  async #run(text: string, question: Signal<Message>, answer: Signal<Message>, retry_of: string | null) {
    const abort = new AbortController();
    this.#abort = abort;
    this.busy.value = true;
    const stream = new AnswerStream(answer);
    const body: Parameters<typeof api.ask>[0] = { message: text };
    const id = this.id.peek();
    if (id !== null) body.conversation_id = id;
    if (retry_of !== null) body.retry_of = retry_of;
    try {
      const response = await api.ask(body, abort.signal);
      await stream.read(response, (start) => {
        question.value = { ...question.peek(), id: start.user_message_id };
        if (this.id.peek() !== null) return;
        this.id.value = start.conversation_id;
        this.onStart(start.conversation_id);
      });
    } catch (e) {
      stream.fail(e);
      /* A lost session must not cost the reader the question: it goes back into the composer. */
      if (e instanceof ApiError && e.status === 401 && retry_of === null) {
        this.messages.value = this.messages.peek().filter((m) => m !== question && m !== answer);
        this.onUnsent(text);
      }
    } finally {
      stream.flush();
      this.#abort = null;
      this.busy.value = false;
      if (answer.peek().phase === 'done') announce('Answer: ' + answer.peek().text.slice(0, 1000));
      this.onDone();
    }
  }
}

/* Writes the events of one answer into its message, tokens gathered to one update a frame. */
class AnswerStream {
  #answer: Signal<Message>;
  #text = '';
  #scheduled = false;

  constructor(answer: Signal<Message>) {
    this.#answer = answer;
  }

  async read(response: Response, onStart: (start: AnswerStart) => void): Promise<void> {
    if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      const answer = (await response.json()) as Answer;
      onStart({ ...answer, user_message_id: '' });
      this.#finish(answer);
      return;
    }
    if (!response.body) throw new ApiError(0, 'No answer', 'The server sent nothing.');
    for await (const event of readEvents(response.body, SILENCE_MS)) {
      const data = JSON.parse(event.data) as unknown;
      if (event.name === 'start') {
        const start = data as AnswerStart;
        this.#set({ id: start.message_id });
        onStart(start);
      } else if (event.name === 'sources') {
        this.#set({ sources: (data as { sources: Source[] }).sources });
      } else if (event.name === 'token') {
        this.#text += (data as { text: string }).text;
        this.#schedule();
      } else if (event.name === 'done') {
        this.#finish(data as Answer);
        return;
      } else if (event.name === 'error') {
        throw problemFrom(0, event.data);
      }
    }
    throw new ApiError(0, 'Cut off', 'The connection was lost before the answer was complete.');
  }

  /* What came stays; the phase tells the reader why there is no more of it. */
  fail(e: unknown): void {
    this.flush();
    if (isAbort(e)) {
      announce('Stopped');
      this.#set({ phase: 'stopped' });
      return;
    }
    /* A body that breaks off throws the browser's own words. */
    const problem = e instanceof TypeError ? 'The connection was lost.' : reason(e);
    announce(problem);
    const { slug, wait_s } = e instanceof ApiError ? e : { slug: '', wait_s: 0 };
    this.#set({ phase: this.#text === '' ? 'failed' : 'broken', problem, slug, again_ms: wait_s > 0 ? Date.now() + wait_s * 1000 : 0 });
  }

  flush(): void {
    this.#scheduled = false;
    const now = this.#answer.peek();
    if (this.#text === '' || now.text === this.#text || now.phase === 'done') return;
    this.#set({ text: this.#text, phase: 'streaming' });
  }

  #finish(answer: Answer): void {
    this.#scheduled = false;
    this.#set({
      id: answer.message_id,
      text: answer.answer,
      phase: 'done',
      answered: answer.answered !== false,
      kept: answer.kept !== false,
      receipt: whole(answer.receipt),
      sources: answer.receipt?.sources ?? this.#answer.peek().sources,
    });
  }

  /* A hidden page gets no animation frames, yet its answer must go on. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const run = (): void => {
      if (this.#scheduled) this.flush();
    };
    if (document.hidden) setTimeout(run, 100);
    else requestAnimationFrame(run);
  }

  #set(fields: Partial<Message>): void {
    this.#answer.value = { ...this.#answer.peek(), ...fields };
  }
}
