// Control events that speak about others, read once. Purges and erasures decide about membership, the
// others about keys and verdicts.
import { Bytes } from "../bytes";
import { Event, RECORDS } from "../event";
import { Hash, sum } from "../hash";
import { RECORD_KEY_SIZE } from "../header";
import { Shape, decodeAs } from "../shape";
import * as kinds from "./kinds";
import { Placed, placeOf } from "./place";
import { Right, within } from "./right";

/** A control event with its content. */
export interface Ruling<T> extends Placed {
  /** Its author's right. */
  readonly by: Right;
  readonly refs: readonly Hash[];
  readonly content: T;
}

/** Names an erasable record by the hash of its ciphertext. It needs no key. */
export const recordName = (e: Event): Hash => sum(e.payload.subarray(RECORD_KEY_SIZE));

export class Rulings {
  readonly revocations: Ruling<kinds.Revocation>[] = [];
  readonly handOvers: Ruling<kinds.HandOver>[] = [];
  readonly epochs: Ruling<kinds.Epoch>[] = [];
  readonly wraps: Ruling<kinds.Wraps>[] = [];
  private readonly purged = new Set<Hash>();
  private readonly purges: { readonly grant: Hash; readonly except: ReadonlySet<Hash> }[] = [];
  private readonly erased = new Set<Hash>();

  /** Takes note of an admitted control event. */
  add(e: Event, plain: Bytes, by: Right): void {
    const read = <T>(shape: Shape<T>): Ruling<T> => ({ ...placeOf(e), by, refs: e.refs, content: decodeAs(shape, plain) });
    switch (kinds.kindOf(plain)) {
      case kinds.REVOCATION:
        this.revocations.push(read(kinds.revocation));
        break;
      case kinds.HAND_OVER:
        this.handOvers.push(read(kinds.handOver));
        break;
      case kinds.EPOCH:
        this.epochs.push(read(kinds.epoch));
        break;
      case kinds.WRAPS:
        this.wraps.push(read(kinds.wraps));
        break;
      case kinds.PURGE:
        this.purge(read(kinds.purge).content);
        break;
      case kinds.ERASURE:
        for (const name of read(kinds.erasure).content.names) this.erased.add(name);
    }
  }

  private purge(p: kinds.Purge): void {
    for (const h of p.hashes) this.purged.add(h);
    if (p.beneath) this.purges.push({ grant: p.beneath, except: new Set(p.except) });
  }

  /** Whether a purge or an erasure took an event or record out of its set for ever. */
  bars(e: Event, by: Right): boolean {
    return (
      this.purged.has(e.hash) ||
      this.purges.some((p) => within(by, p.grant) && !p.except.has(e.hash)) ||
      (e.set === RECORDS && this.erased.size > 0 && this.erased.has(recordName(e)))
    );
  }
}
