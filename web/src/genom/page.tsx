/* The page: what is typed, its tokens, how short it becomes, and the plane. */

import type { JSX } from 'preact';
import { icons, Mark } from '../icons.tsx';
import { isDark, switchTheme } from '../look.ts';
import { HEX_MAX, PIECES_MAX, type Sizes } from './messages.ts';
import { describe, Plane } from './plane.tsx';
import { analysis, dictionary, load, loading, looked, piece, setText, text } from './state.ts';

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function Head(): JSX.Element {
  const other = isDark.value ? 'Switch to light' : 'Switch to dark';
  return (
    <header class="genom-head">
      <a class="brand" href="/"><Mark /><span>sky</span></a>
      <h1>GENOM</h1>
      <button type="button" class="icon-button" aria-label={other} title={other} onClick={switchTheme}>{isDark.value ? icons.sun : icons.moon}</button>
    </header>
  );
}

function Progress(): JSX.Element | null {
  const now = loading.value;
  if (now.state === 'ready') return null;
  if (now.state === 'failed') {
    return (
      <div class="note" role="alert">
        The dictionary did not come. <button type="button" class="link" onClick={load}>Try again</button>
      </div>
    );
  }
  const words = now.state === 'unpacking' ? 'Unpacking the dictionary…'
    : now.total > 0 ? `Loading the dictionary, once: ${megabytes(now.done)} of ${megabytes(now.total)} MB` : 'Loading the dictionary…';
  return (
    <div class="loading">
      <p class="quiet" role="status">{words}</p>
      {now.state === 'loading' && now.total > 0 ? <progress aria-label="Dictionary" value={now.done} max={now.total} /> : <progress aria-label="Dictionary" />}
    </div>
  );
}

const NAMES: [keyof Sizes, string][] = [['text', 'as it is'], ['genom', 'GENOM'], ['gzip', 'gzip'], ['brotli', 'Brotli'], ['zstd', 'Zstandard']];

function SizeTable({ sizes }: { sizes: Sizes }): JSX.Element {
  const most = Math.max(1, ...NAMES.map(([key]) => sizes[key]));
  return (
    <table class="sizes">
      <caption class="sr-only">Bytes of the text, compressed in several ways</caption>
      <tbody>
        {NAMES.map(([key, name]) => {
          const size = sizes[key];
          return (
            <tr key={key} class={key === 'genom' ? 'ours' : undefined}>
              <th scope="row">{name}</th>
              <td class="bar"><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width={(size / most) * 100} height="4" rx="1" /></svg></td>
              <td class="bytes">{size} B</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Tokens(): JSX.Element {
  const found = analysis.value;
  const rest = (found?.count ?? 0) - PIECES_MAX;
  return (
    <section aria-label="Tokens">
      <ol class="tokens">
        {found?.pieces.map((p, i) => (
          <li key={i}>
            <button
              type="button"
              class={`token q${p.quadrant}`}
              aria-pressed={looked.value === i}
              title={describe(p)}
              onClick={() => void (looked.value = i)}
              onFocus={() => void (looked.value = i)}
              onPointerEnter={() => void (looked.value = i)}
            >
              {p.text.trim() === '' ? '␣' : p.text}
            </button>
          </li>
        ))}
      </ol>
      {rest > 0 ? <p class="quiet">and {rest} more, which are not drawn</p> : null}
      <Details />
      {found?.centroid ? <p class="quiet">The text as a whole stands in {found.centroid.sector}, quadrant {found.centroid.quadrant}: the cross.</p> : null}
    </section>
  );
}

function Details(): JSX.Element {
  const p = piece.value;
  if (!p) return <p class="details quiet">Point at a token to see where it stands.</p>;
  if (p.id === null) return <p class="details"><b>{p.text}</b> is no token: it is spelled.</p>;
  return (
    <dl class="details">
      <div><dt>token</dt><dd><b>{p.canonical.trim() === '' ? p.cls : p.canonical}</b></dd></div>
      <div><dt>number</dt><dd>T-{String(p.id).padStart(5, '0')}</dd></div>
      <div><dt>sector</dt><dd>{p.sector}, quadrant {p.quadrant}</dd></div>
      <div><dt>θ</dt><dd>{p.theta.toFixed(5)}</dd></div>
      <div><dt>r</dt><dd>{p.r.toFixed(4)}</dd></div>
    </dl>
  );
}

export function Page(): JSX.Element {
  const found = analysis.value;
  const about = dictionary.value;
  return (
    <div class="genom">
      <Head />
      <main id="main">
        <div class="left">
          <label class="typed">
            <span>Your text</span>
            <textarea rows={3} spellcheck={false} maxLength={20000} dir="auto" value={text.value} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
          <p class="quiet">Every word is a point on the plane, every message a few bytes. Nothing that you type leaves this page.</p>
          <Progress />
          {found ? (
            <>
              <SizeTable sizes={found.sizes} />
              <Tokens />
              <section aria-label="Coded bytes">
                <p class="hex">{found.hex === '' ? 'The empty text has no bytes.' : found.hex}{found.sizes.genom > HEX_MAX ? ' …' : ''}</p>
              </section>
            </>
          ) : null}
          {about ? <p class="quiet">{about.tokens.toLocaleString('en')} tokens; this dictionary is called {about.name}.</p> : null}
        </div>
        <Plane />
      </main>
    </div>
  );
}
