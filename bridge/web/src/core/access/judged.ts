// What the control set as a whole says about each right. It is computed from the set alone, so that the
// order of arrival cannot matter, from the founder down: what decides about a right was written under
// rights above it.
import type { Hash } from "../hash";
import { Chains } from "./chains";
import type { Control } from "./control";
import { ENROLMENT, FOUNDING, HandOver, Head, Revocation } from "./kinds";
import type { Placed } from "./place";
import { Right, within } from "./right";
import type { Ruling } from "./rulings";
import { Verdict, counts, unconfirmed } from "./verdict";

/** Where one revocation or hand-over ends a right. */
interface Cut {
  readonly by: Hash;
  readonly heads: readonly Head[];
  /** A hand-over: it stands itself, where it ends its own grant. */
  readonly own: boolean;
}

/** The verdict about one right. All cuts must include what is to stand. */
interface Standing {
  readonly verdict: Verdict;
  readonly cuts: readonly Cut[];
  overused: boolean;
}

type ByRight = Map<Hash, Ruling<Revocation>[]>;

export class Judged {
  private readonly standing = new Map<Hash, Standing>();
  private readonly targets: ByRight = new Map();
  private readonly closes: ByRight = new Map();

  constructor(private readonly c: Control) {
    const order = [...c.rights()].sort((a, b) => a.level - b.level || (a.hash < b.hash ? -1 : 1));
    this.aim(order);
    for (const r of order) {
      const verdict = r.kind === FOUNDING ? counts : this.control(r.place);
      this.standing.set(r.hash, { verdict, cuts: [], overused: verdict.overused });
      this.standing.set(r.hash, { verdict, cuts: this.cutsOf(r, verdict), overused: verdict.overused });
    }
    this.countUses(order);
  }

  /** The verdict about a control event: a fork is flagged only. */
  control(p: Placed): Verdict {
    return this.at(p, this.c.chains, true);
  }

  /** The verdict about what lies at a place; chains knows its chain. */
  at(p: Placed, chains: Chains, control: boolean): Verdict {
    const s = this.standing.get(p.grant);
    if (!s) return unconfirmed("grant");
    if (s.verdict.state !== "counts") return unconfirmed("grant", s.verdict.by);
    if (s.cuts.some((c) => c.own && c.by === p.hash)) return { ...counts, overused: s.cuts.length > 1 };
    const out = s.cuts.find((c) => !c.heads.some((h) => chains.includes(p.grant, h, p)));
    if (out) return unconfirmed("cut", out.by);
    if (s.cuts.length || !chains.forkedBelow(p)) return counts;
    return control ? { ...counts, forked: true } : unconfirmed("fork");
  }

  overused(r: Right): boolean {
    return this.standing.get(r.hash)!.overused;
  }

  /** Whether a right's holder belongs to the log no more. Who handed it over still reads. */
  ended(grant: Hash): boolean {
    const r = this.c.right(grant);
    const s = this.standing.get(grant);
    if (!r || !s) return false;
    return s.verdict.state !== "counts" || s.cuts.some((c) => !c.own) || (r.enrols > 0n && this.isClosed(r));
  }

  private isClosed(invite: Right): boolean {
    return (this.closes.get(invite.hash) ?? []).some((rev) => this.control(rev).state === "counts");
  }

  /** Sorts revocations by the right they target and by the invites they close. */
  private aim(rights: readonly Right[]): void {
    for (const rev of this.c.rulings.revocations) {
      const t = this.c.right(rev.content.target);
      if (!t?.parent || !within(t.parent, rev.by.hash)) continue; // not known yet, or its author is no strict ancestor
      push(this.targets, t.hash, rev);
      if (t.enrols > 0n) push(this.closes, t.hash, rev);
      if (t.kind === ENROLMENT) push(this.closes, t.parent.hash, rev);
      for (const i of rights) if (i.enrols > 0n && i.parent === t) push(this.closes, i.hash, rev);
    }
  }

  private cutsOf(r: Right, verdict: Verdict): readonly Cut[] {
    if (r.enrols > 0n) return []; // an invite is closed: its devices stand or fall by lists
    const cuts = this.revoked(r);
    return cuts.length || verdict.state !== "counts" ? cuts : this.handedOver(r);
  }

  /** The cuts of standing revocations: those of the highest author, without those that another references. */
  private revoked(r: Right): readonly Cut[] {
    const all: { readonly rev: Ruling<Revocation>; readonly heads: readonly Head[] }[] = [];
    const take = (rev: Ruling<Revocation>, heads: readonly Head[]): void => {
      if (this.control(rev).state === "counts") all.push({ rev, heads });
    };
    for (const rev of this.targets.get(r.hash) ?? []) take(rev, rev.content.heads);
    if (r.kind === ENROLMENT)
      for (const rev of this.closes.get(r.parent!.hash) ?? [])
        if (rev.content.target !== r.hash && !rev.content.stand.includes(r.hash)) take(rev, []);
    const highest = Math.min(...all.map((a) => a.rev.by.level));
    const decide = all.filter((a) => a.rev.by.level === highest);
    const left = decide.filter((a) => !decide.some((o) => o.rev.refs.includes(a.rev.hash)));
    return sorted(left.map((a) => ({ by: a.rev.hash, heads: a.heads, own: false })));
  }

  /**
   * The cuts of a holder's own hand-overs. One that comes after another, in its chain or by reference,
   * has no effect; concurrent ones intersect.
   */
  private handedOver(r: Right): readonly Cut[] {
    const list = this.c.rulings.handOvers.filter((h) => h.grant === r.hash);
    const after = (h: Ruling<HandOver>): boolean => list.some((o) => (o.chain === h.chain && o.seq < h.seq) || h.refs.includes(o.hash));
    return sorted(list.filter((h) => !after(h)).map((h) => ({ by: h.hash, heads: h.content.heads, own: true })));
  }

  /** Flags the devices of invites that let in more than they may: nobody can prevent it offline. */
  private countUses(order: readonly Right[]): void {
    const devices = new Map<Right, Standing[]>();
    for (const r of order) {
      const s = this.standing.get(r.hash)!;
      if (r.kind === ENROLMENT && s.verdict.state === "counts" && !cutOff(s)) push(devices, r.parent!, s);
    }
    for (const [invite, list] of devices) {
      if (BigInt(list.length) > invite.enrols) for (const s of list) s.overused = true;
    }
  }
}

/** Whether a revocation leaves nothing of the right. */
const cutOff = (s: Standing): boolean => s.cuts.some((c) => !c.own && c.heads.length === 0);

const sorted = (cuts: readonly Cut[]): readonly Cut[] => [...cuts].sort((a, b) => (a.by < b.by ? -1 : 1));

function push<K, V>(to: Map<K, V[]>, key: K, v: V): void {
  const list = to.get(key);
  if (list) list.push(v);
  else to.set(key, [v]);
}
