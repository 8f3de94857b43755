/* Forms that are answered by the server: one sending at a time, what was wrong said at its field, and waiting when the
 * server wants to be left alone. */

import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, InputHTMLAttributes, JSX, RefObject, TargetedSubmitEvent } from 'preact';
import { ApiError, reason } from '../api.ts';
import { strength } from '../password.ts';
import { announce } from '../state.ts';

/* What was wrong: at which field ('' = with the whole), in words for people. */
export class Fault extends Error {
  readonly field: string;

  constructor(field: string, text: string) {
    super(text);
    this.field = field;
  }
}

/* The fields that a refusal is about when it does not name them. */
const ABOUT: Record<string, string> = { 'email-taken': 'email', 'wrong-password': 'password', 'wrong-code': 'totp' };
const TEXTS: Record<string, string> = {
  'email-taken': 'There is an account with this e-mail address. Sign in instead.',
  'wrong-password': 'This is not the password.',
  'no-login': 'This invitation is for a program, which registers by the HTTP interface and not on a page.',
  'owner-last': 'The owner leaves last: remove the other accounts first.',
  'wrong-code': 'This code is not right. Each works once, for about a minute.',
};

function faultOf(e: unknown, fields: string[]): Fault {
  if (e instanceof Fault) return e;
  if (!(e instanceof ApiError)) return new Fault('', reason(e));
  if (e.wait_s > 0) return new Fault('', '');
  /* "`email` must be …" */
  const named = /^`(\w+)` (.*)$/s.exec(e.message);
  const field = named?.[1] ?? ABOUT[e.slug] ?? '';
  /* For most people a byte is no measure; of what they can type it is a character. */
  const text = named ? `This ${named[2]}.`.replace('bytes', 'characters') : TEXTS[e.slug] ?? reason(e);
  return fields.includes(field) ? new Fault(field, text) : new Fault('', named ? e.message : text);
}

/* A server that is out of breath for a moment is asked again, unnoticed. */
const PATIENCE_S = 2;

async function patiently(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (e) {
    if (!(e instanceof ApiError) || e.wait_s === 0 || e.wait_s > PATIENCE_S) throw e;
    await new Promise((resolve) => setTimeout(resolve, e.wait_s * 1000));
    await send();
  }
}

export interface Form {
  ref: RefObject<HTMLFormElement | null>;
  busy: boolean;
  fault: Fault | null;
  /* Seconds until the next try. */
  wait_s: number;
  submit: (e: TargetedSubmitEvent<HTMLFormElement>) => void;
  /* What is wrong with a field; '' = nothing. */
  error: (field: string) => string;
  reset: () => void;
}

export function useForm(fields: string[], send: () => Promise<unknown>): Form {
  const ref = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const [until_ms, setUntil] = useState(0);
  const [now, setNow] = useState(0);
  const wait_s = Math.max(0, Math.ceil((until_ms - now) / 1000));

  useEffect(() => {
    if (until_ms === 0) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() < until_ms) return;
      clearInterval(timer);
      setUntil(0);
      announce('You can try again now.');
    }, 250);
    return () => clearInterval(timer);
  }, [until_ms]);
  /* Whoever has to mend something is taken there. */
  useLayoutEffect(() => {
    const field = fault && fault.field !== '' ? ref.current?.elements.namedItem(fault.field) : null;
    if (field instanceof HTMLInputElement) {
      field.focus();
      field.select();
    }
  }, [fault]);

  const run = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      await patiently(send);
    } catch (e) {
      if (e instanceof ApiError && e.wait_s > 0) {
        setNow(Date.now());
        setUntil(Date.now() + e.wait_s * 1000);
      }
      setFault(faultOf(e, fields));
    } finally {
      setBusy(false);
    }
  };
  return {
    ref,
    busy,
    fault,
    wait_s,
    submit: (e) => {
      e.preventDefault();
      if (!busy && wait_s === 0) void run();
    },
    error: (field) => (fault?.field === field ? fault.message : ''),
    reset: () => setFault(null),
  };
}

function waitWords(s: number): string {
  return s < 100 ? `${s} s` : `${Math.ceil(s / 60)} min`;
}

/* What is wrong with the form as a whole, and the button that sends it. The seconds count down on the button alone: they
 * are not read out one by one. */
export function Submit({ form, label, busy, kind = 'primary wide' }: { form: Form; label: string; busy: string; kind?: string }): JSX.Element {
  const whole = form.error('');
  return (
    <>
      {form.wait_s > 0 ? <p class="field-error" role="alert">There were too many tries. The next one is possible when the time on the button is over.</p> : null}
      {whole ? <p class="field-error" role="alert">{whole}</p> : null}
      <button type="submit" class={kind} disabled={form.busy || form.wait_s > 0}>
        {form.busy ? busy : form.wait_s > 0 ? `Wait ${waitWords(form.wait_s)}` : label}
      </button>
    </>
  );
}

type InputProps = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  'autocomplete' | 'autocapitalize' | 'class' | 'inputMode' | 'maxLength' | 'placeholder' | 'spellcheck'
>;

export interface FieldProps extends InputProps {
  form: Form;
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  hint?: ComponentChildren;
  value: string;
  change: (value: string) => void;
  after?: ComponentChildren;
}

export function Field({ form, name, label, type = 'text', hint, value, change, after, ...rest }: FieldProps): JSX.Element {
  const id = useId();
  const error = form.error(name);
  const described = [error ? id + 'e' : '', hint ? id + 'h' : ''].filter((s) => s !== '').join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-line">
        <input
          {...rest}
          id={id}
          name={name}
          type={type as 'text'}
          value={value}
          aria-invalid={error !== ''}
          aria-describedby={described || undefined}
          onInput={(e) => change(e.currentTarget.value)}
        />
        {after}
      </div>
      {error ? <p class="field-error" id={id + 'e'} role="alert">{error}</p> : null}
      {hint ? <div class="field-hint" id={id + 'h'}>{hint}</div> : null}
    </div>
  );
}

/* A password that can be looked at while it is typed. */
export function Password(props: Omit<FieldProps, 'type' | 'after'>): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <Field
      spellcheck={false}
      autocapitalize="off"
      {...props}
      type={shown ? 'text' : 'password'}
      after={
        <button type="button" class="field-tool" aria-label={`${shown ? 'Hide' : 'Show'} ${props.label.toLowerCase()}`} onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
        </button>
      }
    />
  );
}

/* A password to be: with how hard it is to guess. */
export function NewPassword({ personal = [], ...props }: Omit<FieldProps, 'type' | 'after' | 'hint'> & { personal?: string[] }): JSX.Element {
  const found = props.value === '' ? null : strength(props.value, personal);
  return (
    <Password
      autocomplete="new-password"
      {...props}
      hint={
        <div class={'strength s' + (found ? found.score : '')}>
          <span class="strength-bar" aria-hidden="true"><i /><i /><i /><i /></span>
          <span>{found ? `${found.word}. ${found.advice}` : 'Several words in a row are easy to remember and hard to guess.'}</span>
        </div>
      }
    />
  );
}

/* A code of the app or, when the device is lost, one of the recovery codes. */
export function Code({ form, value, change, label = 'Code' }: { form: Form; value: string; change: (value: string) => void; label?: string }): JSX.Element {
  const [recovery, setRecovery] = useState(false);
  const other = (
    <button
      type="button"
      class="link"
      onClick={() => {
        setRecovery(!recovery);
        change('');
        form.ref.current?.querySelector<HTMLInputElement>('[name="totp"]')?.focus();
      }}
    >
      {recovery ? 'Use a code of the app' : 'Use a recovery code'}
    </button>
  );
  return (
    <Field
      form={form}
      name="totp"
      label={recovery ? 'Recovery code' : label}
      autocomplete="one-time-code"
      inputMode={recovery ? 'text' : 'numeric'}
      spellcheck={false}
      autocapitalize="off"
      maxLength={recovery ? 32 : 8}
      class="code"
      value={value}
      change={(to) => change(to.replace(/\s/g, ''))}
      hint={<>{recovery ? 'One of the ten that you were given; each works once.' : 'Six digits, from the app on your phone.'} {other}</>}
    />
  );
}
