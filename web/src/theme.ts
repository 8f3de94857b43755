/* Runs before the program is drawn: a chosen theme must not flash in the other one. Kept apart from the rest for that, and
 * deferred: who has chosen one has it in the cache, so nobody waits for it with an empty page. */

try {
  const theme = localStorage.getItem('sky.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
} catch {
  /* Storage is off: the system's theme it is. */
}
