/* One conversation in the list: open, rename in place, delete. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Conversation } from '../api.ts';
import { icons } from '../icons.tsx';
import { formatRoute, goChat } from '../route.ts';
import { busyThreads, deleteConversation, renameConversation } from '../store.ts';
import { drawerOpen } from './sidebar.tsx';

/* The server takes 512 bytes. */
const TITLE_CHARS_MAX = 120;

export function ConversationRow({ conversation, current }: { conversation: Conversation; current: boolean }): JSX.Element {
  const [editing, setEditing] = useState(false);
  const { id } = conversation;
  const title = conversation.title || 'Untitled';
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  /* The field that had the focus is gone. */
  const wasEditing = useRef(false);
  useLayoutEffect(() => {
    if (wasEditing.current && !editing) row.current?.querySelector<HTMLElement>('a')?.focus();
    wasEditing.current = editing;
  }, [editing]);

  if (editing) {
    return (
      <li ref={row}>
        <RenameField
          title={title}
          done={(to) => {
            setEditing(false);
            if (to !== null && to !== title) void renameConversation(id, to);
          }}
        />
      </li>
    );
  }
  return (
    <li ref={row} class={current ? 'conversation current' : 'conversation'}>
      <a
        href={formatRoute({ view: 'chat', conversation: id, panel: null })}
        title={title}
        aria-current={current ? 'page' : undefined}
        onClick={(e) => {
          if (e.ctrlKey || e.metaKey || e.shiftKey) return;
          e.preventDefault();
          goChat(id);
          drawerOpen.value = false;
        }}
        onKeyDown={(e) => {
          if (e.key === 'F2') setEditing(true);
          if (e.key === 'Delete') deleteConversation(id);
        }}
      >
        <span dir="auto">{title}</span>
        {busyThreads.value.includes(id) ? <i class="pulse" role="img" aria-label="being answered" /> : null}
      </a>
      <span class="conversation-tools">
        <button type="button" class="icon-button small" aria-label={`Rename ${title}`} title="Rename (F2)" onClick={() => setEditing(true)}>
          {icons.edit}
        </button>
        <button type="button" class="icon-button small" aria-label={`Delete ${title}`} title="Delete" onClick={() => deleteConversation(id)}>
          {icons.trash}
        </button>
      </span>
    </li>
  );
}

function RenameField({ title, done }: { title: string; done: (to: string | null) => void }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  /* Leaving the field keeps the change; the blur that follows Enter or Escape must not count again. */
  const finish = (keep: boolean): void => {
    if (over.current) return;
    over.current = true;
    const value = field.current?.value.trim() ?? '';
    done(keep && value !== '' ? value : null);
  };
  return (
    <input
      ref={field}
      class="rename"
      aria-label="Conversation title"
      defaultValue={title}
      maxLength={TITLE_CHARS_MAX}
      onBlur={() => finish(true)}
      onKeyDown={(e) => {
        if (e.key === 'Enter') finish(true);
        if (e.key === 'Escape') {
          e.stopPropagation();
          finish(false);
        }
      }}
    />
  );
}
