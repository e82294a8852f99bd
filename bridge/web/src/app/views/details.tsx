// What can be said of an entry after it was recorded, and taking it back. Each is an event of its own: nothing is rewritten.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Data, Pad } from "../model/pad";
import { sideIndex, sides, type Entry, type Side, type State } from "../model/state";
import { entryMinute } from "../ui/entry";
import { useApp } from "../ui/hooks";
import { PlayerPick } from "../ui/players";
import { Sheet } from "../ui/sheet";
import { useShortNames } from "../ui/score";
import type { Record } from "./padsheets";

const hows = ["open", "penalty", "free_kick", "corner", "header", "own_goal"] as const;
const withPlayer = ["goal", "card", "shot", "save", "corner", "foul", "free_kick", "offside", "penalty.missed", "injury", "shootout.kick"];

interface Props {
  readonly state: State;
  readonly entry: Entry;
  readonly title: string;
  readonly pad: Pad;
  readonly record: Record;
  readonly onClose: () => void;
}

export function Details({ state, entry, title, pad, record, onClose }: Props): JSX.Element {
  const { words } = useApp();
  const names = useShortNames(state);
  const f = entry.facts;
  const [player, choose] = useState<readonly string[]>(f.player ? [f.player] : []);
  const [assist, help] = useState<readonly string[]>(f.assist ? [f.assist] : []);
  const [how, kind] = useState(f.how ?? "");
  const [side, move] = useState<Side | "">(entry.side ?? "");
  const goal = entry.type === "goal";
  const name = goal ? "scorer" : "player";
  const set: { [field: string]: unknown } = {};
  if ((player[0] ?? "") !== (f.player ?? "")) set[name] = player[0] ?? null;
  if (goal && (assist[0] ?? "") !== (f.assist ?? "")) set.assist = assist[0] ?? null;
  if (goal && how !== (f.how ?? "")) set.how = how || null;
  if (side && side !== entry.side) set.team = side;
  const changed = Object.keys(set).length > 0;
  // Who puts the ball into the own goal is of the other side.
  const from: Side = (how === "own_goal") !== (side === "away") ? "away" : "home";
  const players = state.teams[sideIndex(from)].players;
  const back = entry.status !== "withdrawn";
  const when = entryMinute(state, entry);
  return (
    <Sheet title={`${when} ${title}`.trim()} onClose={onClose}>
      {entry.side && (
        <fieldset class="pick">
          <legend>{words.t("team")}</legend>
          <div class="chips">
            {sides.map((s) => (
              <button key={s} type="button" class="chip" aria-pressed={side === s} onClick={() => move(s)}>
                {names[sideIndex(s)]}
              </button>
            ))}
          </div>
        </fieldset>
      )}
      {goal && (
        <fieldset class="pick">
          <legend>{words.t("how_label")}</legend>
          <div class="chips">
            {hows.map((h) => (
              <button key={h} type="button" class="chip" aria-pressed={how === h} onClick={() => kind(how === h ? "" : h)}>
                {words.word("how", h)}
              </button>
            ))}
          </div>
        </fieldset>
      )}
      {entry.side && withPlayer.includes(entry.type) && (
        <PlayerPick label={words.t(goal ? "scorer" : "player")} players={players} picked={player} onPick={choose} />
      )}
      {goal && how !== "own_goal" && <PlayerPick label={words.t("assist")} players={players} picked={assist} onPick={help} />}
      <div class="grid2">
        {back ? (
          <button type="button" class="key danger" onClick={() => record(pad.withdrawAll(entry.hash), words.t("withdrawn_done"))}>
            {words.t("withdraw")}
          </button>
        ) : (
          <button
            type="button" class="key" disabled={!entryRetraction(state, entry)}
            onClick={() => record(pad.withdraw(entryRetraction(state, entry)!), words.t("restored"))}
          >
            {words.t("restore")}
          </button>
        )}
        <button type="button" class="key primary" disabled={!changed} onClick={() => record(pad.amend(entry.hash, set as Data), words.t("details_saved"))}>
          {words.t("save")}
        </button>
      </div>
    </Sheet>
  );
}

/** The retraction that took an entry out: taking it back restores the entry. */
function entryRetraction(state: State, entry: Entry): string | undefined {
  return state.corrections.find((c) => c.type === "retract" && c.status === "effective" && c.refs?.includes(entry.hash))?.hash;
}
