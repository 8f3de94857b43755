/* The second factor: set up with an app, the recovery codes once, removed with a code. */

import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import qrcode from 'qrcode-generator';
import { reason, type Me } from '../api.ts';
import { beginFactor, confirmFactor, removeFactor } from '../auth.ts';
import { icons } from '../icons.tsx';
import { storageGet, storageSet } from '../look.ts';
import { checkSession, notify } from '../state.ts';
import { CopyButton } from '../views/copy.tsx';
import { Code, Fault, Field, Submit, useForm } from '../views/form.tsx';
import { BACK_KEY, enrolment } from '../views/stepup.tsx';
import { saveFile } from './file.ts';
import { Section } from './section.tsx';

/* The white edge that a reader needs. */
const QUIET_ZONE = 4;

/* One path, a square for each dark module: dark on white in both themes, as readers want it. */
function QrCode({ text }: { text: string }): JSX.Element {
  const [size, path] = useMemo(() => {
    const code = qrcode(0, 'M');
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    let d = '';
    for (let y = 0; y < count; y++) {
      for (let x = 0; x < count; x++) if (code.isDark(y, x)) d += `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`;
    }
    return [count + 2 * QUIET_ZONE, d] as const;
  }, [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code for the app" shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function Enrol({ secret, uri, confirmed, cancel }: { secret: string; uri: string; confirmed: (codes: string[]) => void; cancel: () => void }): JSX.Element {
  const [totp, setTotp] = useState('');
  const form = useForm(['totp'], async () => {
    if (totp === '') throw new Fault('totp', 'Type the code that the app shows.');
    confirmed((await confirmFactor(totp)).recovery_codes);
  });
  useLayoutEffect(() => form.ref.current?.querySelector('input')?.focus(), []);
  return (
    <div class="enrol">
      <QrCode text={uri} />
      <div class="enrol-steps">
        <p>Scan this with an app for codes, or type the key into it:</p>
        <p class="secret"><code>{secret.match(/.{1,4}/g)?.join(' ')}</code><CopyButton text={secret} label="Copy the key" /></p>
        <form ref={form.ref} class="narrow" method="post" noValidate onSubmit={form.submit}>
          <Field
            form={form}
            name="totp"
            label="The code that the app shows"
            autocomplete="one-time-code"
            inputMode="numeric"
            maxLength={8}
            class="code"
            value={totp}
            change={(to) => setTotp(to.replace(/\s/g, ''))}
          />
          <div class="buttons">
            <Submit form={form} label="Confirm" busy="Checking…" kind="primary" />
            <button type="button" class="secondary" onClick={cancel}>Cancel</button>
          </div>
        </form>
      </div>
    </div>
  );
}

function RecoveryCodes({ codes, done }: { codes: string[]; done: () => void }): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  const text = codes.join('\n') + '\n';
  return (
    <div class="recovery">
      <h3 ref={title} tabIndex={-1}>Your recovery codes</h3>
      <p>
        Each lets you in once without the app. They are shown now and never again: print them, or keep them where you would look when
        your phone is lost.
      </p>
      <ol class="codes">{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ol>
      <div class="buttons">
        <CopyButton text={text} label="Copy the codes" words />
        <button type="button" class="secondary" onClick={() => saveFile('sky-recovery-codes.txt', new Blob([text], { type: 'text/plain' }))}>
          {icons.arrowDown}Download
        </button>
        <button type="button" class="primary" onClick={done}>I have kept them</button>
      </div>
    </div>
  );
}

function Remove({ required }: { required: boolean }): JSX.Element {
  const [asked, setAsked] = useState(false);
  const [totp, setTotp] = useState('');
  const form = useForm(['totp'], async () => {
    if (totp === '') throw new Fault('totp', 'Type a code.');
    await removeFactor(totp);
    notify('The second factor is removed.');
    await checkSession();
  });
  useLayoutEffect(() => {
    if (asked) form.ref.current?.querySelector('input')?.focus();
  }, [asked]);
  return (
    <>
      <p class="state on">{icons.check}Signing in asks for a code of your app.</p>
      {required ? <p class="quiet">Your role requires it: without it, what administrators do is refused.</p> : null}
      {asked ? (
        <form ref={form.ref} class="narrow" method="post" noValidate onSubmit={form.submit}>
          <Code form={form} value={totp} change={setTotp} />
          <div class="buttons">
            <Submit form={form} label="Remove it" busy="One moment…" kind="secondary bad" />
            <button type="button" class="secondary" onClick={() => setAsked(false)}>Keep it</button>
          </div>
        </form>
      ) : <div class="buttons"><button type="button" class="secondary" onClick={() => setAsked(true)}>Remove the second factor</button></div>}
    </>
  );
}

export function SecondFactor({ me }: { me: Me }): JSX.Element {
  const [begun, setBegun] = useState<{ secret: string; uri: string } | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const begin = async (): Promise<void> => {
    setBusy(true);
    try {
      setBegun(await beginFactor());
    } catch (e) {
      notify('Not begun: ' + reason(e), 'error');
    } finally {
      setBusy(false);
    }
  };
  const done = async (): Promise<void> => {
    setCodes(null);
    const back = storageGet('session', BACK_KEY);
    storageSet('session', BACK_KEY, null);
    if (back && /^\/[a-z]+$/.test(back)) return location.assign(back);
    await checkSession();
  };
  const missing = !me.totp && (me.totp_required || enrolment.value);
  return (
    <Section id="second-factor" title="Second factor" about="A code from your phone besides the password: whoever learns the password alone does not get in.">
      {codes ? <RecoveryCodes codes={codes} done={() => void done()} /> : null}
      {!codes && begun ? (
        <Enrol
          {...begun}
          cancel={() => setBegun(null)}
          confirmed={(given) => {
            setBegun(null);
            setCodes(given);
            enrolment.value = false;
          }}
        />
      ) : null}
      {!codes && !begun && me.totp ? <Remove required={me.totp_required} /> : null}
      {!codes && !begun && !me.totp ? (
        <>
          {missing ? <p class="note">Your role requires a second factor. Until you have one, what administrators do is refused.</p> : null}
          <p>You need an app for codes, such as Aegis, 2FAS, or the one of your password manager.</p>
          <div class="buttons"><button type="button" class={missing ? 'primary' : 'secondary'} disabled={busy} onClick={() => void begin()}>{icons.key}Set it up</button></div>
        </>
      ) : null}
    </Section>
  );
}
