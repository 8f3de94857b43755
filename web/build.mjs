/* Builds the pages and writes them as one C table (see assets.h).
 *
 *   node build.mjs --wasm genom.wasm --out web_assets.c [--depfile web_assets.c.d] [--modules node_modules] [--dist folder]
 *
 * esbuild bundles and minifies; every file but the page itself is named by the hash of its content, so it may be kept
 * for ever; each is stored plain, gzipped and in Brotli. Equal sources give equal bytes: nothing here reads the clock
 * or the folder's place. The build fails when a page grows past its budget. */

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/* Of all that a page loads, but the dictionary, its worker, and what is imported when it is needed: what stands between
 * asking for it and seeing it. */
const GZIP_BYTES_MAX = { '/': 70_000, '/account': 40_000, '/genom': 25_000, '/docs': 20_000, '/admin': 50_000 };

const here = dirname(fileURLToPath(import.meta.url));
const { values: args } = parseArgs({
  options: {
    wasm: { type: 'string', default: join(here, '../build/genom/wasm/genom.wasm') },
    out: { type: 'string' },
    depfile: { type: 'string' },
    modules: { type: 'string', default: join(here, 'node_modules') },
    dist: { type: 'string' },
  },
});
const modules = resolve(args.modules);
const { build } = createRequire(join(modules, '.'))('esbuild');

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
};

const digest = (body) => createHash('sha256').update(body).digest('hex').slice(0, 12);
const read = (name) => readFileSync(join(here, name), 'utf8');

/* Modules that are imported when they are needed become files of their own, and so does what several of them share. Such
 * files name each other, so they keep the names, with a hash, that esbuild gives them. */
async function bundle(entry, format) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: 'out',
    splitting: format === 'esm',
    chunkNames: '[name]-[hash]',
    format,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    nodePaths: [modules],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  const made = new Map(Object.entries(result.metafile.outputs).map(([path, about], i) => [path, { ...about, body: Buffer.from(result.outputFiles[i].contents) }]));
  const [own] = [...made.values()].filter((m) => m.entryPoint === entry);
  const chunks = [...made].filter(([, m]) => m !== own).map(([path, m]) => ({ name: basename(path), body: m.body }));
  /* Those without which it does not begin. */
  const needed = new Set();
  const follow = (m) => {
    for (const { path, kind } of m.imports) {
      if (kind !== 'import-statement' || needed.has(basename(path))) continue;
      needed.add(basename(path));
      follow(made.get(path));
    }
  };
  follow(own);
  return { body: own.body, chunks, needed: [...needed], inputs: Object.keys(result.metafile.inputs) };
}

const inputs = new Set(['index.html', 'account.html', 'admin.html', 'docs.html', 'genom.html', 'build.mjs']);
/* Name in the sources -> path on the server. */
const paths = new Map();
const assets = [];
/* Path of a script -> paths of the files that it imports at its start. */
const preloads = new Map();

function add(name, body) {
  const ext = name.slice(name.lastIndexOf('.') + 1);
  const path = `/assets/${name.slice(0, -ext.length - 1)}-${digest(body)}.${ext}`;
  paths.set(name, path);
  assets.push({ path, type: TYPES[ext], immutable: true, body });
}

/* `{{name}}` becomes the path of a file added before; `used` collects them. */
function fill(text, used = []) {
  return text.replace(/\{\{([\w.-]+)\}\}/g, (_, name) => {
    const path = paths.get(name);
    if (!path) throw new Error(`${name} is referred to, but not there`);
    used.push(path);
    return path;
  });
}

for (const name of ['icon.svg', 'sky.webmanifest']) {
  add(name, Buffer.from(fill(read(join('static', name)))));
  inputs.add(join('static', name));
}
for (const [name, entry, format] of [
  ['theme.js', 'src/theme.ts', 'iife'],
  ['main.js', 'src/main.tsx', 'esm'],
  ['main.css', 'styles/main.css', undefined],
  ['account.js', 'src/account/main.tsx', 'esm'],
  ['account.css', 'styles/account.css', undefined],
  ['genom-worker.js', 'src/genom/worker.ts', 'esm'],
  ['genom.js', 'src/genom/main.tsx', 'esm'],
  ['genom.css', 'styles/genom.css', undefined],
  ['admin.js', 'src/admin/main.tsx', 'esm'],
  ['admin.css', 'styles/admin.css', undefined],
  ['apidocs.js', 'src/apidocs/main.tsx', 'esm'],
  ['apidocs.css', 'styles/apidocs.css', undefined],
]) {
  const made = await bundle(entry, format);
  add(name, made.body);
  for (const chunk of made.chunks) assets.push({ path: `/assets/${chunk.name}`, type: TYPES.js, immutable: true, body: chunk.body });
  preloads.set(paths.get(name), made.needed.map((chunk) => `/assets/${chunk}`));
  for (const input of made.inputs) inputs.add(input);
}
add('genom.wasm', readFileSync(args.wasm));
add('brotli.wasm', readFileSync(join(modules, 'brotli-wasm/pkg.web/brotli_wasm_bg.wasm')));
add('zstd.wasm', readFileSync(join(modules, '@bokuweb/zstd-wasm/dist/web/zstd.wasm')));

/* Path of a page -> paths of what it loads. */
const loads = new Map();
function addPage(name, path, ...more) {
  const used = [];
  const filled = fill(read(name), used).replace(/<script type="module" src="([^"]+)">/, (script, src) => {
    const needed = preloads.get(src);
    used.push(...needed);
    return needed.map((path) => `<link rel="modulepreload" href="${path}">\n`).join('') + script;
  });
  const body = Buffer.from(filled.replace(/\n+/g, '\n'));
  loads.set(path, [path, ...used]);
  for (const one of [path, ...more]) assets.push({ path: one, type: TYPES.html, immutable: false, body });
}
addPage('index.html', '/', '/index.html');
addPage('account.html', '/account');
addPage('genom.html', '/genom');
addPage('admin.html', '/admin');
addPage('docs.html', '/docs');

/* Its name stays: a browser looks there for a new one. It names what it keeps. */
const service = await bundle('src/genom/service.ts', 'iife');
for (const input of service.inputs) inputs.add(input);
paths.set('genom-files', loads.get('/genom').slice(1).join(' '));
assets.push({ path: '/genom-service.js', type: TYPES.js, immutable: false, body: Buffer.from(fill(service.body.toString())) });
assets.sort((a, b) => (a.path < b.path ? -1 : 1));

const smaller = (body, packed) => (packed.length < body.length ? packed : Buffer.alloc(0));
const packed = new Map();
for (const a of assets) {
  const gzip = gzipSync(a.body, { level: 9 });
  /* The byte that names the system differs between machines. */
  gzip[9] = 255;
  const brotli = brotliCompressSync(a.body, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: a.body.length },
  });
  a.gzip = smaller(a.body, gzip);
  a.brotli = smaller(a.body, brotli);
  packed.set(a.path, Math.min(gzip.length, a.body.length));
}
for (const [page, files] of loads) {
  const total = files.filter((path) => !/\.wasm$|-worker-/.test(path)).reduce((sum, path) => sum + packed.get(path), 0);
  if (total > GZIP_BYTES_MAX[page]) {
    console.error(`web: ${page} is ${total} bytes gzipped, over its budget of ${GZIP_BYTES_MAX[page]}`);
    process.exit(1);
  }
}

function cArray(name, body) {
  const lines = [];
  for (let i = 0; i < body.length; i += 40) lines.push(body.subarray(i, i + 40).join(','));
  return `static const unsigned char ${name}[] = {\n${lines.join(',\n')}};\n`;
}

function cSource() {
  const arrays = [];
  const rows = [];
  /* The page is in the table twice, its bytes once. */
  const names = new Map();
  const bodyOf = (body) => {
    if (body.length === 0) return '{NULL, 0}';
    const key = digest(body);
    if (!names.has(key)) {
      names.set(key, `body_${names.size}`);
      arrays.push(cArray(names.get(key), body));
    }
    return `{${names.get(key)}, ${body.length}}`;
  };
  for (const a of assets) {
    const etag = `W/\\"${digest(a.body)}\\"`;
    rows.push(
      `    {"${a.path}", "${a.type}", "${etag}", ${a.immutable},\n` +
        `     ${bodyOf(a.body)}, ${bodyOf(a.gzip)}, ${bodyOf(a.brotli)}},`,
    );
  }
  return (
    '/* Generated by web/build.mjs. */\n#include "web/assets.h"\n\n' +
    arrays.join('') +
    `\nconst struct web_asset web_assets[] = {\n${rows.join('\n')}\n};\n` +
    `const size_t web_asset_count = ${assets.length};\n`
  );
}

if (args.out) writeFileSync(args.out, cSource());
if (args.depfile) {
  /* The packages are pinned: their lock stands for them. New files in src are seen through those that import them. */
  const own = [...inputs].filter((i) => !i.includes('node_modules') && !i.startsWith('..')).map((i) => join(here, i));
  own.push(join(here, 'package-lock.json'));
  const escape = (p) => p.replaceAll(' ', '\\ ');
  writeFileSync(args.depfile, `${escape(args.out)}: ${own.sort().map(escape).join(' ')}\n`);
}
if (args.dist) {
  for (const a of assets) {
    if (a.path === '/') continue;
    const to = join(args.dist, relative('/', a.path));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, a.body);
  }
}
