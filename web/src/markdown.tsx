/* Markdown as elements, without HTML in between.
 *
 * marked only cuts the text into tokens; every element here is made by name, so no text of a model or a document can
 * become markup, a script or a request: raw HTML is shown as text, an image as a link with its description. There is
 * nothing left for a sanitiser to remove. Blocks that did not change are not drawn again while an answer streams in.
 * The language of an answer is not known, hence lang="": the page's own is English. */

import { Lexer, type Token, type Tokens } from 'marked';
import type { ComponentChildren, JSX } from 'preact';
import { memo } from 'preact/compat';
import { CopyButton } from './views/copy.tsx';
import { decodeEntities, safeUrl, settle } from './text.ts';

export interface CiteProps {
  /* How many sources `[1]`, `[2]`… may point at. */
  sources: number;
  onCite: (index: number) => void;
}

/* Nesting past this is an attack, not an answer. */
const DEPTH_MAX = 24;
/* The page itself owns the first level. */
const FIRST_LEVEL = 2;

export function Markdown({ text, live, cite }: { text: string; live: boolean; cite: CiteProps }): JSX.Element {
  const tokens = new Lexer({ gfm: true, breaks: true }).lex(live ? settle(text) : text);
  const depths = tokens.filter((t) => t.type === 'heading').map((t) => (t as Tokens.Heading).depth);
  const shift = FIRST_LEVEL - Math.min(6, ...depths);
  let level = FIRST_LEVEL - 1;
  return (
    <div class="prose" dir="auto" lang="">
      {tokens.map((t, i) => {
        if (t.type === 'space' || t.type === 'def') return null;
        /* No level is skipped on the way down, whatever the text does. */
        if (t.type === 'heading') level = Math.min(6, level + 1, (t as Tokens.Heading).depth + shift);
        return <Block key={i} raw={t.raw} token={t} level={level} cite={cite} />;
      })}
    </div>
  );
}

interface BlockProps {
  raw: string;
  token: Token;
  /* Of a heading. */
  level: number;
  cite: CiteProps;
}

/* Equal source is equal output, but for the sources that citations point at. */
const Block = memo(
  ({ token, level, cite }: BlockProps): JSX.Element => {
    if (token.type !== 'heading') return <>{block(token, cite, 0)}</>;
    const Level = `h${level}` as 'h2';
    return <Level>{inline(token.tokens, cite, 1)}</Level>;
  },
  (a, b) => a.raw === b.raw && a.token.type === b.token.type && a.level === b.level && a.cite.sources === b.cite.sources,
);

function blocks(tokens: Token[] | undefined, cite: CiteProps, depth: number): ComponentChildren {
  return tokens?.map((t) => block(t, cite, depth));
}

function block(token: Token, cite: CiteProps, depth: number): ComponentChildren {
  if (depth > DEPTH_MAX) return token.raw;
  switch (token.type) {
    case 'heading':
      /* Inside a list or a quotation: no part of the outline. */
      return <p><strong>{inline(token.tokens, cite, depth + 1)}</strong></p>;
    case 'paragraph':
      return <p>{inline(token.tokens, cite, depth + 1)}</p>;
    case 'text':
      return token.tokens ? inline(token.tokens, cite, depth + 1) : words(token.text, cite);
    case 'blockquote':
      return <blockquote>{blocks(token.tokens, cite, depth + 1)}</blockquote>;
    case 'code':
      return <CodeBlock text={token.text} lang={(token as Tokens.Code).lang ?? ''} />;
    case 'hr':
      return <hr />;
    case 'list':
      return list(token as Tokens.List, cite, depth);
    case 'table':
      return table(token as Tokens.Table, cite, depth);
    case 'space':
    case 'def':
      return null;
    case 'html':
      return <p>{token.raw.trim()}</p>;
    default:
      return inlineToken(token, cite, depth + 1);
  }
}

function list(token: Tokens.List, cite: CiteProps, depth: number): JSX.Element {
  const items = token.items.map((item, i) => (
    <li key={i} class={item.task ? 'task' : undefined}>
      {item.task ? <span class="task-box">{item.checked ? '☑ ' : '☐ '}</span> : null}
      {blocks(item.tokens.filter((t) => t.type !== 'checkbox'), cite, depth + 1)}
    </li>
  ));
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={typeof token.start === 'number' ? token.start : 1}>{items}</ol>;
}

function table(token: Tokens.Table, cite: CiteProps, depth: number): JSX.Element {
  const align = (a: string | null): string | undefined => (a ? 'align-' + a : undefined);
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>{token.header.map((c, i) => <th key={i} scope="col" class={align(c.align)}>{inline(c.tokens, cite, depth + 1)}</th>)}</tr>
        </thead>
        <tbody>
          {token.rows.map((row, r) => (
            <tr key={r}>{row.map((c, i) => <td key={i} class={align(c.align)}>{inline(c.tokens, cite, depth + 1)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CodeBlock({ text, lang }: { text: string; lang: string }): JSX.Element {
  const name = lang.split(/[\s{,]/, 1)[0] ?? '';
  return (
    <div class="code-box" dir="ltr">
      <div class="code-head">
        <span>{name || 'text'}</span>
        <CopyButton text={text} label="Copy code" />
      </div>
      <pre tabIndex={0} role="region" aria-label={`Code, ${name || 'text'}`}><code>{text}</code></pre>
    </div>
  );
}

function inline(tokens: Token[] | undefined, cite: CiteProps, depth: number): ComponentChildren {
  return tokens?.map((t) => inlineToken(t, cite, depth));
}

function inlineToken(token: Token, cite: CiteProps, depth: number): ComponentChildren {
  if (depth > DEPTH_MAX) return token.raw;
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens, cite, depth + 1)}</strong>;
    case 'em':
      return <em>{inline(token.tokens, cite, depth + 1)}</em>;
    case 'del':
      return <del>{inline(token.tokens, cite, depth + 1)}</del>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'escape':
      return token.text;
    case 'link':
      return link(token.href, inline(token.tokens, cite, depth + 1));
    case 'image':
      return link(token.href, `Image: ${token.text || token.title || 'no description'}`);
    case 'html':
      /* The one tag that models need, for lines in table cells. */
      return /^<br\s*\/?>$/i.test(token.raw.trim()) ? <br /> : token.raw;
    case 'text':
      return token.tokens ? inline(token.tokens, cite, depth + 1) : words(token.text, cite);
    default:
      return token.raw;
  }
}

function link(href: string, children: ComponentChildren): ComponentChildren {
  const url = safeUrl(href);
  if (url === null) return children;
  return <a href={url} target="_blank" rel="noopener noreferrer">{children}</a>;
}

/* Plain words, with `[n]` turned into a way to source n. */
function words(text: string, cite: CiteProps): ComponentChildren {
  const plain = decodeEntities(text);
  if (cite.sources === 0 || !plain.includes('[')) return plain;
  return plain.split(/(\[\d{1,2}\])/).map((part, i) => {
    const n = i % 2 === 1 ? Number(part.slice(1, -1)) : 0;
    if (n < 1 || n > cite.sources) return part;
    return (
      <button key={i} type="button" class="cite" aria-label={`Source ${n}`} onClick={() => cite.onCite(n - 1)}>{n}</button>
    );
  });
}
