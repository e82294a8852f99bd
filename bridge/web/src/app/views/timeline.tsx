// What happened, the last on top. What does not count is shown with its reason, never dropped.
import type { JSX } from "preact";
import type { Entry, State } from "../model/state";
import { EntryLine } from "../ui/entry";
import { useApp } from "../ui/hooks";

/** Kinds that are how the match is set up, and not what happened in it. */
const background = ["match.setup", "lineup.set", "coverage.gap"];

/** The entries that people look for, the last first. */
export function happenings(state: State): readonly Entry[] {
  return state.timeline.filter((e) => !background.includes(e.type) && e.status !== "superseded" && e.status !== "ignored").reverse();
}

export function Timeline({ state, only, onOpen }: { state: State; only?: (e: Entry) => boolean; onOpen?: (e: Entry) => void }): JSX.Element {
  const { words } = useApp();
  const list = happenings(state).filter((e) => !only || only(e));
  if (!list.length) return <p class="empty">{words.t("nothing_yet")}</p>;
  return (
    <ol class="timeline" reversed>
      {list.map((e) => (
        <EntryLine key={e.hash} state={state} entry={e} {...(onOpen ? { onOpen } : {})} />
      ))}
    </ol>
  );
}
