/* Ways to add knowledge: files from this device, or a path on the machine that runs sky. */

import { useState } from 'preact/hooks';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { reason } from '../api.ts';
import { icons } from '../icons.tsx';
import { learnPath } from '../learn.ts';
import { FilesButton } from './files.tsx';

export function AddKnowledge(): JSX.Element {
  const [path, setPath] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (e: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    e.preventDefault();
    const wanted = path.trim();
    if (!wanted.startsWith('/')) {
      setError('Write the whole path, beginning with a slash, like /home/me/papers.');
      return;
    }
    setBusy(true);
    setError('');
    try {
      await learnPath(wanted);
      setPath('');
    } catch (e) {
      setError(reason(e));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="add">
      <FilesButton class="secondary">Add files</FilesButton>
      <form onSubmit={(e) => void submit(e)}>
        <label class="path-field">
          {icons.folder}
          <span class="sr-only">Folder or file on the machine that runs sky</span>
          <input
            type="text"
            placeholder="/folder/on/this/server"
            spellcheck={false}
            autocapitalize="off"
            autocomplete="off"
            value={path}
            aria-invalid={error !== ''}
            aria-describedby={error ? 'path-error' : undefined}
            onInput={(e) => {
              setPath(e.currentTarget.value);
              setError('');
            }}
          />
        </label>
        <button type="submit" class="secondary" disabled={busy || path.trim() === ''}>Learn</button>
      </form>
      {error ? <p class="field-error" id="path-error" role="alert">{error}</p> : null}
    </div>
  );
}
