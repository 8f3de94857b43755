/* Reads server-sent events out of a fetch body.
 *
 * EventSource cannot POST and hides the status code, so the stream is parsed here: SseParser is pure (text in, events
 * out), readEvents drives it from a body and gives up when the server has been silent for longer than its pings allow.
 * It is not a reconnecting client: an answer that breaks off is shown as far as it came and retried by the reader. */

export interface SseEvent {
  name: string;
  data: string;
}

/* An event larger than this is not one of ours; the whole answer with its sources stays far below. */
const EVENT_CHARS_MAX = 4 << 20;

export class SseParser {
  #line = '';
  #name = '';
  #data: string[] = [];
  #size = 0;
  #sawReturn = false;

  /* Takes any slice of the stream and returns the events that it completes. */
  feed(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c !== 10 && c !== 13) {
        this.#sawReturn = false;
        continue;
      }
      /* The line feed of a CRLF ends no second line, even when the pair is cut in two. */
      if (c === 10 && this.#sawReturn && i === from) {
        this.#sawReturn = false;
        from = i + 1;
        continue;
      }
      this.#sawReturn = c === 13;
      this.#takeLine(this.#line + text.slice(from, i), events);
      this.#line = '';
      from = i + 1;
    }
    this.#line += text.slice(from);
    if (this.#line.length + this.#size > EVENT_CHARS_MAX) throw new Error('The stream holds an oversized event');
    return events;
  }

  #takeLine(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ name: this.#name || 'message', data: this.#data.join('\n') });
      this.#name = '';
      this.#data = [];
      this.#size = 0;
      return;
    }
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'event') this.#name = value;
    if (field === 'data') {
      this.#data.push(value);
      this.#size += value.length;
      if (this.#size > EVENT_CHARS_MAX) throw new Error('The stream holds an oversized event');
    }
  }
}

/* Yields the events of a body until it ends. Throws when it breaks or stays silent for idle_ms. */
export async function* readEvents(body: ReadableStream<Uint8Array>, idle_ms: number): AsyncGenerator<SseEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await withDeadline(reader.read(), idle_ms);
      if (done) return;
      yield* parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The server stopped sending')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
