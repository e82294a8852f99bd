// One match over one connection: shows this browser's right, follows, sends what the node is not known to hold, and
// compares until the two are proved equal.
import { clientStatement, concat, decodeEvent, hpkePublic, logOf, mayRead, mayWrite, sign, signingKey, unhex, utf8 } from "../core";
import type { Role } from "../core";
import { MatchCopy, SIGNED, VIEW } from "./copy";
import { Exchange, Outcome } from "./exchange";
import type { Frame } from "./frames";
import type { Later } from "./host";
import { Link, Refusal } from "./link";
import { Outgoing } from "./outgoing";
import type { GrantRow, RestEvent } from "./rows";
import { text } from "./wire";

export interface Caller {
  /** By token, or as guest; 0: none. */
  readonly role: number;
  /** The match that the token is for; "" for all. */
  readonly match: string;
  /** Whether there is a token: guests' events are signed by the node. */
  readonly token: boolean;
}

/** What a node says of who has what: `/v1/matches/{id}/status`. */
export interface Status {
  /** Of the node's three sets. */
  readonly digest: string;
  readonly holders: number;
  readonly peers?: readonly { readonly equal?: boolean; readonly relay?: boolean }[];
}

const retryMs = 2000;
const mostSessions = 3; // until the next occasion
const sessionMs = 60_000;

let made = 0;

export class Sync {
  /** Tells this one from those of other connections. */
  readonly number = ++made;
  /** All that the node held when last asked is here, and it was proved. */
  current = false;
  /** Devices that hold everything that is here; 0: not known. */
  holders = 0;
  atRelay = false;
  /** By what it has shown, this page may record at this node. */
  writes = false;
  /** Why the node shows nothing of this match; "" while it may. */
  denied = "";
  private proven: GrantRow | undefined;
  private format = 0;
  private secret: Uint8Array | undefined;
  private readonly exchanges = new Map<number, Exchange>();
  private readonly outgoing: Outgoing;
  /** The node's last arrival, as far as it told. */
  last = 0;
  private caughtUp = false;
  private stopped = false;
  private waits: (() => void) | undefined;

  constructor(
    readonly copy: MatchCopy,
    private readonly link: Link,
    private readonly caller: Caller,
    private readonly later: Later,
    private readonly changed: () => void,
    /** Events came, and are being kept. */
    private readonly coming: () => void,
  ) {
    this.outgoing = new Outgoing(copy, link, later, () => this.writes, () => this.drafts);
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    this.waits?.();
    this.outgoing.stop();
    for (const e of this.exchanges.values()) e.drop();
  }

  /** The node tells what comes; what is here may not be all yet. */
  get following(): boolean {
    return this.format > 0;
  }

  /** Something was recorded. */
  publish(): void {
    this.outgoing.run();
  }

  private get byToken(): number {
    return !this.caller.match || this.caller.match === this.copy.id ? this.caller.role : 0;
  }

  /** A node signs drafts for whoever has a token or is a guest, and only then under the same name each time. */
  private get drafts(): boolean {
    return this.byToken > 0 && mayWrite(this.byToken as Role);
  }

  private async run(): Promise<void> {
    try {
      await this.begin();
      this.denied = "";
    } catch (err) {
      if (this.stopped || this.link.ended) return;
      const soon = err instanceof Refusal && err.passing;
      if (err instanceof Refusal && !soon) this.denied = err.message;
      this.waits = this.later(soon ? err.againMs || retryMs : 10 * retryMs, () => void this.run());
    }
    this.changed();
  }

  private async begin(): Promise<void> {
    await this.prove();
    if (!this.proven && this.caller.token && this.drafts && !this.copy.sealed) await this.tryEnrol();
    this.writes = this.drafts || (this.proven !== undefined && mayWrite(this.proven.role as Role));
    await this.copy.signKept();
    this.outgoing.run();
    await this.follow(this.proven && mayRead(this.proven.role as Role) && !this.copy.sealed ? SIGNED : VIEW);
  }

  /** Shows the newest right that this browser was given, if this node knows it. */
  private async prove(): Promise<void> {
    this.proven = undefined;
    const { member, id } = this.copy;
    for (const g of [...(member?.grants ?? [])].reverse()) {
      const signature = sign(signingKey(member!.seed), concat(utf8("touchline/1 session"), unhex(id + g.grant), this.link.nonces));
      try {
        const { role } = await this.link.ask("proved", "prove", { match: id, grant: g.grant, signature });
        this.proven = { ...g, role };
        return;
      } catch (err) {
        if (!(err instanceof Refusal) || err.reason !== "proof") throw err;
      }
    }
  }

  /** A node that lets no key in signs for this page. */
  private async tryEnrol(): Promise<void> {
    try {
      await this.enrol();
    } catch (err) {
      if (!(err instanceof Refusal) || err.passing) throw err;
    }
  }

  /** Has this browser's own key let in, so that it signs for itself from now on. */
  private async enrol(): Promise<void> {
    const { id } = this.copy;
    const { grant: node } = await this.link.ask("following", "follow", { match: id, format: VIEW, fromNow: true });
    await this.link.ask("done", "unfollow", { match: id });
    const member = await this.copy.keys();
    const key = signingKey(member.seed);
    const e = await this.link.ask("enrolled", "enrol", {
      match: id, key: key.public, hpke: hpkePublic(member.hpke), proof: sign(key, clientStatement(id, node)),
    });
    this.proven = { grant: e.grant, role: e.role, notAfter: e.notAfter ?? 0 };
    await this.copy.enrolled(this.proven, e.chain);
  }

  private async follow(format: number): Promise<void> {
    const { id } = this.copy;
    const { node } = this.link;
    const from = this.copy.place(format, node);
    await this.link.ask("following", "follow", { match: id, format, ...(from ? { store: node, arrival: from } : {}) }, (f) => {
      this.format = format;
      this.secret = f.secret;
      this.last = f.arrival;
    });
  }

  /** Takes what the node says of this match; false: it is none of its. */
  take(f: Frame): boolean {
    if ("session" in f && f.session !== undefined) return this.takeSession(f.session, f);
    if (f.is === "live") {
      if (!this.isOurs(f.envelope)) return false;
      // What comes before the answer to follow is found by comparing.
      return this.format !== SIGNED || this.takeEvents([{ arrival: f.arrival, bytes: f.envelope }]);
    }
    if (!("match" in f) || f.match !== this.copy.id) return false;
    if (!this.format) return true; // of the follow that asked for the node's right
    switch (f.is) {
      case "events":
        return this.takeEvents(f.items);
      case "view":
        return this.takeEvents([{ arrival: f.arrival, bytes: f.json ?? new Uint8Array() }]);
      case "caught":
        this.last = Math.max(this.last, f.arrival);
        this.caught(f.arrival).catch((err: unknown) => this.broken(err));
        return true;
      case "held":
        this.held(f).catch((err: unknown) => this.broken(err));
        return true;
    }
    return false;
  }

  private isOurs(envelope: Uint8Array): boolean {
    return logOf(decodeEvent(envelope)) === this.copy.id;
  }

  private takeEvents(items: readonly { readonly arrival: number; readonly bytes: Uint8Array }[]): true {
    this.holders = 0; // of what was before
    this.atRelay = false;
    for (const it of items) this.last = Math.max(this.last, it.arrival);
    this.coming();
    const full = items.filter((it) => it.bytes.length);
    const kept =
      this.format === SIGNED ? this.copy.receive(full.map((it) => it.bytes)) : this.copy.receiveViews(full.map((it) => JSON.parse(text(it.bytes)) as RestEvent));
    kept.catch((err: unknown) => this.broken(err));
    return true;
  }

  /** What came could not be kept: nothing after it counts as received, and it comes again. */
  private broken(err: unknown): void {
    this.stopped = true;
    this.link.end({ reason: "lost", detail: String(err), againMs: 0 });
  }

  /** All up to there is here, once what came before is dealt with. */
  private async caught(arrival: number): Promise<void> {
    await this.copy.caught(this.format, this.link.node, arrival, () => !this.stopped);
    if (this.stopped) return;
    const first = !this.caughtUp;
    this.caughtUp = true;
    if (this.format === SIGNED) return first ? this.compare() : undefined;
    this.current = true;
    this.changed();
  }

  /** Takes who holds what, if it is said of exactly what is here. */
  status(s: Status): void {
    if (!this.current || (this.format === SIGNED && s.digest !== this.copy.log.combined())) return;
    [this.holders, this.atRelay] = [s.holders, s.peers?.some((p) => p.equal && p.relay) ?? false];
    if (this.format === SIGNED) this.heldBy(Infinity, this.holders, this.atRelay).catch((err: unknown) => this.broken(err));
    this.changed();
  }

  private async held(f: { readonly arrival: number; readonly devices: number; readonly relay?: true | undefined }): Promise<void> {
    if (f.arrival >= this.last) [this.holders, this.atRelay] = [f.devices, f.relay ?? false];
    await this.heldBy(f.arrival, f.devices, f.relay ?? false);
    this.changed();
  }

  /** So many devices hold what this node had up to an arrival. */
  private heldBy(arrival: number, devices: number, relay: boolean): Promise<void> {
    const { node } = this.link;
    const told = [...this.copy.own.values()].filter((o) => o.node === node && o.arrival <= arrival && (o.devices < devices || (relay && !o.relay)));
    return this.copy.changeOwn(told.map((o) => o.id), false, (o) => ({ ...o, devices: Math.max(o.devices, devices), relay: o.relay || relay }));
  }

  // Comparing.

  /** Proves that the node holds exactly what is here, or makes it so. */
  compare(): Promise<void> {
    return this.compareAgain().catch((err: unknown) => this.broken(err));
  }

  private async compareAgain(): Promise<void> {
    if (this.format !== SIGNED || !this.secret || this.exchanges.size) return;
    for (let i = 0; i < mostSessions && !this.stopped; i++) {
      const x = new Exchange(this.copy, this.link, this.secret, i === mostSessions - 1);
      this.exchanges.set(x.number, x);
      let outcome: Outcome | undefined;
      const late = this.later(sessionMs, () => x.drop());
      try {
        outcome = await x.outcome;
      } catch {
        // The next one may do better; the node's answer to each event says what is wrong with it.
      }
      late();
      this.exchanges.delete(x.number);
      if (outcome?.equal) return this.proved(outcome);
    }
    this.current = false;
    this.changed();
  }

  private async proved(o: Outcome): Promise<void> {
    this.current = true;
    const { node } = this.link;
    const there = [...this.copy.own.values()].filter((own) => own.signed && own.node !== node && o.held.has(own.hash));
    await this.copy.changeOwn(there.map((own) => own.id), false, (own) => ({ ...own, node, arrival: o.arrival, devices: 0, relay: false, problem: "" }));
    this.changed();
  }

  private takeSession(session: number, f: Frame): boolean {
    const x = this.exchanges.get(session);
    x?.take(f);
    return x !== undefined;
  }
}
