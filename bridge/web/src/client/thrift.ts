// What a page spends of a phone's data, and why it holds back. Pure.
import type { Holding, Limits } from "./api";

const minute = 60_000;
const hour = 60; // minutes

/** Counts bytes: all, and those of the last hour. */
export class Meter {
  sent = 0;
  received = 0;
  private readonly minutes = new Map<number, number>();

  add(sent: number, received: number, now: number): void {
    this.sent += sent;
    this.received += received;
    const at = Math.floor(now / minute);
    this.minutes.set(at, (this.minutes.get(at) ?? 0) + sent + received);
    for (const m of this.minutes.keys()) if (m <= at - hour || m > at) this.minutes.delete(m); // m > at: the clock was set back
  }

  lastHour(now: number): number {
    let sum = 0;
    for (const [m, n] of this.minutes) if (m > Math.floor(now / minute) - hour) sum += n;
    return sum;
  }
}

/** Why a page that somebody looks at holds back; "" if it does not. `system` is what the system asks for. */
export function holding({ saving = "auto", budget = 0 }: Limits, system: Holding, lastHour: number): Holding {
  if (saving !== "auto") return saving === "always" ? "chosen" : "";
  return system || (budget && lastHour >= budget ? "budget" : "");
}
