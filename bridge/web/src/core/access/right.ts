// A right: what one control event gives to one key. All of it follows from hashes and never changes once
// known; whether it still stands is a verdict.
import { Bytes, concat, unhex, utf8 } from "../bytes";
import { verifyStrict } from "../ed25519";
import { malformed, refuse } from "../errors";
import type { Event } from "../event";
import type { Hash } from "../hash";
import { decodeAs } from "../shape";
import * as kinds from "./kinds";
import { Placed, placeOf } from "./place";
import { ALL_AUDIENCES, AUDIENCE_MATCH, ORGANISER, Role, SCORER, mayGrant, mayWrite, roleName } from "./role";

/** How many grants may lie between a key and the founder. Enrolments, hand-overs and clients do not count. */
export const MAX_DEPTH = 3;

export interface Right {
  readonly hash: Hash;
  /** undefined for the founder. */
  readonly parent: Right | undefined;
  /** Of the control event itself. */
  readonly place: Placed;
  readonly kind: number;
  /** Control events between this one and the founding record. */
  readonly level: number;
  /** Grants among them. */
  readonly depth: number;
  /** Ed25519 public key of the holder. */
  readonly subject: Hash;
  /** X25519 public key; "" for a client's key, which reads nothing. */
  readonly hpke: Hash;
  readonly role: Role;
  readonly team: string;
  readonly audiences: number;
  /** Milliseconds since 1970, the earliest of the chain; 0: never. */
  readonly notAfter: bigint;
  /** An invite's key: enrols so many devices and does nothing else. */
  readonly enrols: bigint;
}

/** Whether the right signs control events at all. */
export const mayControl = (r: Right): boolean => mayWrite(r.role) && r.kind !== kinds.CLIENT && r.enrols === 0n;

/** Whether r is that of the grant, or lies beneath it. */
export function within(r: Right | undefined, grant: Hash): boolean {
  for (; r; r = r.parent) if (r.hash === grant) return true;
  return false;
}

export function refuseRight(r: Right, what: string): never {
  return refuse("forbidden", `a ${roleName(r.role)} may not ${what}`);
}

export function founder(e: Event, f: { readonly hpke: Hash }): Right {
  return {
    hash: e.hash, parent: undefined, place: placeOf(e), kind: kinds.FOUNDING, level: 0, depth: 0, subject: e.author, hpke: f.hpke,
    role: ORGANISER, team: "", audiences: ALL_AUDIENCES, notAfter: 0n, enrols: 0n,
  };
}

type Given = Pick<Right, "kind" | "subject"> & Partial<Right>;

/** A right that passes on what r has, but for what is given. */
function child(r: Right, e: Event, given: Given): Right {
  return { ...r, hash: e.hash, parent: r, place: placeOf(e), level: r.level + 1, hpke: "", enrols: 0n, ...given };
}

/** The right that a grant under r gives; it must narrow. */
export function granted(r: Right, e: Event, plain: Bytes): Right {
  const g = decodeAs(kinds.grant, plain);
  const team = g.team ?? "";
  const role = g.role as Role;
  if (!mayGrant(r.role) || role < r.role || r.depth >= MAX_DEPTH) refuseRight(r, `grant ${roleName(role)}`);
  if (r.team !== "" && team !== r.team) refuseRight(r, "grant rights for another team");
  if (g.audiences & ~r.audiences) refuseRight(r, "grant an audience that it is not part of");
  return child(r, e, {
    kind: kinds.GRANT, subject: g.subject, hpke: g.hpke, role, team, audiences: g.audiences, enrols: g.enrols ?? 0n,
    notAfter: earlier(r, g.notAfter), depth: r.depth + 1,
  });
}

/** When a right under r ends that is to end at a time; 0 or none: it is not. */
function earlier(r: Right, end = 0n): bigint {
  return end > 0n && (r.notAfter === 0n || end < r.notAfter) ? end : r.notAfter;
}

/** The right of a device that an invite's key lets in. */
export function enrolled(r: Right, e: Event, plain: Bytes): Right {
  const en = decodeAs(kinds.enrolment, plain);
  if (!verifyStrict(unhex(en.device), enrolStatement(e.log, e.grant, en.hpke), en.proof)) malformed("enrolment proof");
  return child(r, e, { kind: kinds.ENROLMENT, subject: en.device, hpke: en.hpke });
}

/** The right of the successor's invite. */
export function handedOver(r: Right, e: Event, plain: Bytes): Right {
  const h = decodeAs(kinds.handOver, plain);
  return child(r, e, { kind: kinds.HAND_OVER, subject: h.subject, hpke: h.hpke, enrols: 1n });
}

/** The right of a key that a node keeps for one of its clients, or lets in for a page. */
export function clientOf(r: Right, e: Event, plain: Bytes): Right {
  const c = decodeAs(kinds.client, plain);
  if (!verifyStrict(unhex(c.device), clientStatement(e.log, e.grant), c.proof)) malformed("client proof");
  return child(r, e, {
    kind: kinds.CLIENT, subject: c.device, role: Math.max(r.role, SCORER) as Role, audiences: r.audiences & AUDIENCE_MATCH,
    notAfter: earlier(r, c.notAfter),
  });
}

/** What a device signs to be enrolled, so that nobody enrols a key that is not theirs. */
export function enrolStatement(log: Hash, grant: Hash, hpke: Hash): Bytes {
  return concat(utf8("touchline/1 enrolment"), unhex(log + grant + hpke));
}

/** What a page signs to be let in by a node. */
export function clientStatement(log: Hash, grant: Hash): Bytes {
  return concat(utf8("touchline/1 client"), unhex(log + grant));
}
