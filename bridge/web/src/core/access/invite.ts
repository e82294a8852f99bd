// Invites: everything a device needs to join, with no internet and without the issuer present. Nobody
// who serves a page sees one: it travels behind the # of an address.
import { Bytes, concat, equal } from "../bytes";
import { Chain } from "../chain";
import type { Clock } from "../clock";
import { sign, signingKey } from "../ed25519";
import { openEvent, signEvent } from "../envelope";
import { malformed } from "../errors";
import { CONTROL, Event, LIVE } from "../event";
import { derive, sha256, sum } from "../hash";
import { pad } from "../pad";
import { ValueOf, bytes, decodeAs, encodeAs, list, opt, string, struct } from "../shape";
import { Control } from "./control";
import { epochKey } from "./epochkey";
import { ENROLMENT, enrolment } from "./kinds";
import { Member, hpkePublic, newDeviceKeys } from "./member";
import { Right, enrolStatement } from "./right";

/** What every invite in text form begins with. Any address with the same fragment is the same invite. */
export const INVITE_PREFIX = "touchline:1#";

const maxText = 24 << 10;
const checksumSize = 4;

const form = struct(
  {
    founding: bytes(0, maxText),
    grants: list(bytes(0, maxText), 1, 24),
    seed: bytes(32),
    topicSecret: bytes(32),
    keys: opt(list(epochKey, 1, 64)),
    peers: opt(list(string(0, maxText), 1, 16)),
  },
  { founding: 1, grants: 2, seed: 3, topicSecret: 4, keys: 5, peers: 6 },
);

type Parts = ValueOf<typeof form>;

/** An invite whose parts belong together. */
export interface Invite extends Parts {
  /** The control events inside, verified, founder first. */
  readonly control: readonly Event[];
  /** What it offers. */
  readonly right: Right;
  readonly team: boolean;
  readonly sealed: boolean;
}

/** Reads an invite or an address that carries one; throws "malformed", or why its chain is refused. */
export function parseInvite(s: string): Invite {
  const at = s.lastIndexOf("#");
  if (at < 0) malformed(`an invite begins with ${INVITE_PREFIX}`);
  const b = fromBase64(s.slice(at + 1));
  const end = b.length - checksumSize;
  if (end < 0 || !equal(checksum(b.subarray(0, end)), b.subarray(end))) malformed("invite is cut off or changed; copy it whole");
  return openInvite(decodeAs(form, b.subarray(0, end)));
}

/** The text form of an invite. */
export function inviteText(i: Parts): string {
  const { founding, grants, seed, topicSecret, keys, peers } = i;
  const b = encodeAs(form, { founding, grants, seed, topicSecret, keys, peers });
  const base64 = btoa(String.fromCharCode(...concat(b, checksum(b))));
  return INVITE_PREFIX + base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** Checks that the parts of an invite belong together. */
export function openInvite(i: Parts): Invite {
  const control = [i.founding, ...i.grants].map(openEvent);
  const c = new Control(sum(i.founding));
  for (const e of control) c.add(e);
  if (!c.founding || !equal(c.founding.topic, derive(i.topicSecret, "topic commitment", 32))) malformed("the invite's topic secret is not the match's");
  const right = c.right(control[control.length - 1]!.hash);
  const own = right && right.enrols > 0n && right.subject === signingKey(i.seed).public && right.hpke === hpkePublic(inviteHpke(i.seed));
  if (!own) return malformed("the invite's key is not the one its grant names");
  return { ...i, control, right, team: c.founding!.team, sealed: c.founding!.sealed };
}

/** Enrols a fresh device. The events are the invite's control events and, last, the enrolment. */
export function join(i: Invite, clock: Clock): { readonly member: Member; readonly events: readonly Event[] } {
  const { signing, hpke, hpkePublic: device } = newDeviceKeys();
  const log = i.control[0]!.hash;
  const content = encodeAs(enrolment, {
    kind: ENROLMENT, device: signing.public, hpke: device, proof: sign(signing, enrolStatement(log, i.right.hash, device)),
  });
  const e = signEvent(signingKey(i.seed), {
    ...new Chain().place(), ...clock.now(), set: CONTROL, log, grant: i.right.hash, lane: LIVE, epoch: "", refs: [], payload: pad(content),
  });
  const member: Member = {
    log, topicSecret: i.topicSecret, seed: signing.seed, hpke, grant: e.hash, role: i.right.role, keys: i.keys ?? [],
    peers: i.peers ?? [], inviteHpke: inviteHpke(i.seed), team: i.team,
  };
  return { member, events: [...i.control, e] };
}

/** The invite's X25519 key, by which whoever holds the seed opens what is wrapped to it. */
export const inviteHpke = (seed: Bytes): Bytes => derive(seed, "invite hpke", 32);

function checksum(b: Bytes): Bytes {
  return sha256(b).subarray(0, checksumSize);
}

function fromBase64(s: string): Bytes {
  if (s.length > maxText) malformed("invite is too long");
  const plain = s.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9_-]*$/.test(plain) || plain.length % 4 === 1) malformed("invite is cut off or changed");
  return Uint8Array.from(atob(plain.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
}
