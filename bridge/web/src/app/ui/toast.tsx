// What was just recorded, with ten seconds to take it back. It blocks nothing.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Words } from "../i18n";
import { waitsFor, type State } from "../model/state";
import { Cell } from "../model/store";
import { useApp, useStore } from "./hooks";

/** How long a tap can be undone with one more. */
export const undoMs = 10_000;

export interface Toast {
  readonly text: string;
  readonly at: number;
  readonly bad?: boolean;
  readonly undo?: () => void;
  readonly details?: () => void;
}

export const toast = new Cell<Toast | null>(null);

export function say(text: string, more: Omit<Toast, "text" | "at"> = {}): void {
  toast.set({ text, at: Date.now(), ...more });
}

/** One after the other; a name may end in a full stop itself. */
export const sentences = (first: string, second: string): string => `${first.replace(/\.$/, "")}. ${second}`;

/** Why something was not kept, for people. */
export function whyNot(words: Words, err: unknown): string {
  if (err instanceof DOMException && err.name === "QuotaExceededError") return words.t("no_space");
  return err instanceof Error ? err.message : String(err);
}

/** The view that shows details is gone; taking back goes on. */
export function dropDetails(): void {
  const now = toast.get();
  if (!now?.details) return;
  const { details: _, ...rest } = now;
  toast.set(rest);
}

/** What to say to somebody of a role whose taps come after the end and change nothing by themselves; else "". */
export function lateText(words: Words, state: State | null, role: string): string {
  const who = waitsFor(state, role);
  return who && words.t("late_waits", { who: words.word("may", who) });
}

export function ToastBar(): JSX.Element {
  const { words } = useApp();
  const now = useStore(toast);
  const [left, count] = useState(0);
  useEffect(() => {
    if (!now) return;
    const show = () => {
      const ms = now.at + undoMs - Date.now();
      count(Math.ceil(ms / 1000));
      if (ms <= 0 && toast.get() === now) toast.set(null);
    };
    show();
    const timer = setInterval(show, 250);
    return () => clearInterval(timer);
  }, [now]);
  return (
    <div class={"toast" + (now ? " shown" : "") + (now?.bad ? " bad" : "")}>
      <p role="status">{now?.text ?? ""}</p>
      <span class="acts">
        {now?.details && (
          <button type="button" onClick={now.details}>
            {words.t("details")}
          </button>
        )}
        {now?.undo && (
          <button
            type="button"
            class="undo"
            onClick={() => {
              toast.set(null);
              now.undo?.();
            }}
          >
            {words.t("undo")} <span aria-hidden="true">{Math.max(left, 1)}</span>
          </button>
        )}
      </span>
    </div>
  );
}
