// The rights that a log's control set gives. Adding in any order gives the same answers once the same
// events are in. `check` is membership (rule R1): it depends on bytes, present grants, purges and
// erasures, which are facts that are only ever added.
import type { Bytes } from "../bytes";
import { malformed, refuse } from "../errors";
import { CONTROL, Event, isFounding, logOf, plainOf } from "../event";
import type { Hash } from "../hash";
import { decodeAs } from "../shape";
import { Chains } from "./chains";
import * as kinds from "./kinds";
import { Right, clientOf, enrolled, founder, granted, handedOver, mayControl, refuseRight } from "./right";
import { mayGrant, mayWrite, roleName } from "./role";
import { Rulings } from "./rulings";

export class Control {
  private readonly given = new Map<Hash, Right>();
  private readonly present = new Map<Hash, Event>();
  readonly rulings = new Rulings();
  /** Of the control set. */
  readonly chains = new Chains();
  /** What the founding record says; undefined while it is not present. */
  founding: { readonly team: boolean; readonly sealed: boolean; readonly topic: Bytes } | undefined;

  constructor(readonly log: Hash) {}

  /**
   * Says whether e may be a member of its set: throws "no-grant" (it must wait), "forbidden", "malformed",
   * "wrong-match", or "gone" when a purge or an erasure bars it. The signature is checked elsewhere.
   */
  check(e: Event): void {
    this.judge(e);
  }

  /** Takes note of a member of the control set; returns whether it was new. Other events change nothing. */
  add(e: Event): boolean {
    if (e.set !== CONTROL || this.present.has(e.hash)) return false;
    const right = this.judge(e);
    const plain = plainOf(e);
    this.present.set(e.hash, e);
    if (right) this.given.set(e.hash, right);
    const by = this.given.get(e.grant);
    if (by) {
      this.chains.add(e);
      this.rulings.add(e, plain, by);
    } else {
      const f = decodeAs(kinds.founding, plain);
      this.founding = { team: f.purpose === 2, sealed: f.sealed, topic: f.topic };
    }
    return true;
  }

  /** Whether e, once added, makes `check` refuse events that may be members already. */
  bars(e: Event): boolean {
    return e.set === CONTROL && [kinds.PURGE, kinds.ERASURE].includes(kinds.kindOf(plainOf(e)));
  }

  /** The right that a control event gives; undefined while it is not known. */
  right(grant: Hash): Right | undefined {
    return this.given.get(grant);
  }

  rights(): Iterable<Right> {
    return this.given.values();
  }

  /** The control events from the founding record to a grant; undefined while one is not known. */
  chain(grant: Hash): readonly Event[] | undefined {
    const out: Event[] = [];
    for (let r = this.given.get(grant); r; r = r.parent) out.unshift(this.present.get(r.hash)!);
    return out.length ? out : undefined;
  }

  /** How many control events are present. */
  get size(): number {
    return this.present.size;
  }

  /** Returns the right that e gives, if it gives one. */
  private judge(e: Event): Right | undefined {
    if (logOf(e) !== this.log) refuse("wrong-match", "event belongs to another match");
    if (isFounding(e)) return founder(e, decodeAs(kinds.founding, plainOf(e)));
    const by = this.given.get(e.grant) ?? refuse("no-grant", "author's grant is not known yet");
    if (by.subject !== e.author) refuse("forbidden", "the grant belongs to another key");
    if (e.set === CONTROL) return checkControl(e, by);
    if (by.enrols > 0n || !mayWrite(by.role)) refuse("forbidden", `role ${roleName(by.role)}`);
    if (this.rulings.bars(e, by)) refuse("gone", "purged or erased");
    return undefined;
  }
}

/** Holds a control event to what its kind demands of its author: all of it follows from the bytes and the chain. */
function checkControl(e: Event, by: Right): Right | undefined {
  const plain = plainOf(e);
  const kind = kinds.kindOf(plain);
  if (by.enrols > 0n !== (kind === kinds.ENROLMENT)) refuse("forbidden", "an invite enrols devices and does nothing else");
  if (kind === kinds.ENROLMENT) return enrolled(by, e, plain);
  if (!mayControl(by)) refuseRight(by, "sign control events");
  switch (kind) {
    case kinds.FOUNDING:
      return malformed("a founding record founds a log of its own");
    case kinds.GRANT:
      return granted(by, e, plain);
    case kinds.HAND_OVER:
      return handedOver(by, e, plain);
    case kinds.CLIENT:
      return clientOf(by, e, plain);
  }
  checkRuling(kind, by, plain);
  return undefined;
}

function checkRuling(kind: number, by: Right, plain: Bytes): void {
  switch (kind) {
    case kinds.REVOCATION:
      decodeAs(kinds.revocation, plain);
      return;
    case kinds.PURGE: {
      if (by.kind !== kinds.FOUNDING) refuseRight(by, "purge: only the founding key may");
      const p = decodeAs(kinds.purge, plain);
      if (!p.beneath && p.except.length) malformed("purge");
      return;
    }
    case kinds.ERASURE:
      if (!mayGrant(by.role)) refuseRight(by, "erase");
      decodeAs(kinds.erasure, plain);
      return;
    case kinds.EPOCH: {
      if (!mayGrant(by.role)) refuseRight(by, "change keys");
      const ep = decodeAs(kinds.epoch, plain);
      if (!kinds.validAudience(ep.audience, ep.scope)) malformed("audience");
      return;
    }
    case kinds.WRAPS:
      decodeAs(kinds.wraps, plain);
  }
}
