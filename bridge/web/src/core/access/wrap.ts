// Wraps are HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305,
// one message, no associated data.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { Bytes, concat, random, unhex, utf8 } from "../bytes";
import { refuse } from "../errors";
import { Hash, expand, mac } from "../hash";
import { committed, commitmentOf } from "./seal";

const kemSuite = concat(utf8("KEM"), Uint8Array.of(0, 0x20));
const suite = concat(utf8("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 3));
const none = new Uint8Array();

const labeledExtract = (id: Bytes, salt: Bytes, label: string, ikm: Bytes): Bytes =>
  mac(salt, utf8("HPKE-v1"), id, utf8(label), ikm);

const labeledExpand = (id: Bytes, prk: Bytes, label: string, info: Bytes, n: number): Bytes =>
  expand(prk, concat(Uint8Array.of(n >> 8, n), utf8("HPKE-v1"), id, utf8(label), info), n);

/** The one cipher of a shared point. */
function cipher(dh: Bytes, encapsulated: Bytes, recipient: Bytes, info: Bytes): ReturnType<typeof chacha20poly1305> {
  const eae = labeledExtract(kemSuite, none, "eae_prk", dh);
  const shared = labeledExpand(kemSuite, eae, "shared_secret", concat(encapsulated, recipient), 32);
  const context = concat(
    Uint8Array.of(0), // base mode
    labeledExtract(suite, none, "psk_id_hash", none),
    labeledExtract(suite, none, "info_hash", info),
  );
  const secret = labeledExtract(suite, shared, "secret", none);
  return chacha20poly1305(labeledExpand(suite, secret, "key", context, 32), labeledExpand(suite, secret, "base_nonce", context, 12));
}

/** Binds a wrap to its purpose, log, key and recipient. */
const infoOf = (log: Hash, commitment: Bytes, grant: Hash): Bytes => concat(utf8("touchline/1 wrap"), unhex(log), commitment, unhex(grant));

/** Gives a key to the holder of a grant, whose X25519 key is public; throws "seal" for one that no honest device has. */
export function wrapKey(key: Bytes, recipient: Bytes, log: Hash, grant: Hash): Bytes {
  const ephemeral = random(32);
  const encapsulated = x25519.getPublicKey(ephemeral);
  const c = cipher(shared(ephemeral, recipient), encapsulated, recipient, infoOf(log, commitmentOf(key), grant));
  return concat(encapsulated, c.encrypt(key));
}

/** The key in a wrap, if it is the one committed to; throws "seal". */
export function openWrap(sealed: Bytes, secret: Bytes, commitment: Bytes, log: Hash, grant: Hash): Bytes {
  const encapsulated = sealed.subarray(0, 32);
  const c = cipher(shared(secret, encapsulated), encapsulated, x25519.getPublicKey(secret), infoOf(log, commitment, grant));
  let key: Bytes;
  try {
    key = c.decrypt(sealed.subarray(32));
  } catch {
    return refuse("seal", "wrap is for another key or grant, or changed");
  }
  return committed(key, commitment);
}

function shared(secret: Bytes, of: Bytes): Bytes {
  try {
    return x25519.getSharedSecret(secret, of);
  } catch {
    return refuse("seal", "not a key");
  }
}
