// A screen at the pitch: the score as large as it goes, and the last thing that happened.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { State } from "../model/state";
import { EntryLine } from "../ui/entry";
import { useApp } from "../ui/hooks";
import { Scoreboard } from "../ui/score";
import { happenings } from "./timeline";

export function Wall({ state }: { state: State | null }): JSX.Element {
  const { words } = useApp();
  useWakeLock();
  if (!state) return <p class="empty">{words.t("loading")}</p>;
  return (
    <div class="wall-view">
      <Scoreboard state={state} big />
      <ol class="timeline">
        {happenings(state)
          .slice(0, 3)
          .map((e) => (
            <EntryLine key={e.hash} state={state} entry={e} />
          ))}
      </ol>
    </div>
  );
}

/** Keeps the screen on where the browser can: secure origins only. */
function useWakeLock(): void {
  useEffect(() => {
    const wake = (navigator as { wakeLock?: { request(kind: "screen"): Promise<{ release(): Promise<void> }> } }).wakeLock;
    let lock: Promise<{ release(): Promise<void> } | undefined> | undefined;
    const take = () => {
      if (document.visibilityState === "visible") lock = wake?.request("screen").catch(() => undefined);
    };
    take();
    document.addEventListener("visibilitychange", take); // a page that was hidden has lost it
    return () => {
      document.removeEventListener("visibilitychange", take);
      void lock?.then((l) => l?.release());
    };
  }, []);
}
