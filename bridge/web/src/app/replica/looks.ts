// When the node is asked for a match's state: at once when something came after quiet, so that a goal is on the screen
// as fast as it can be; else so long after the look before that several events make one; one question at a time.
import type { Host } from "../../client/host";

export const pause = 100; // milliseconds between two looks
export const quietPause = 5000; // while the page holds back
export const retry = 1000; // after one that failed

export interface Surroundings extends Pick<Host, "now" | "later"> {
  quiet(): boolean;
}

export class Looks {
  private next = -Infinity;
  private looking = false;
  private stop: (() => void) | undefined;

  /** `due` says whether there is something to see, and `look` looks: it rejects when it could not. */
  constructor(
    private readonly host: Surroundings,
    private readonly due: () => boolean,
    private readonly look: () => Promise<void>,
  ) {}

  /** Something may have changed. */
  want(): void {
    if (this.looking || this.stop || !this.due()) return;
    const wait = Math.min(this.next - this.host.now(), quietPause); // the clock may have been set back
    if (wait <= 0) void this.go();
    else
      this.stop = this.host.later(wait, () => {
        this.stop = undefined;
        this.want();
      });
  }

  /** Nobody looks any more: what was wanted is dropped. */
  rest(): void {
    this.stop?.();
    this.stop = undefined;
  }

  private async go(): Promise<void> {
    this.looking = true;
    this.next = this.host.now() + (this.host.quiet() ? quietPause : pause);
    try {
      await this.look();
    } catch {
      this.next = this.host.now() + retry;
    }
    this.looking = false;
    this.want();
  }
}
