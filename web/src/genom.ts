/* genom.ts: libgenom in JavaScript: the WebAssembly module of genom/wasm and its memory behind one class. Runs in
 * browsers, workers and Node.js; nothing leaves it.
 *
 *     const genom = await Genom.open(wasm, dict);
 *     genom.decode(genom.encode('Hello world'));
 *
 * Texts are strings or bytes: any bytes. Coded bytes are the same as those of the program (docs/genom.md). */

export const CLASSES = [
  'start', 'word', 'ideo', 'number', 'comma', 'stop', 'open', 'close', 'quote', 'tie', 'dash', 'emoji', 'phrase', 'blank', 'byte', 'control',
] as const;
export type TokenClass = (typeof CLASSES)[number];

export interface Token {
  id: number;
  canonical: string;
  cls: TokenClass;
  /* The full turn is 2³². */
  phase: number;
  theta: number;
  r: number;
  sector: string;
  quadrant: number;
  inferred: boolean;
}

export interface Piece {
  /* Of the dictionary's token; null: bytes that no token stands for. */
  id: number | null;
  /* Where its bytes lie in the UTF-8 of the text; a space before it is not among them. */
  at: number;
  length: number;
  cls: TokenClass;
  /* 0 as the canonical form is, 1 first letter capital, 2 all capitals. */
  casing: number;
  space: boolean;
}

export interface Sector {
  name: string;
  quadrant: number;
  /* Positions on the ring, and the same as phases. */
  first: number;
  count: number;
  phase: number;
  width: number;
}

/* A point of the plane that need not be a token's. */
export interface Centroid {
  re: number;
  im: number;
  phase: number;
  theta: number;
  r: number;
  sector: string;
  quadrant: number;
  /* Whose mean it is. */
  tokens: number;
}

export interface Near {
  id: number;
  distance: number;
}

export interface Intent {
  /* "greeting", "question", … */
  name: string;
  symbol: string;
  /* 0 … 1: how often such a decision is right. */
  confidence: number;
}

export const MESSAGE_TYPES = ['MSG', 'ACK', 'HELLO', 'BEAT', 'TASK', 'RESULT', 'ERR'] as const;

export interface Message {
  /* Nodes, 1 … 9,999,999; to 0: everybody. */
  from: number;
  to: number;
  type: (typeof MESSAGE_TYPES)[number];
  /* The name of the dictionary that the payload was made with. */
  dictionary: string;
  id: bigint;
  payload: Uint8Array;
}

/* A message to be written: its dictionary may also be the number that the name spells. */
export type NewMessage = Omit<Message, 'dictionary' | 'id'> & { dictionary: string | number; id: number | bigint };

/* ChaCha20-Poly1305 (RFC 8439): ciphertext and tag, 16 bytes more than the plaintext. The one thing the class needs of
 * a cryptographic library. */
export type Seal = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) => Uint8Array;

export class GenomError extends Error {
  override name = 'GenomError';
}

type Call = (...args: (number | bigint)[]) => number;
type Name =
  | 'centroid' | 'decode' | 'dict_language' | 'dict_name' | 'dict_tokens' | 'dict_verify' | 'encode' | 'error_text' | 'ids' | 'intent' | 'lookup'
  | 'message_get_bytes' | 'message_get_text' | 'message_put_bytes' | 'message_put_text' | 'module_crypto' | 'module_dense' | 'module_open'
  | 'module_room' | 'near_by_meaning' | 'near_on_plane' | 'open_tokens' | 'pieces' | 'ring' | 'seal_tokens' | 'sector' | 'sector_count'
  | 'token' | 'unpack';

/* What the module gives to seal: addresses and lengths in its memory. */
type HostSeal = [
  ctx: number, key: number, nonce: number, head: number, headLength: number, body: number, bodyLength: number, plain: number, length: number, out: number,
];

const ESPACE = -1;
const NONE = 0xffffffff;
const MODES = ['fast', 'dense'] as const;
/* What a call reads and writes beside its texts stands at the beginning of its room. */
const SCRATCH = 64;
const PIECE = 12;
const NEAR = 16;
const SECTOR = 24;
const MESSAGE = 32;
/* No form of a message is longer than this and twice its payload. */
const MESSAGE_EXTRA = 128;
/* Of ChaCha20-Poly1305. */
const KEY = 32;
const NONCE = 12;
const TAG = 16;
const PIECES_AT_ONCE = 1024;
/* A text that a few coded bytes stand for may be long; more than this is refused. */
const TEXT_MAX = 64 << 20;
const DICT_MAX = 256 << 20;
/* A packed dictionary begins with this, and says at PACK_SIZE how large it becomes. */
const PACK_MAGIC = 'GENOMPAK';
const PACK_SIZE = 32;

const utf8 = new TextEncoder();
const text = new TextDecoder();

const bytesOf = (input: string | Uint8Array) => (typeof input === 'string' ? utf8.encode(input) : input);
/* Structs and ids stand at multiples of 4. */
const aligned = (at: number) => (at + 3) & -4;

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/* A number of at most so many bits. Others would be cut to that without a word: a counter to one that came before, a
 * node to everybody. */
function unsigned(value: number | bigint, bits: number): bigint {
  const exact = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (exact !== BigInt.asUintN(bits, exact)) throw new GenomError(`${value} is no number of ${bits} bits`);
  return exact;
}

export class Genom {
  readonly #call: Record<Name, Call>;
  readonly #memory: WebAssembly.Memory;
  readonly #seal: Seal | undefined;
  /* By #seal while the module ran. */
  readonly #thrown: { error: unknown }[] = [];
  #dict = 0;

  private constructor(instance: WebAssembly.Instance, seal?: Seal) {
    this.#seal = seal;
    const { exports } = instance;
    this.#memory = exports['memory'] as WebAssembly.Memory;
    const call = (name: string) => exports[`genom_${name}`] as Call;
    this.#call = new Proxy({} as Record<Name, Call>, { get: (_, name) => call(String(name)) });
  }

  /* `dict` is a dictionary or a packed one (without its gzip). It is copied: the caller may let it go. Throws
   * GenomError when it is neither; verify() says whether all of it is as it should be. Phase Rotation needs `seal`. */
  static async open(wasm: BufferSource, dict: Uint8Array<ArrayBuffer>, { seal }: { seal?: Seal } = {}): Promise<Genom> {
    const host = { seal: (...args: HostSeal) => genom.#hostSeal(...args) };
    const { instance } = await WebAssembly.instantiate(wasm, { host });
    const genom = new Genom(instance, seal);
    const packed = text.decode(dict.subarray(0, PACK_MAGIC.length)) === PACK_MAGIC;
    const size = packed ? genom.#unpack(dict) : genom.#copy(dict);
    genom.#dict = genom.#call.module_open(size);
    if (genom.#dict === 0) throw new GenomError('the dictionary is damaged');
    return genom;
  }

  #copy(dict: Uint8Array): number {
    this.#bytes(this.#room(dict.length), dict.length).set(dict);
    return dict.length;
  }

  /* The pack lies behind what it becomes. */
  #unpack(pack: Uint8Array): number {
    const size = pack.length < PACK_SIZE + 8 ? 0 : Number(new DataView(pack.buffer, pack.byteOffset).getBigUint64(PACK_SIZE, true));
    if (size === 0 || size > DICT_MAX) throw new GenomError('the dictionary is damaged');
    const out = this.#room(size + 2 * SCRATCH + pack.length);
    const result = (out + size + SCRATCH) & -SCRATCH;
    this.#bytes(result + SCRATCH, pack.length).set(pack);
    this.#check(this.#call.unpack(result + SCRATCH, pack.length, out, size, result));
    return size;
  }

  /* --- texts ---------------------------------------------------------------------------------------------------------- */

  /* Mode dense is shorter and slower, and needs a full dictionary: packed ones are without its lists. */
  encode(input: string | Uint8Array, mode: (typeof MODES)[number] = 'fast'): Uint8Array {
    const bytes = bytesOf(input);
    if (mode === 'dense' && !this.#call.module_dense()) {
      throw new GenomError('this dictionary is without the lists of mode dense: open the full genom.dict, not a packed one');
    }
    const cap = bytes.length + 1;
    const at = this.#put(bytes, cap);
    const out = at + SCRATCH + bytes.length;
    this.#check(this.#call.encode(this.#dict, MODES.indexOf(mode), at + SCRATCH, bytes.length, out, cap, at));
    return this.#bytes(out, this.#u32(at)).slice();
  }

  /* Throws GenomError for what no encoder makes, and for more than `most` bytes of text. */
  decode(coded: Uint8Array, most: number = TEXT_MAX): Uint8Array {
    for (let cap = Math.min(most, 4096 + 16 * coded.length); ; cap = Math.min(most, cap * 4)) {
      const at = this.#put(coded, cap);
      const out = at + SCRATCH + coded.length;
      const error = this.#call.decode(this.#dict, at + SCRATCH, coded.length, out, cap, at);
      if (error === ESPACE && cap < most) continue;
      this.#check(error);
      return this.#bytes(out, this.#u32(at)).slice();
    }
  }

  /* The tokens that a text is cut into. */
  tokens(input: string | Uint8Array): Piece[] {
    const bytes = bytesOf(input);
    const at = this.#put(bytes, PIECES_AT_ONCE * PIECE + 4);
    const out = aligned(at + SCRATCH + bytes.length);
    const found: Piece[] = [];
    for (;;) {
      const count = this.#call.pieces(this.#dict, at + SCRATCH, bytes.length, at, out, PIECES_AT_ONCE);
      if (count === 0) return found;
      const view = this.#view(out, count * PIECE);
      for (let p = 0; p < count * PIECE; p += PIECE) {
        const id = view.getUint32(p, true);
        found.push({
          id: id === NONE ? null : id,
          at: view.getUint32(p + 8, true),
          length: view.getUint8(p + 4),
          cls: CLASSES[view.getUint8(p + 5)] ?? 'start',
          casing: view.getUint8(p + 6),
          space: view.getUint8(p + 7) === 1,
        });
      }
    }
  }

  /* Where the text as a whole stands (docs/genom.md, "Centroid"); null: it holds no token. */
  centroid(input: string | Uint8Array): Centroid | null {
    const bytes = bytesOf(input);
    const at = this.#put(bytes, 0);
    if (this.#call.centroid(this.#dict, at + SCRATCH, bytes.length, at) === 0) return null;
    const view = this.#view(at, SCRATCH);
    const [u32, f64] = [(offset: number) => view.getUint32(offset, true), (offset: number) => view.getFloat64(offset, true)];
    return {
      re: f64(0), im: f64(8), phase: u32(16), theta: f64(24), r: f64(32), sector: this.#string(u32(40)), quadrant: u32(44), tokens: u32(48),
    };
  }

  /* The text as ids alone (docs/genom.md, "Ids"). */
  ids(input: string | Uint8Array): Uint32Array {
    const bytes = bytesOf(input);
    const count = this.#call.ids(this.#dict, this.#put(bytes, 0) + SCRATCH, bytes.length, 0, 0);
    const at = this.#put(bytes, 4 * count + 4);
    const out = aligned(at + SCRATCH + bytes.length);
    this.#call.ids(this.#dict, at + SCRATCH, bytes.length, out, count);
    return new Uint32Array(this.#memory.buffer, out, count).slice();
  }

  /* What the sender of a message mainly wants (docs/genom.md, "Intents"). */
  intent(input: string | Uint8Array): Intent {
    const bytes = bytesOf(input);
    const at = this.#put(bytes, 0);
    this.#call.intent(at + SCRATCH, bytes.length, at);
    return { name: this.#string(this.#u32(at + 4)), symbol: this.#string(this.#u32(at + 8)), confidence: this.#u32(at + 12) / 100 };
  }

  /* --- messages ------------------------------------------------------------------------------------------------------- */

  messagePutText(message: NewMessage): string {
    return text.decode(this.#putMessage(this.#call.message_put_text, message));
  }

  messagePutBytes(message: NewMessage): Uint8Array {
    return this.#putMessage(this.#call.message_put_bytes, message);
  }

  /* Both take exactly what the other two make, and throw GenomError for anything else. */
  messageGetText(line: string): Message {
    const bytes = utf8.encode(line);
    const at = this.#put(bytes, bytes.length);
    const from = at + SCRATCH;
    this.#check(this.#call.message_get_text(from, bytes.length, from + bytes.length, bytes.length, at));
    return this.#message(at);
  }

  messageGetBytes(frame: Uint8Array): Message {
    const at = this.#put(frame, 0);
    this.#check(this.#call.message_get_bytes(at + SCRATCH, frame.length, at));
    return this.#message(at);
  }

  #putMessage(call: Call, { from, to, type, dictionary, id, payload }: NewMessage): Uint8Array {
    const named = typeof dictionary === 'string' && /^[0-9a-f]{8}$/.test(dictionary);
    const cap = MESSAGE_EXTRA + 2 * payload.length;
    const at = this.#put(payload, cap);
    const out = at + SCRATCH + payload.length;
    const view = this.#view(at, MESSAGE);
    const u32 = (offset: number, value: number) => view.setUint32(offset, Number(unsigned(value, 32)), true);
    u32(0, from);
    u32(4, to);
    view.setInt32(8, MESSAGE_TYPES.indexOf(type), true);
    u32(12, named ? parseInt(dictionary, 16) : (dictionary as number));
    view.setBigUint64(16, unsigned(id, 64), true);
    u32(24, at + SCRATCH);
    u32(28, payload.length);
    if (call(at, out, cap, at + MESSAGE) !== 0) throw new GenomError('a field of the message is out of its range');
    return this.#bytes(out, this.#u32(at + MESSAGE)).slice();
  }

  #message(at: number): Message {
    const view = this.#view(at, MESSAGE);
    const u32 = (offset: number) => view.getUint32(offset, true);
    return {
      from: u32(0),
      to: u32(4),
      type: MESSAGE_TYPES[u32(8)] ?? 'MSG',
      dictionary: u32(12).toString(16).padStart(8, '0'),
      id: view.getBigUint64(16, true),
      payload: this.#bytes(u32(24), u32(28)).slice(),
    };
  }

  /* --- Phase Rotation ------------------------------------------------------------------------------------------------- */

  /* Turns each token by a secret angle and seals the sequence. A counter must never come twice with a key. */
  sealTokens(key: Uint8Array, counter: number | bigint, ids: Uint32Array, aad: string | Uint8Array = ''): Uint8Array {
    const bytes = new Uint8Array(Uint32Array.from(ids).buffer);
    return this.#rotate(this.#call.seal_tokens, key, counter, aad, bytes, ids.length, 3 * ids.length + TAG);
  }

  /* The inverse. Throws GenomError for what was altered, or sealed otherwise. */
  openTokens(key: Uint8Array, counter: number | bigint, sealed: Uint8Array, aad: string | Uint8Array = ''): Uint32Array {
    const size = 4 * Math.max(0, Math.trunc((sealed.length - TAG) / 3));
    return new Uint32Array(this.#rotate(this.#call.open_tokens, key, counter, aad, sealed, sealed.length, size).buffer);
  }

  /* `length` is how the call counts the bytes, `size` what it writes. */
  #rotate(
    call: Call, key: Uint8Array, counter: number | bigint, aad: string | Uint8Array, bytes: Uint8Array, length: number, size: number,
  ): Uint8Array<ArrayBuffer> {
    if (!this.#seal) throw new GenomError('Phase Rotation needs a cipher: give Genom.open the option seal');
    if (key.length !== KEY) throw new GenomError(`a key has ${KEY} bytes`);
    const nth = unsigned(counter, 64);
    const header = bytesOf(aad);
    const at = this.#put(join(bytes, header), size + 4);
    const from = at + SCRATCH;
    const head = from + bytes.length;
    const out = aligned(head + header.length);
    this.#bytes(at, KEY).set(key);
    const error = call(this.#dict, this.#call.module_crypto(), at, nth, head, header.length, from, length, out);
    this.#bytes(at, KEY).fill(0);
    const [thrown] = this.#thrown.splice(0);
    if (thrown) throw thrown.error;
    this.#check(error);
    return this.#bytes(out, size).slice();
  }

  /* What the module calls to seal. An exception must not pass through it (module.c), so #rotate throws it later; the
   * zeros meanwhile end its search for a turn. */
  #hostSeal(...[, key, nonce, head, headLength, body, bodyLength, plain, length, out]: HostSeal): void {
    const copy = (at: number, size: number) => this.#bytes(at, size).slice();
    try {
      const aad = join(copy(head, headLength), copy(body, bodyLength));
      const sealed = this.#seal!(copy(key, KEY), copy(nonce, NONCE), aad, copy(plain, length));
      if (sealed.length !== length + TAG) throw new GenomError('seal must return ciphertext and tag, at once');
      this.#bytes(out, length + TAG).set(sealed);
    } catch (error) {
      this.#thrown.push({ error });
      this.#bytes(out, length + TAG).fill(0);
    }
  }

  /* --- the dictionary ------------------------------------------------------------------------------------------------- */

  /* The first eight digits of its SHA-256. */
  get name(): string {
    const at = this.#room(SCRATCH);
    this.#call.dict_name(this.#dict, at);
    return this.#string(at);
  }

  get count(): number {
    return this.#call.dict_tokens(this.#dict);
  }

  get languages(): string[] {
    const found: string[] = [];
    for (let at; (at = this.#call.dict_language(this.#dict, found.length)) !== 0; ) found.push(this.#string(at));
    return found;
  }

  /* Does all of it agree with its checksums and its name? Reads it whole: takes about a second. */
  verify(): boolean {
    return this.#call.dict_verify(this.#dict) === 0;
  }

  /* The id of a canonical form, or null. */
  lookup(form: string | Uint8Array): number | null {
    const bytes = bytesOf(form);
    const id = this.#call.lookup(this.#dict, this.#put(bytes, 0) + SCRATCH, bytes.length) >>> 0;
    return id === NONE ? null : id;
  }

  token(id: number): Token | null {
    const at = this.#room(SCRATCH);
    if (!this.#call.token(this.#dict, id, at)) return null;
    const view = this.#view(at, SCRATCH);
    const u32 = (offset: number) => view.getUint32(offset, true);
    return {
      id: u32(0),
      canonical: text.decode(this.#bytes(u32(4), u32(8))),
      cls: CLASSES[u32(12)] ?? 'start',
      phase: u32(16),
      theta: view.getFloat64(24, true),
      r: view.getFloat64(32, true),
      sector: this.#string(u32(40)),
      quadrant: u32(44),
      inferred: view.getUint8(48) === 1,
    };
  }

  get sectors(): Sector[] {
    const at = this.#room(SCRATCH);
    return Array.from({ length: this.#call.sector_count(this.#dict) }, (_, number) => {
      this.#call.sector(this.#dict, number, at);
      const view = this.#view(at, SECTOR);
      const u32 = (offset: number) => view.getUint32(offset, true);
      return { name: this.#string(u32(0)), quadrant: u32(4), first: u32(8), count: u32(12), phase: u32(16), width: u32(20) };
    });
  }

  /* The token at a position of the ring, or null. */
  ring(position: number): number | null {
    const id = this.#call.ring(this.#dict, position) >>> 0;
    return id === NONE ? null : id;
  }

  /* By angle, nearest first; the distance is a share of half a turn. */
  nearOnPlane(id: number, most: number): Near[] {
    return this.#near(this.#call.near_on_plane, id, most);
  }

  /* By vectors, nearest first; the distance is the cosine. */
  nearByMeaning(id: number, most: number): Near[] {
    return this.#near(this.#call.near_by_meaning, id, most);
  }

  #near(call: Call, id: number, most: number): Near[] {
    const at = this.#room(most * NEAR);
    const count = call(this.#dict, id, at, most);
    const view = this.#view(at, count * NEAR);
    return Array.from({ length: count }, (_, i) => ({ id: view.getUint32(i * NEAR, true), distance: view.getFloat64(i * NEAR + 8, true) }));
  }

  /* --- the module's memory -------------------------------------------------------------------------------------------- */

  #room(length: number): number {
    const at = this.#call.module_room(length) >>> 0;
    if (at === 0) throw new GenomError('there is not enough memory');
    return at;
  }

  /* Scratch, the bytes, and `more` behind them; begins with zeros. Returns where the scratch is. */
  #put(bytes: Uint8Array, more: number): number {
    const at = this.#room(SCRATCH + bytes.length + more);
    this.#bytes(at, SCRATCH).fill(0);
    this.#bytes(at + SCRATCH, bytes.length).set(bytes);
    return at;
  }

  /* To be taken anew after each call that may make the memory grow. */
  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  #view(at: number, length: number): DataView {
    return new DataView(this.#memory.buffer, at, length);
  }

  #u32(at: number): number {
    return this.#view(at, 4).getUint32(0, true);
  }

  #string(at: number): string {
    const rest = new Uint8Array(this.#memory.buffer, at);
    return text.decode(rest.subarray(0, rest.indexOf(0)));
  }

  #check(error: number): void {
    if (error !== 0) throw new GenomError(this.#string(this.#call.error_text(error)));
  }
}
