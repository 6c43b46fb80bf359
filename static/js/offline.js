// Checks what the QR of a paper says by itself, without asking anybody: a CWT signed with Ed25519, in base 32.
'use strict';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const SAID = -65537; // the portal's own claim: kind, number, received at, due at, digest
const element = id => document.getElementById(id);

/** What was typed, pasted or scanned as a token is written: the end of an address, in capitals. */
const written = typed => typed.replace(/\s/g, '').split('/').pop().toUpperCase();

function fromBase32(text) {
  let bits = 0, waiting = 0;
  const bytes = [];
  for (const letter of text) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) throw new Error('not a letter of base 32');
    bits = (bits << 5 | value) & 0xfff;
    waiting += 5;
    if (waiting >= 8) {
      waiting -= 8;
      bytes.push(bits >> waiting & 0xff);
    }
  }
  // One way of writing only: what is left over is nothing.
  if (waiting >= 5 || bits & (1 << waiting) - 1) throw new Error('letters left over');
  return new Uint8Array(bytes);
}

/** Reads the first value of CBOR (RFC 8949), as far as a token needs it; gives the value and where the next begins. */
function readCbor(bytes, at) {
  const kind = bytes[at] >> 5, small = bytes[at] & 31;
  let length = small, next = at + 1;
  if (bytes[at] === 0xf6) return [null, next];
  if (kind > 6 || small > 27 || at >= bytes.length) throw new Error('not of a token');
  if (small > 23) {
    const size = 1 << small - 24;
    length = bytes.subarray(next, next + size).reduce((sum, byte) => sum * 256 + byte, 0);
    next += size;
  }
  if (kind === 0) return [length, next];
  if (kind === 1) return [-1 - length, next];
  if (kind === 6) return readCbor(bytes, next);
  if (kind < 4) {
    if (next + length > bytes.length) throw new Error('cut short');
    const content = bytes.slice(next, next + length);
    return [kind === 2 ? content : new TextDecoder('utf-8', {fatal: true}).decode(content), next + length];
  }
  const items = [];
  for (let count = kind === 5 ? 2 * length : length; count > 0; count--) {
    const [item, after] = readCbor(bytes, next);
    items.push(item);
    next = after;
  }
  if (kind === 4) return [items, next];
  return [new Map(items.flatMap((item, index) => index % 2 ? [] : [[item, items[index + 1]]])), next];
}

/** A string of bytes as CBOR writes it. */
function bytesAsCbor(bytes) {
  const head = bytes.length < 24 ? [0x40 | bytes.length] : bytes.length < 256 ? [0x58, bytes.length]
    : [0x59, bytes.length >> 8, bytes.length & 255];
  return [...head, ...bytes];
}

const joined = (...parts) => Uint8Array.from(parts.flat());
const asBase64 = bytes => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** What the portal's signature covers (RFC 8152, Sig_structure). */
const signed = (head, content) =>
  joined([0x84, 0x6a], [...new TextEncoder().encode('Signature1')], bytesAsCbor(head), [0x40], bytesAsCbor(content));

const importKey = jwk =>
  crypto.subtle.importKey('jwk', {kty: 'OKP', crv: 'Ed25519', x: jwk.x}, {name: 'Ed25519'}, false, ['verify']);

/** What a token says; throws 'unknown' for a key that is not in the page, anything else for what is not the portal's. */
async function read(token, keys) {
  const bytes = fromBase32(token);
  const [[head, , content, signature], end] = readCbor(bytes, 0);
  const again = joined([0xd2, 0x84], bytesAsCbor(head), [0xa0], bytesAsCbor(content), bytesAsCbor(signature));
  if (end !== bytes.length || again.some((byte, index) => byte !== bytes[index])) throw new Error('written otherwise');
  const [named] = readCbor(head, 0);
  const jwk = keys.find(key => key.kid === asBase64(named.get(4)));
  if (!jwk) throw 'unknown';
  const good = await crypto.subtle.verify({name: 'Ed25519'}, await importKey(jwk), signature, signed(head, content));
  if (!good || named.get(1) !== -8) throw new Error('not signed by this key');
  const [claims] = readCbor(content, 0);
  const [kind, number, received, due] = claims.get(SAID);
  return {reference: claims.get(2), issued: claims.get(6), kind, number, received, due};
}

const pattern = (seconds, options) =>
  new Intl.DateTimeFormat('en-GB', {timeZone: 'Asia/Ho_Chi_Minh', ...options}).format(new Date(seconds * 1000));
const day = seconds => pattern(seconds, {day: '2-digit', month: '2-digit', year: 'numeric'});
const moment = seconds =>
  `${pattern(seconds, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'})} ${day(seconds)}`;

function show(answer, claims) {
  for (const one of document.querySelectorAll('[data-answer]')) one.hidden = one.dataset.answer !== answer;
  element('facts').hidden = !claims;
  if (!claims) return;
  const title = document.querySelector(`[data-kind="${CSS.escape(claims.kind)}"]`);
  const said = {
    kind: title ? title.textContent : claims.kind,
    reference: claims.reference,
    number: claims.number,
    issued: day(claims.issued),
    received: claims.received && moment(claims.received),
    due: claims.due && moment(claims.due),
  };
  for (const [name, value] of Object.entries(said)) {
    element(`said-${name}`).textContent = value || '';
    element(`said-${name}`).parentElement.hidden = !value;
  }
}

async function check() {
  const token = written(element('token').value);
  if (!token) return show('', null);
  let keys;
  try {
    keys = JSON.parse(element('keys').value).keys.filter(key => key.crv === 'Ed25519');
  } catch {
    return show('keys', null);
  }
  try {
    show('valid', await read(token, keys));
  } catch (error) {
    show(error === 'unknown' ? 'unknown' : 'forged', null);
  }
}

/** Whether this browser can check at all: with a key that anybody may know. */
async function able() {
  try {
    await importKey({x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'});
    return true;
  } catch {
    return false;
  }
}

able().then(can => {
  element('form').hidden = !can;
  element('unable').hidden = can;
});
element('check').addEventListener('click', check);
element('token').addEventListener('change', check);
