/* Words that were taken for slips of the finger: whoever meant what they typed can say so in other words. */

import type { JSX } from 'preact';
import type { ReadAs } from '../api.ts';

export function ReadAsNote({ words }: { words: ReadAs[] | undefined }): JSX.Element | null {
  if (!words) return null;
  return (
    <p class="ending" role="status">
      <span>{words.map(({ typed, as }, i) => <>{i > 0 ? ', ' : ''}“{typed}” was read as “<strong>{as}</strong>”</>)}</span>
    </p>
  );
}
