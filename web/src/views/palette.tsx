/* Ctrl+K or ⌘K: a new chat, any conversation, any place, from the keyboard. */

import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { fold } from '../excerpt.ts';
import { icons } from '../icons.tsx';
import { goChat, goKnowledge } from '../route.ts';
import { conversations, conversationsNext, moreConversations, startNew } from '../store.ts';
import { isDark, switchTheme } from '../look.ts';

const open = signal(false);

export function openPalette(): void {
  open.value = true;
}

interface Entry {
  key: string;
  label: string;
  icon: JSX.Element;
  hint: string;
  run: () => void;
}

const RESULTS_MAX = 40;

function entries(q: string): Entry[] {
  const words = fold(q).split(/\s+/).filter((w) => w !== '');
  const fits = (text: string): boolean => words.every((w) => fold(text).includes(w));
  const places: Entry[] = [
    { key: 'new', label: 'New chat', icon: icons.compose, hint: '', run: startNew },
    { key: 'knowledge', label: 'Knowledge', icon: icons.book, hint: '', run: goKnowledge },
    { key: 'genom', label: 'GENOM: words as points', icon: icons.quote, hint: '', run: () => location.assign('/genom') },
    { key: 'account', label: 'Account', icon: icons.person, hint: '', run: () => location.assign('/account') },
    { key: 'theme', label: isDark.value ? 'Switch to light' : 'Switch to dark', icon: isDark.value ? icons.sun : icons.moon, hint: '', run: switchTheme },
  ];
  const chats = conversations.value
    .filter((c) => fits(c.title))
    .map((c): Entry => ({ key: c.id, label: c.title || 'Untitled', icon: icons.chat, hint: 'chat', run: () => goChat(c.id) }));
  return [...places.filter((p) => fits(p.label)), ...chats].slice(0, RESULTS_MAX);
}

export function Palette(): JSX.Element | null {
  return open.value ? <PaletteDialog /> : null;
}

function PaletteDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const found = entries(q);
  const chosen = Math.min(at, found.length - 1);

  /* Before the next key arrives: what is typed right after Ctrl+K belongs to the field. */
  useLayoutEffect(() => {
    const d = dialog.current;
    d?.showModal();
    return () => d?.close();
  }, []);
  /* Searching means all conversations, not only the first page of them. */
  const more = conversationsNext.value;
  useEffect(() => {
    if (q !== '' && more !== null) void moreConversations();
  }, [q, more]);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const run = (entry: Entry | undefined): void => {
    open.value = false;
    entry?.run();
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Search conversations and commands"
      onClose={() => {
        /* The event comes later: by then this one may be gone, and another open. */
        if (dialog.current) open.value = false;
      }}
      onClick={(e) => {
        if (e.target === dialog.current) open.value = false;
      }}
    >
      <div class="palette-field">
        {icons.search}
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found.length > 0 ? `palette-${chosen}` : undefined}
          aria-label="Search conversations"
          aria-autocomplete="list"
          placeholder="Search conversations"
          autocomplete="off"
          autofocus
          value={q}
          onInput={(e) => {
            setQ(e.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(e) => {
            const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
            if (step !== 0 && found.length > 0) {
              e.preventDefault();
              setAt((chosen + step + found.length) % found.length);
            }
            if (e.key === 'Enter' && !e.isComposing) {
              e.preventDefault();
              run(found[chosen]);
            }
          }}
        />
        <kbd>Esc</kbd>
      </div>
      <ul id="palette-list" role="listbox" aria-label="Results" ref={list}>
        {found.map((entry, i) => (
          <li
            key={entry.key}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === chosen}
            onPointerMove={() => setAt(i)}
            onClick={() => run(entry)}
          >
            {entry.icon}<span dir="auto">{entry.label}</span>{entry.hint ? <small>{entry.hint}</small> : null}
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="quiet pad" role="status">Nothing has that in its title.</p> : null}
    </dialog>
  );
}
