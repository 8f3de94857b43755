/* Runs before the first paint: a chosen theme must not flash in the other one. Kept apart from the rest for that. */

try {
  const theme = localStorage.getItem('sky.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
} catch {
  /* Storage is off: the system's theme it is. */
}
