/* server.mjs: starts the real program for a browser test on free ports over a data folder of its own, and ends it by its
 * process id. With SKY_URL and SKY_TOKEN set, the tests use that server instead; those that kill it are then skipped. With
 * SKY_TEST_STORE=postgresql its store is a schema of its own in the database of SKY_TEST_STORE_PG (as in tests/e2e/support.py). */

import { execFile, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { watchLog } from './evidence.mjs';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const DOCS = join(ROOT, 'tests/data/docs');
/* Generous, because the sanitizer builds run the same tests. */
export const ANSWER_MS = 180_000;
const START_MS = 60_000;
const SKY = process.env.SKY_PROGRAM ?? join(ROOT, 'build/sky');
export const DEPS = process.env.SKY_DEPS ?? join(ROOT, 'build/deps');

export const engine = process.env.SKY_TEST_STORE ?? 'sqlite';
export const external = process.env.SKY_URL !== undefined;

/* Waits until `test` gives something. */
export async function until(what, test, limit_ms = ANSWER_MS) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const value = await test();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/* The variables that keep what belongs to a data folder in the store of the tests. */
async function storeEnv(data) {
  if (engine === 'sqlite') return {};
  const url = process.env.SKY_TEST_STORE_PG;
  const schema = data.split('/').slice(-2).join('_').toLowerCase().replace(/\W/g, '_');
  const create = `CREATE SCHEMA IF NOT EXISTS "${schema}"`;
  await promisify(execFile)(join(DEPS, 'postgres/bin/psql'), ['--no-psqlrc', '--quiet', '--command', create, url]);
  return { SKY_STORE: `${url}${url.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema},public` };
}

/* A provider of the OpenAI API that answers `text` (tests/e2e/upstream.c). */
export class Upstream {
  static async start(text) {
    const upstream = new Upstream();
    upstream.process = spawn(process.env.SKY_UPSTREAM ?? join(ROOT, 'build/upstream'), ['--text', text], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: upstream.process.stdout }), 'line', { signal: AbortSignal.timeout(START_MS) });
    upstream.url = line.trim().split(/\s+/).at(-1);
    return upstream;
  }

  async stats() {
    return (await fetch(this.url + '/stats')).json();
  }

  close() {
    this.process.kill();
  }
}

export class Server {
  /* Options: https, learn (path or false), args (more of `sky serve`), lonely (the program finds no models: what they would
   * answer is for a provider). */
  static async start({ https = false, learn = DOCS, args = [], lonely = false } = {}) {
    const server = new Server();
    if (external) {
      server.url = process.env.SKY_URL.replace(/\/$/, '');
      server.token = process.env.SKY_TOKEN;
    } else {
      server.data = await mkdtemp(join(tmpdir(), 'sky-web-'));
      server.https = https;
      server.args = args;
      server.program = SKY;
      if (lonely) await server.#lonely();
    }
    try {
      if (!external) await server.spawn('127.0.0.1:0');
      if (learn) await server.learn(learn);
      return server;
    } catch (error) {
      /* Nobody else would end it. */
      await server.close();
      throw error;
    }
  }

  async #lonely() {
    this.home = await mkdtemp(join(tmpdir(), 'sky-lonely-'));
    this.program = join(this.home, 'sky');
    await copyFile(SKY, this.program);
    await mkdir(join(this.home, 'deps'));
    await symlink(join(dirname(SKY), 'deps/openssl'), join(this.home, 'deps/openssl'));
  }

  async spawn(address) {
    const secure = this.https ? '127.0.0.1:0' : 'off';
    this.process = spawn(this.program, ['serve', '--data', this.data, '--http', address, '--https', secure, ...this.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(await storeEnv(this.data)) },
    });
    this.process.stderr.pipe(createWriteStream(this.data + '.log', { flags: 'a' }));
    watchLog(this.data, this.process.stderr);
    this.process.on('error', () => undefined);
    const lines = createInterface({ input: this.process.stdout });
    const ready = [];
    for await (const [line] of on(lines, 'line', { close: ['close'], signal: AbortSignal.timeout(START_MS) })) {
      if (ready.push(line) === 2) break;
    }
    if (ready.length < 2) throw new Error(`${SKY} ended before it was ready: ${await readFile(this.data + '.log', 'utf8')}`);
    const urls = ready[0].split(' ').slice(2);
    this.url = urls.find((u) => u.startsWith('http://'));
    this.secureUrl = urls.find((u) => u.startsWith('https://'));
    this.loginUrl = ready[1].trim().split(/\s+/).at(-1);
    this.token = (await readFile(join(this.data, 'owner.token'), 'utf8')).trim();
  }

  async request(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async learn(...paths) {
    const { job_id } = await this.request('POST', '/api/crawler/learn', { paths });
    await until('learning', async () => {
      const job = await this.request('GET', `/api/crawler/jobs/${job_id}`);
      if (job.state === 'failed') throw new Error(`learning failed: ${JSON.stringify(job.errors)}`);
      return job.state === 'done';
    });
    if (this.program === SKY) await until('vectors', async () => {
      const { knowledge } = await this.request('GET', '/api/status');
      return knowledge.vectors >= knowledge.chunks;
    });
  }

  /* Ends the program at once, as a crash would. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /* Holds it, as a machine that is out of breath would: it takes connections and answers nobody. */
  pause() {
    this.process.kill('SIGSTOP');
  }

  /* Starts it again where it was. */
  async restart() {
    await this.spawn(new URL(this.url).host);
  }

  async close() {
    if (external) return;
    await this.#end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
    await rm(this.data + '.log', { force: true });
    if (this.home) await rm(this.home, { recursive: true, force: true });
  }

  async #end(signal) {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    await gone;
    clearTimeout(timer);
  }
}
