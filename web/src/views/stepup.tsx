/* Proving once more who one is, before something that would be bad in other hands.
 *
 * A page that does such things calls askAgain() at its start and shows <StepUp />. Then every call that the server refuses
 * for want of a fresh proof (403 step-up-required) asks for it here and is made once more; whoever closes the dialog gets
 * the refusal. Where a second factor is required and missing (403 totp-enrolment-required), `enrolment` becomes true and
 * the page shows <EnrolmentNeeded />. */

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { hooks, type ApiError } from '../api.ts';
import { stepUp } from '../auth.ts';
import { icons } from '../icons.tsx';
import { storageSet } from '../look.ts';
import { me } from '../state.ts';
import { Dialog } from './dialog.tsx';
import { Code, Fault, Password, Submit, useForm } from './form.tsx';

export const enrolment = signal(false);
/* Where to go on after the second factor was set up. */
export const BACK_KEY = 'sky.back';

interface Question {
  /* Several calls may wait for one answer. */
  done: Promise<boolean>;
  answer: (proved: boolean) => void;
}

const question = signal<Question | null>(null);

function ask(): Promise<boolean> {
  const asked = question.peek();
  if (asked) return asked.done;
  let resolve = (_proved: boolean): void => undefined;
  const done = new Promise<boolean>((r) => (resolve = r));
  question.value = {
    done,
    answer: (proved) => {
      question.value = null;
      resolve(proved);
    },
  };
  return done;
}

export function askAgain(): void {
  hooks.refused = async (problem: ApiError) => {
    if (problem.slug === 'totp-enrolment-required') enrolment.value = true;
    return problem.slug === 'step-up-required' && ask();
  };
}

export function StepUp(): JSX.Element | null {
  const asked = question.value;
  return asked ? <StepUpDialog answer={asked.answer} /> : null;
}

function StepUpDialog({ answer }: { answer: (proved: boolean) => void }): JSX.Element {
  const [secret, setSecret] = useState('');
  const coded = me.value?.totp === true;
  const form = useForm(['password', 'totp'], async () => {
    if (secret === '') throw new Fault(coded ? 'totp' : 'password', coded ? 'Type a code.' : 'Type your password.');
    await stepUp(coded ? { totp: secret } : { password: secret });
    answer(true);
  });
  return (
    <Dialog title="Is it you?" close={() => answer(false)}>
      <p class="quiet">This needs a fresh proof. It then holds for a few minutes.</p>
      <form ref={form.ref} method="post" noValidate onSubmit={form.submit}>
        {coded
          ? <Code form={form} value={secret} change={setSecret} />
          : (
            <>
              <input type="text" name="username" autocomplete="username" value={me.value?.email ?? ''} readOnly hidden />
              <Password form={form} name="password" label="Password" autocomplete="current-password" value={secret} change={setSecret} />
            </>
          )}
        <div class="buttons">
          <Submit form={form} label="Go on" busy="Checking…" kind="primary" />
          <button type="button" class="secondary" onClick={() => answer(false)}>Cancel</button>
        </div>
      </form>
    </Dialog>
  );
}

/* Instead of what is refused until there is a second factor. */
export function EnrolmentNeeded(): JSX.Element {
  return (
    <div class="enrolment" role="alert">
      <h2>A second factor is needed</h2>
      <p>
        Your role lets you change what others rely on, so a password alone is not enough here. Setting one up takes a minute: you need
        an app for codes on your phone, such as Aegis, 2FAS, or the one of your password manager.
      </p>
      <a class="primary" href="/account#second-factor" onClick={() => storageSet('session', BACK_KEY, location.pathname)}>{icons.key}Set it up</a>
    </div>
  );
}
