// What is computed here because it is small, beside the library's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf as theirHkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hex, random } from "../src/core";
import { exchangePublic, sign, signingKey, verifyStrict } from "../src/core/ed25519";
import { hkdf, mac } from "../src/core/hash";

test("HMAC and HKDF are those of RFC 2104 and RFC 5869, for keys, salts and answers of every length", () => {
  for (const size of [0, 1, 16, 31, 32, 33, 63, 64, 65, 200]) {
    const [key, message] = [random(size), random(3 * size)];
    assert.equal(hex(mac(key, message.subarray(0, size), message.subarray(size))), hex(hmac(sha256, key, message)), `HMAC, key of ${size}`);
    for (const n of [1, 16, 32, 33, 64, 100]) assert.equal(hex(hkdf(key, message, key, n)), hex(theirHkdf(sha256, key, message, key, n)), `HKDF of ${size}, ${n}`);
    assert.equal(hex(hkdf(key, new Uint8Array(), message, 48)), hex(theirHkdf(sha256, key, undefined, message, 48)), `no salt, ${size}`);
  }
});

test("the public half of an X25519 key is that of RFC 7748", () => {
  for (let i = 0; i < 40; i++) {
    const secret = random(32);
    assert.equal(hex(exchangePublic(secret)), hex(x25519.getPublicKey(secret)));
  }
  for (const same of [0, 255]) {
    const secret = new Uint8Array(32).fill(same);
    assert.equal(hex(exchangePublic(secret)), hex(x25519.getPublicKey(secret)));
  }
});

test("keys and signatures are those of RFC 8032, byte by byte", () => {
  for (let i = 0; i < 40; i++) {
    const [seed, message] = [random(32), random(7 * i)];
    const key = signingKey(seed);
    assert.equal(key.public, hex(ed25519.getPublicKey(seed)));
    assert.equal(hex(sign(key, message)), hex(ed25519.sign(message, seed)));
    assert.ok(verifyStrict(ed25519.getPublicKey(seed), message, sign(key, message)));
  }
});
