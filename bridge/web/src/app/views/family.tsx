// The family's view: whom to follow, and what they did.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { concerns, followKey } from "../model/follow";
import { choose, prefs } from "../model/prefs";
import { shirt, sides, type State } from "../model/state";
import { useApp, useStore } from "../ui/hooks";
import { Scoreboard, useTeamNames } from "../ui/score";
import { byNumber } from "./lineups";
import { AlertSwitches } from "./settings";
import { Timeline } from "./timeline";

export function Family({ id, state }: { id: string; state: State | null }): JSX.Element {
  const { words } = useApp();
  const names = useTeamNames(state);
  const { follows, onlyFollowed } = useStore(prefs);
  const [unasked] = useState(!follows.some((f) => f.startsWith(id + "/"))); // who follows one may want another: nothing closes under the finger
  if (!state) return <p class="empty">{words.t("loading")}</p>;
  const toggle = (key: string) => choose({ follows: follows.includes(key) ? follows.filter((f) => f !== key) : [...follows, key] });
  const own = follows.filter((f) => f.startsWith(id + "/"));
  return (
    <>
      <Scoreboard state={state} />
      <details open={unasked}>
        <summary>{own.length ? words.n("following", own.length) : words.t("follow_whom")}</summary>
        {sides.map((side, i) => (
          <fieldset key={side} class="pick">
            <legend class={"of " + side}>
              <span class="mark" aria-hidden="true" />
              <span>{names[i]}</span>
            </legend>
            <div class="numbers">
              <button type="button" class="number wide" aria-pressed={follows.includes(followKey(id, side))} onClick={() => toggle(followKey(id, side))}>
                {words.t("whole_team")}
              </button>
              {byNumber(state.teams[i as 0 | 1].players).map((p) => (
                <button key={p.id} type="button" class="number" aria-pressed={follows.includes(followKey(id, side, p.id))} onClick={() => toggle(followKey(id, side, p.id))}>
                  <span>{shirt(p)}</span>
                  {p.name && <small>{p.name}</small>}
                </button>
              ))}
            </div>
            <AddNumber label={`${names[i]}: ${words.t("other_number")}`} onAdd={(no) => toggle(followKey(id, side, no))} />
          </fieldset>
        ))}
        <AlertSwitches />
      </details>
      {own.length > 0 && (
        <label class="switch">
          <input type="checkbox" checked={onlyFollowed} onChange={(e) => choose({ onlyFollowed: e.currentTarget.checked })} />
          <span>{words.t("only_followed")}</span>
        </label>
      )}
      <Timeline state={state} {...(onlyFollowed && own.length ? { only: (e) => concerns(follows, id, e) } : {})} />
    </>
  );
}

/** A number that no line-up names yet. */
function AddNumber({ label, onAdd }: { label: string; onAdd: (no: string) => void }): JSX.Element {
  const { words } = useApp();
  const [no, type] = useState("");
  return (
    <form
      class="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (no) onAdd(no);
        type("");
      }}
    >
      <input aria-label={label} inputMode="numeric" maxLength={3} placeholder={words.t("other_number")} value={no} onInput={(e) => type(e.currentTarget.value.replace(/\D/g, ""))} />
      <button type="submit" class="button">
        {words.t("follow")}
      </button>
    </form>
  );
}
