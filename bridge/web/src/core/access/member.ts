// One device's membership of one log: what it must keep secret to go on reading and writing.
import { Bytes, concat, hex, random, unhex, utf8, uvarint } from "../bytes";
import { SigningKey, exchangePublic, sign, signingKey } from "../ed25519";
import { Hash, derive, mac } from "../hash";
import type { EpochKey } from "./epochkey";
import type { Role } from "./role";

/** Structured-cloneable: it may be stored as it is. */
export interface Member {
  readonly log: Hash;
  readonly topicSecret: Bytes;
  /** Of the device's signing key, fresh for each log. */
  readonly seed: Bytes;
  /** X25519 private key. */
  readonly hpke: Bytes;
  /** What the device writes under. */
  readonly grant: Hash;
  readonly role: Role;
  /** Of a sealed log. */
  readonly keys: readonly EpochKey[];
  readonly peers: readonly string[];
  /** X25519 private key of the invite the device came by. */
  readonly inviteHpke: Bytes | undefined;
  /** The log is a team's, not a match's. */
  readonly team: boolean;
}

/** Keys of a new device. */
export interface DeviceKeys {
  readonly signing: SigningKey;
  /** X25519 private key. */
  readonly hpke: Bytes;
  /** X25519 public key. */
  readonly hpkePublic: Hash;
}

export function newDeviceKeys(): DeviceKeys {
  const hpke = random(32);
  return { signing: signingKey(random(32)), hpke, hpkePublic: hpkePublic(hpke) };
}

export function hpkePublic(secret: Bytes): Hash {
  return hex(exchangePublic(secret));
}

/** What a membership proof is made for: one end of one link, at one time. */
export interface Meeting {
  readonly prover: string;
  readonly verifier: string;
  readonly proverNonce: Bytes;
  readonly verifierNonce: Bytes;
}

/** What the prover of a meeting calls a log. To others it is noise. */
export function meetingName(topicSecret: Bytes, at: Meeting): Bytes {
  return mac(derive(topicSecret, "member names", 32), meetingBytes(at)).subarray(0, 16);
}

/** The device's signature over a meeting. */
export function proveMembership(m: Pick<Member, "log" | "grant" | "seed">, at: Meeting): Bytes {
  return sign(signingKey(m.seed), concat(utf8("touchline/1 member"), unhex(m.log + m.grant), meetingBytes(at)));
}

function meetingBytes(at: Meeting): Bytes {
  const named = [at.prover, at.verifier].flatMap((id) => [uvarint(utf8(id).length), utf8(id)]);
  return concat(at.proverNonce, at.verifierNonce, ...named);
}
