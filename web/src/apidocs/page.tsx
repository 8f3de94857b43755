/* The page /docs: every address of the server, in groups, with what it takes, answers and refuses; and a place to try it. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { icons, Mark } from '../icons.tsx';
import { isDark, switchTheme } from '../look.ts';
import { type Body, groups, load, loading, type Operation, type Parameter, problemsOf, type Schema, send, type Tried, typeOf, version, wanted } from './state.ts';

const DEPTH_MAX = 6;

function Head(): JSX.Element {
  const other = isDark.value ? 'Switch to light' : 'Switch to dark';
  return (
    <header class="docs-head">
      <a class="brand" href="/"><Mark /><span>sky</span></a>
      <h1>API {version.value}</h1>
      <a class="link" href="/openapi.json">openapi.json</a>
      <button type="button" class="icon-button" aria-label={other} title={other} onClick={switchTheme}>{isDark.value ? icons.sun : icons.moon}</button>
    </header>
  );
}

/* What a value is and its bounds. */
function kindOf(schema: Schema): string {
  const said = [typeOf(schema)];
  if (schema.minimum !== undefined || schema.maximum !== undefined) said.push(`${schema.minimum ?? ''}…${schema.maximum ?? ''}`);
  if (schema.maxLength !== undefined) said.push(`${schema.minLength ?? 0}…${schema.maxLength} characters`);
  if (schema.format) said.push(schema.format);
  return said.join(', ');
}

function Members({ schema, depth = 0 }: { schema: Schema; depth?: number }): JSX.Element | null {
  const inner = schema.type === 'array' && schema.items ? schema.items : schema;
  if (depth > DEPTH_MAX) return null;
  if (inner.oneOf) return <>{inner.oneOf.map((one, i) => <div key={i}>{i > 0 ? <p class="quiet">or</p> : null}<Members schema={one} depth={depth} /></div>)}</>;
  if (!inner.properties) return null;
  return (
    <ul class="members">
      {Object.entries(inner.properties).map(([name, member]) => (
        <li key={name}>
          <code>{name}</code> <span class="type">{kindOf(member)}</span>
          {inner.required?.includes(name) ? <span class="must"> required</span> : null}
          {member.description ? <span class="quiet"> {member.description}</span> : null}
          <Members schema={member} depth={depth + 1} />
        </li>
      ))}
    </ul>
  );
}

function Example({ value, label }: { value: unknown; label: string }): JSX.Element | null {
  if (value === undefined) return null;
  return <pre class="example" tabIndex={0} role="region" aria-label={label}>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>;
}

function Parameters({ list }: { list: Parameter[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>Parameters</h3>
      <ul class="members">
        {list.map((p) => (
          <li key={p.name}>
            <code>{p.name}</code> <span class="type">{p.in}, {kindOf(p.schema)}</span>{p.required ? <span class="must"> required</span> : null}
            {p.description ? <span class="quiet"> {p.description}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function BodyOf({ title, body }: { title: string; body: Body }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      {Object.entries(body.content ?? {}).map(([type, media]) => (
        <div key={type}>
          <p class="quiet">{type}</p>
          <Members schema={media.schema} />
          <Example value={media.example} label={`Example of ${title}, ${type}`} />
        </div>
      ))}
    </section>
  );
}

function Refusals({ operation }: { operation: Operation }): JSX.Element {
  const refused = Object.entries(operation.responses).filter(([code]) => code >= '400');
  return (
    <section>
      <h3>Refusals</h3>
      <dl class="refusals">
        {refused.map(([code, body]) => (
          <div key={code}><dt>{code}</dt><dd>{problemsOf(body).map((name) => <code key={name}>{name}</code>)}</dd></div>
        ))}
      </dl>
    </section>
  );
}

function TryIt({ operation }: { operation: Operation }): JSX.Element {
  const example = operation.requestBody?.content?.['application/json']?.example;
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(example === undefined ? '' : JSON.stringify(example, null, 2));
  const [answer, setAnswer] = useState<Tried | string | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      setAnswer(await send(operation, values, body));
    } catch {
      setAnswer('The server did not answer.');
    }
    setBusy(false);
  }
  return (
    <form class="try" onSubmit={(event) => void submit(event)}>
      <h3>Try it</h3>
      <p class="quiet">It is sent as you, and what it changes stays changed.</p>
      {operation.parameters.map((p) => (
        <label key={p.name}>
          <span>{p.name}{p.required ? ' (required)' : ''}</span>
          <input type="text" required={p.required} value={values[p.name] ?? ''} onInput={(e) => setValues({ ...values, [p.name]: e.currentTarget.value })} />
        </label>
      ))}
      {operation.requestBody ? (
        <label><span>Body</span><textarea rows={6} spellcheck={false} value={body} onInput={(e) => setBody(e.currentTarget.value)} /></label>
      ) : null}
      <button type="submit" class="secondary" disabled={busy}>Send</button>
      <div role="status">
        {typeof answer === 'string' ? <p class="field-error">{answer}</p> : null}
        {answer !== null && typeof answer !== 'string' ? (
          <>
            <p><b>{answer.status}</b> <span class="quiet">{answer.type} in {answer.ms} ms</span></p>
            {answer.text === '' ? null : <Example value={answer.text} label="The answer" />}
          </>
        ) : null}
      </div>
    </form>
  );
}

function Details({ operation }: { operation: Operation }): JSX.Element {
  const done = Object.entries(operation.responses).filter(([code]) => code < '400');
  return (
    <div class="details">
      {operation.description ? <p>{operation.description}</p> : null}
      {operation.security?.length === 0 ? <p class="quiet">Open to everybody.</p> : null}
      <Parameters list={operation.parameters} />
      {operation.requestBody ? <BodyOf title="Request" body={operation.requestBody} /> : null}
      {done.map(([code, body]) => <BodyOf key={code} title={`Answer ${code}`} body={body} />)}
      <Refusals operation={operation} />
      <TryIt operation={operation} />
    </div>
  );
}

/* What is inside is drawn when it is opened: sixty at once are much. */
function One({ operation }: { operation: Operation }): JSX.Element {
  const [open, setOpen] = useState(location.hash === `#${operation.operationId}`);
  return (
    <details id={operation.operationId} class="operation" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        <span class={`method ${operation.method.toLowerCase()}`}>{operation.method}</span>
        <code class="address">{operation.path}</code>
        <span class="summary">{operation.summary}</span>
      </summary>
      {open ? <Details operation={operation} /> : null}
    </details>
  );
}

function State(): JSX.Element | null {
  if (loading.value === 'failed') return <p class="note" role="alert">The server did not answer. <button type="button" class="link" onClick={() => void load()}>Try again</button></p>;
  return groups.value.length === 0 ? <p class="quiet" role="status">Nothing is called that.</p> : null;
}

/* The list of groups stands above the addresses on a phone: they come together, so that nothing is pushed down. */
export function Page(): JSX.Element {
  const waiting = loading.value === 'loading';
  return (
    <div class="docs">
      <a class="skip" href="#main">Skip to the addresses</a>
      <Head />
      <div class="docs-body">
        <nav aria-label="Groups">
          <input type="search" aria-label="Search addresses" placeholder="Search" value={wanted.value} onInput={(e) => void (wanted.value = e.currentTarget.value)} />
          {waiting ? <p class="quiet" role="status">Loading…</p> : null}
          <ul>{groups.value.map((group) => <li key={group.name}><a href={`#group-${group.name}`}>{group.name} <span class="quiet">{group.operations.length}</span></a></li>)}</ul>
        </nav>
        {waiting ? null : <main id="main" tabIndex={-1}>
          <State />
          {groups.value.map((group) => (
            <section key={group.name} aria-labelledby={`group-${group.name}`}>
              <h2 id={`group-${group.name}`}>{group.name}</h2>
              {group.description ? <p class="quiet">{group.description}</p> : null}
              {group.operations.map((operation) => <One key={operation.operationId} operation={operation} />)}
            </section>
          ))}
        </main>}
      </div>
    </div>
  );
}
