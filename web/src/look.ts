/* Light or dark, and the browser's storage where the choice is kept; shared by all pages. */

import { computed, signal } from '@preact/signals';

type Theme = 'system' | 'light' | 'dark';
const THEME_KEY = 'sky.theme';

export function storageGet(store: 'local' | 'session', key: string): string | null {
  try {
    return (store === 'local' ? localStorage : sessionStorage).getItem(key);
  } catch {
    return null;
  }
}

/* Storage may be full or switched off; the page then works without memory. */
export function storageSet(store: 'local' | 'session', key: string, value: string | null): void {
  try {
    const s = store === 'local' ? localStorage : sessionStorage;
    if (value === null) s.removeItem(key);
    else s.setItem(key, value);
  } catch {
    /* nothing to do */
  }
}

function storedTheme(): Theme {
  const t = storageGet('local', THEME_KEY);
  return t === 'light' || t === 'dark' ? t : 'system';
}

const theme = signal<Theme>(storedTheme());
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(systemDark.matches);
systemDark.addEventListener('change', () => void (systemIsDark.value = systemDark.matches));

export const isDark = computed(() => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'));

/* The other one. Going back to what the system shows means following the system again. */
export function switchTheme(): void {
  const dark = !isDark.peek();
  const t: Theme = dark === systemIsDark.peek() ? 'system' : dark ? 'dark' : 'light';
  theme.value = t;
  storageSet('local', THEME_KEY, t === 'system' ? null : t);
  if (t === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = t;
}
