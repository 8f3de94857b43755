/* What the page /docs shows: the server's own document, and what is being looked for in it. */

import { computed, signal } from '@preact/signals';
import { leaveToSignIn } from '../comeback.ts';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: Schema;
}

interface Media {
  schema: Schema;
  example?: unknown;
  examples?: Record<string, { $ref: string }>;
}

export interface Body {
  description?: string;
  content?: Record<string, Media>;
}

interface RawOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: unknown[];
  parameters: Parameter[];
  requestBody?: Body;
  responses: Record<string, Body>;
}

export interface Operation extends RawOperation {
  method: string;
  path: string;
}

interface ApiDocument {
  info: { title: string; version: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, RawOperation>>;
}

export type Loading = 'loading' | 'ready' | 'failed';
export const loading = signal<Loading>('loading');
export const wanted = signal('');
const api = signal<ApiDocument | null>(null);

export const version = computed(() => api.value?.info.version ?? '');

const operations = computed<Operation[]>(() =>
  Object.entries(api.value?.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path }))));

function fits(operation: Operation, words: string[]): boolean {
  const text = `${operation.method} ${operation.path} ${operation.summary} ${operation.tags.join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export interface Group {
  name: string;
  description: string;
  operations: Operation[];
}

/* In the order of the document; groups in which nothing fits are left out. */
export const groups = computed<Group[]>(() => {
  const words = wanted.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const described = new Map(api.value?.tags.map((tag) => [tag.name, tag.description]));
  const found = new Map<string, Group>();
  for (const operation of operations.value) {
    if (!fits(operation, words)) continue;
    const name = operation.tags[0] ?? 'server';
    const group = found.get(name) ?? { name, description: described.get(name) ?? '', operations: [] };
    group.operations.push(operation);
    found.set(name, group);
  }
  return [...found.values()];
});

export async function load(): Promise<void> {
  loading.value = 'loading';
  try {
    const answer = await fetch('/openapi.json', { credentials: 'same-origin' });
    if (answer.status === 401) return leaveToSignIn();
    if (answer.ok) api.value = (await answer.json()) as ApiDocument;
    loading.value = answer.ok ? 'ready' : 'failed';
  } catch {
    loading.value = 'failed';
  }
}

/* The names of the problems that a body lists. */
export function problemsOf(body: Body): string[] {
  return Object.values(body.content ?? {}).flatMap((media) => Object.keys(media.examples ?? {}));
}

export function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') return `[${schema.items ? typeOf(schema.items) : ''}]`;
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' | ');
  return Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type ?? 'any';
}

export interface Tried {
  status: number;
  ms: number;
  type: string;
  text: string;
}

const TEXT_MAX = 20_000;

/* Sends a request with the session of the browser. */
export async function send(operation: Operation, values: Record<string, string>, body: string): Promise<Tried> {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let path = operation.path;
  for (const parameter of operation.parameters) {
    const value = values[parameter.name] ?? '';
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value !== '' && parameter.in === 'query') query.set(parameter.name, value);
    else if (value !== '') headers[parameter.name] = value;
  }
  const hasBody = operation.requestBody !== undefined && body.trim() !== '';
  if (hasBody) headers['content-type'] = 'application/json';
  const text = query.toString();
  const begun = performance.now();
  const answer = await fetch(path + (text === '' ? '' : `?${text}`), {
    method: operation.method, headers, credentials: 'same-origin', redirect: 'manual', ...(hasBody ? { body } : {}),
  });
  const type = answer.headers.get('content-type') ?? '';
  const raw = await answer.text();
  const shown = /json/.test(type) && raw !== '' ? JSON.stringify(JSON.parse(raw), null, 2) : raw;
  return {
    status: answer.status,
    ms: Math.round(performance.now() - begun),
    type,
    text: shown.length > TEXT_MAX ? `${shown.slice(0, TEXT_MAX)}\n…` : shown,
  };
}
