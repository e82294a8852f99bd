// The epoch keys that one device can have (rule R9): those it was given by its invite or remembers, those
// wrapped to it or to the invite it came by, and those that the keys it has carry. What it holds is a
// function of the membership and the control set, whatever the order of arrival.
import { Bytes, equal } from "../bytes";
import { TouchlineError } from "../errors";
import type { Event } from "../event";
import type { Hash } from "../hash";
import { Content, decodeContent } from "../content";
import type { Control } from "./control";
import type { EpochKey } from "./epochkey";
import { ENROLMENT, Epoch } from "./kinds";
import type { Member } from "./member";
import { Part, commitmentOf, epochOfBox, openBox, openCarried, openPayload } from "./seal";
import { openWrap } from "./wrap";

export class Keyring {
  private held = new Map<Hash, EpochKey>();
  private seen = -1;

  constructor(
    private readonly member: Member,
    private readonly control: Control,
  ) {}

  /** The key of an epoch; undefined while this device has none. */
  key(epoch: Hash): EpochKey | undefined {
    this.learn();
    return this.held.get(epoch);
  }

  /** All keys held, in a fixed order: what a device keeps beside its membership. */
  keys(): readonly EpochKey[] {
    this.learn();
    return [...this.held.values()].sort((a, b) => (a.epoch < b.epoch ? -1 : 1));
  }

  /** The content of an event, sealed or not; throws "no-key", "seal" or "malformed". */
  open(e: Event): Content {
    return decodeContent(openPayload(e.epoch ? this.key(e.epoch) : undefined, e));
  }

  /** One box of an event's content; undefined without its key. */
  openBox(e: Event, b: Bytes): Part | undefined {
    const k = this.key(epochOfBox(b));
    return k && openBox(k, e, b);
  }

  /** Opens what can be opened by now. A key is only taken if its epoch's event commits to it. */
  private learn(): void {
    if (this.control.size === this.seen) return;
    this.seen = this.control.size;
    const epochs = new Map(this.control.rulings.epochs.map((e) => [e.hash, e.content]));
    for (const k of [...this.held.values(), ...this.member.keys]) {
      const fact = epochs.get(k.epoch);
      if (!fact || isOf(k, fact)) this.held.set(k.epoch, this.held.get(k.epoch) ?? k);
      else if (this.held.get(k.epoch) === k) this.held.delete(k.epoch);
    }
    this.openWraps(epochs);
    while (this.openCarried(epochs));
  }

  private openWraps(epochs: ReadonlyMap<Hash, Epoch>): void {
    const { epochs: own, wraps: more } = this.control.rulings;
    const lists = [...own.map((e) => ({ epoch: e.hash, wraps: e.content.wraps })), ...more.map((w) => w.content)];
    for (const { epoch, wraps } of lists)
      for (const w of wraps)
        for (const { grant, secret } of this.holders())
          if (w.grant === grant) this.take(epoch, epochs.get(epoch), (fact) => openWrap(w.sealed, secret, fact.commitment, this.member.log, grant));
  }

  /** Goes once over the carried keys; returns whether one was found. */
  private openCarried(epochs: ReadonlyMap<Hash, Epoch>): boolean {
    let found = false;
    for (const [by, e] of epochs) {
      const k = this.held.get(by);
      if (!k) continue;
      for (const c of e.follows)
        found = this.take(c.epoch, epochs.get(c.epoch), (fact) => openCarried(c, k.key, fact.commitment, this.member.log)) || found;
    }
    return found;
  }

  private take(epoch: Hash, fact: Epoch | undefined, open: (fact: Epoch) => Bytes): boolean {
    if (!fact || this.held.has(epoch)) return false;
    try {
      this.held.set(epoch, { epoch, audience: fact.audience, scope: fact.scope, key: open(fact) });
    } catch (problem) {
      if (problem instanceof TouchlineError) return false; // made for nobody, by a liar
      throw problem;
    }
    return true;
  }

  /** Private keys and the grants to which they belong: the device's, and those of the invite it came by. */
  private holders(): readonly { readonly grant: Hash; readonly secret: Bytes }[] {
    const { grant, hpke, inviteHpke } = this.member;
    const right = this.control.right(grant);
    const invite = right?.kind === ENROLMENT ? right.parent : undefined;
    return [{ grant, secret: hpke }, ...(invite && inviteHpke ? [{ grant: invite.hash, secret: inviteHpke }] : [])];
  }
}

const isOf = (k: EpochKey, e: Epoch): boolean => k.audience === e.audience && equal(k.scope, e.scope) && equal(commitmentOf(k.key), e.commitment);
