/* The conversation itself: its messages, kept at the end while an answer is written unless the reader scrolled away. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { icons } from '../icons.tsx';
import { currentTitle, startNew, thread as shown } from '../store.ts';
import type { Thread } from '../thread.ts';
import { Composer } from './composer.tsx';
import { Empty } from './empty.tsx';
import { MessageView } from './message.tsx';
import { StatusLine } from './statusline.tsx';

/* Within this distance of the end the reader counts as reading along. */
const NEAR_END_PX = 40;
const QUESTION_MARGIN_PX = 20;

export function ChatView(): JSX.Element {
  const thread = shown.value;
  const fresh = thread.id.value === null && thread.messages.value.length === 0;
  return (
    <main class={fresh ? 'chat fresh' : 'chat'} id="main" tabIndex={-1}>
      <h1 class="sr-only">{currentTitle.value || 'New chat'}</h1>
      {fresh ? <Empty thread={thread} /> : <Messages key={thread.key} thread={thread} />}
      <div class="dock">
        <Composer key={thread.key} thread={thread} />
        <StatusLine />
      </div>
    </main>
  );
}

function Messages({ thread }: { thread: Thread }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);
  const messages = thread.messages.value;

  const toEnd = (): void => {
    const b = box.current;
    if (b) b.scrollTop = b.scrollHeight;
  };
  /* Follows an answer while it is written. What comes after its text (sources, tools) must not push the question out. */
  const follow = (): void => {
    const b = box.current;
    if (!b || !following.current) return;
    if (thread.busy.peek()) return toEnd();
    const question = column.current?.querySelectorAll<HTMLElement>('.message.user');
    const top = question?.[question.length - 1]?.offsetTop ?? 0;
    b.scrollTop = Math.max(b.scrollTop, top - QUESTION_MARGIN_PX);
  };
  const onScroll = (): void => {
    const b = box.current;
    if (!b) return;
    const below = b.scrollHeight - b.scrollTop - b.clientHeight;
    /* The least move upwards means: let me read. */
    if (b.scrollTop < lastTop.current - 1) following.current = false;
    else if (below < NEAR_END_PX) following.current = true;
    lastTop.current = b.scrollTop;
    setAway(below > b.clientHeight * (thread.busy.peek() ? 0.15 : 0.8));
  };
  /* Text grows without a new message, so the size of the column is watched, not the list. */
  useEffect(() => {
    const observer = new ResizeObserver(follow);
    if (column.current) observer.observe(column.current);
    return () => observer.disconnect();
  }, [thread]);
  /* A question of one's own is always brought into view, and so is the end of a thread just opened. */
  const newest = messages.at(-1)?.peek().key;
  const [first, setFirst] = useState(messages[0]?.peek().key);
  useLayoutEffect(() => {
    following.current = true;
    follow();
  }, [newest]);
  /* When earlier messages arrive above, what is being read stays where it is. */
  const height = useRef(0);
  useLayoutEffect(() => {
    const b = box.current;
    const now = messages[0]?.peek().key;
    if (b && first !== undefined && now !== first && messages.some((m) => m.peek().key === first)) {
      b.scrollTop += b.scrollHeight - height.current;
    }
    setFirst(now);
    height.current = b?.scrollHeight ?? 0;
  });

  return (
    <div class="messages-box">
      <div class="messages" ref={box} onScroll={onScroll} tabIndex={0} role="region" aria-label="Messages">
        <div class="column" ref={column}>
          {thread.earlier.value !== null ? (
            <button type="button" class="secondary centre" disabled={thread.loading.value} onClick={() => void thread.loadEarlier()}>
              Show earlier messages
            </button>
          ) : null}
          {messages.map((m, i) => <MessageView key={m.peek().key} message={m} thread={thread} last={i === messages.length - 1} />)}
          <Trouble thread={thread} />
        </div>
      </div>
      {away ? (
        <button type="button" class="to-end" aria-label="Go to the newest message" title="Newest message" onClick={() => { following.current = true; toEnd(); }}>
          {icons.arrowDown}
        </button>
      ) : null}
    </div>
  );
}

function Trouble({ thread }: { thread: Thread }): JSX.Element | null {
  if (thread.loading.value && thread.messages.value.length === 0) {
    return <div class="skeleton wide" aria-label="Loading the conversation" role="status"><i /><i /><i /></div>;
  }
  if (thread.missing.value) {
    return (
      <div class="ending" role="alert">
        <p>This conversation does not exist any more.</p>
        <button type="button" class="secondary" onClick={startNew}>{icons.compose}New chat</button>
      </div>
    );
  }
  if (thread.error.value !== '') {
    return (
      <div class="ending bad" role="alert">
        <p>The conversation could not be loaded. {thread.error.value}</p>
        <button type="button" class="secondary" onClick={() => void thread.load()}>{icons.retry}Try again</button>
      </div>
    );
  }
  return null;
}
