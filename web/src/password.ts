/* How hard a password is to guess, roughly: a hint while it is typed, never a rule. Pure. */

export interface Strength {
  /* 0 weak … 3 strong */
  score: 0 | 1 | 2 | 3;
  word: string;
  advice: string;
}

/* What is tried first. */
const COMMON = ['password', 'passwort', 'qwertz', 'qwerty', 'asdf', 'letmein', 'welcome', 'iloveyou', 'admin', 'dragon', 'monkey', 'football', 'secret', 'master', 'login', 'hello', 'abc', 'skynet'];
const BITS = [32, 50, 68];

/* A letter among letters is mostly part of a word. */
const WORD_BITS = 2.6;

/* Characters that follow from the one before (aaaa, 1234, dcba) tell a guesser nothing. */
function bitsOf(text: string, each: number): number {
  /* Same length, words as spaces. */
  const bare = text.replace(/\p{Script=Latin}{3,}/gu, (word) => ' '.repeat(word.length));
  let bits = 0;
  let step: number | null = null;
  for (let i = 0; i < text.length; i++) {
    const by = i === 0 ? null : text.charCodeAt(i) - text.charCodeAt(i - 1);
    if (by === null || by !== step || Math.abs(by) > 1) bits += bare[i] === ' ' && text[i] !== ' ' ? WORD_BITS : each;
    step = by;
  }
  return bits;
}

function alphabet(text: string): number {
  const kinds: [RegExp, number][] = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[ -/:-@[-`{-~]/, 33], [/[^ -~]/, 100]];
  return kinds.reduce((sum, [kind, size]) => sum + (kind.test(text) ? size : 0), 0);
}

/* `personal` is what a guesser knows: name, e-mail address. */
export function strength(password: string, personal: string[] = []): Strength {
  const known = personal.flatMap((p) => p.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((p) => p.length > 2);
  let rest = password.toLowerCase();
  let guessable = 0;
  for (const word of [...known, ...COMMON]) {
    const parts = rest.split(word);
    guessable += parts.length - 1;
    rest = parts.join('\u0001');
  }
  const used = new Set(password).size;
  const each = Math.log2(Math.max(2, alphabet(password)));
  const bits = Math.min(bitsOf(rest, each), used * 2 * each);
  const score = BITS.filter((b) => bits >= b).length as Strength['score'];
  const word = ['Weak', 'Fair', 'Good', 'Strong'][score] ?? '';
  if (guessable > 0 && score < 3) return { score, word, advice: 'Parts of it are among the first that a guesser tries.' };
  if (score < 2) return { score, word, advice: 'Several words in a row are easy to remember and hard to guess.' };
  return { score, word, advice: '' };
}
