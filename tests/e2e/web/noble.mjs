/* noble.mjs: the handshake and the sessions of docs/bus.md written a second time, on the noble packages; Phase Rotation of
 * docs/genom.md too. */

import assert from 'node:assert/strict';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';

export const ascii = (text) => new TextEncoder().encode(text);
export const join_bytes = (...parts) => new Uint8Array(Buffer.concat(parts));

export class Session {
  constructor(transcript, secret, initiator) {
    const keys = hkdf(sha256, secret, transcript, ascii('GENOM handshake 1 keys'), 64);
    const [one, two] = [keys.slice(0, 32), keys.slice(32)];
    this.send = { key: initiator ? one : two, next: 0n };
    this.receive = { key: initiator ? two : one, next: 0n };
  }

  static head(counter) {
    const head = Buffer.alloc(9, 1);
    head.writeBigUInt64LE(counter, 1);
    return head;
  }

  static cipher(key, head, aad) {
    return chacha20poly1305(key, join_bytes(head.subarray(0, 1), new Uint8Array(3), head.subarray(1)), aad);
  }

  seal(aad, text) {
    const head = Session.head(this.send.next++);
    return join_bytes(head, Session.cipher(this.send.key, head, aad).encrypt(text));
  }

  open(aad, sealed) {
    const head = Session.head(this.receive.next);
    assert.deepEqual(sealed.slice(0, 9), new Uint8Array(head), 'form and counter');
    const text = Session.cipher(this.receive.key, head, aad).decrypt(sealed.slice(9));
    this.receive.next++;
    return text;
  }
}

export const offer_signed = (responder, initiator, pk) => join_bytes(ascii('GENOM handshake 1 offer'), responder, initiator, pk);
export const transcript_of = (offer, ct, responder) => sha256(join_bytes(ascii('GENOM handshake 1 transcript'), offer, ct, responder));
export const reply_signed = (transcript) => join_bytes(ascii('GENOM handshake 1 reply'), transcript);

export function start(me, responder, seed = randomBytes(32)) {
  const { publicKey: pk, secretKey } = xwing.keygen(seed);
  const offer = me ? join_bytes(pk, me.publicKey, ed25519.sign(offer_signed(responder, me.publicKey, pk), me.secretKey)) : pk;
  const finish = (reply) => {
    assert.equal(reply.length, 1216);
    const [ct, name, signature] = [reply.slice(0, 1120), reply.slice(1120, 1152), reply.slice(1152)];
    const transcript = transcript_of(offer, ct, name);
    assert.ok(ed25519.verify(signature, reply_signed(transcript), name));
    return { name, session: new Session(transcript, xwing.decapsulate(ct, secretKey), true) };
  };
  return { offer, finish };
}

export function answer(me, offer, random = randomBytes(64)) {
  const pk = offer.slice(0, 1216);
  let name = new Uint8Array();
  if (offer.length !== 1216) {
    assert.equal(offer.length, 1312);
    name = offer.slice(1216, 1248);
    assert.ok(ed25519.verify(offer.slice(1248), offer_signed(me.publicKey, name, pk), name));
  }
  const { cipherText: ct, sharedSecret } = xwing.encapsulate(pk, random);
  const transcript = transcript_of(offer, ct, me.publicKey);
  const reply = join_bytes(ct, me.publicKey, ed25519.sign(reply_signed(transcript), me.secretKey));
  return { name, reply, session: new Session(transcript, sharedSecret, false) };
}

/* Positions on a ring of n tokens, turned forwards (1) or back (-1) by the keystream of a key and a counter. */
export function rotate(key, counter, positions, direction, n = 1_000_000) {
  const limit = 2 ** 32 - 1 - ((2 ** 32 - 1) % n);
  let stream = new DataView(new ArrayBuffer(0));
  let [at, chunk] = [0, 0];
  const next = () => {
    for (;;) {
      if (at === stream.byteLength) {
        const bytes = chacha20poly1305(key, nonce(chunk++, counter)).encrypt(new Uint8Array(4096)).slice(0, 4096);
        [stream, at] = [new DataView(bytes.buffer), 0];
      }
      const drawn = stream.getUint32(at, true);
      at += 4;
      if (drawn < limit) return drawn % n;
    }
  };
  return positions.map((position) => (((position + direction * next()) % n) + n) % n);
}

export function token_tag(key, counter, aad, ciphertext) {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(aad.length));
  return chacha20poly1305(key, nonce(0xffffff, counter), join_bytes(aad, ciphertext)).encrypt(length).slice(8);
}

function nonce(chunk, counter) {
  const bytes = Buffer.alloc(12);
  bytes[0] = 2;
  bytes.writeUIntLE(chunk, 1, 3);
  bytes.writeBigUInt64LE(BigInt(counter), 4);
  return new Uint8Array(bytes);
}
