// What the pad's other keys open: one more tap records; who it was can be said later.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { LogEvent } from "../../client/api";
import type { Data, Pad } from "../model/pad";
import { sideIndex, sides, type Side, type State } from "../model/state";
import { CardIcon } from "../ui/icons";
import { periodName } from "../ui/period";
import { useApp } from "../ui/hooks";
import { PlayerPick } from "../ui/players";
import { Sheet } from "../ui/sheet";
import { useShortNames, useTeamNames } from "../ui/score";

/** Shows what is being recorded and lets it be undone. */
export type Record = (what: Promise<LogEvent>, text: string, withDetails?: boolean) => void;

interface Props {
  readonly state: State;
  readonly pad: Pad;
  readonly record: Record;
  readonly onClose: () => void;
}

export function CardSheet({ state, pad, record, onClose }: Props): JSX.Element {
  const { words } = useApp();
  return (
    <Sheet title={words.t("card")} onClose={onClose}>
      <SideColumns state={state}>
        {(side, name) =>
          ["yellow", "red", "sin_bin"].map((colour) => (
            <button
              key={colour} type="button" class="key"
              onClick={() => record(pad.tap("card", side, { colour }), words.t("recorded", { what: words.word("card", colour), team: name }), true)}
            >
              <CardIcon colour={colour} /> {words.word("card", colour)}
            </button>
          ))
        }
      </SideColumns>
    </Sheet>
  );
}

export function InjurySheet({ state, pad, record, onClose }: Props): JSX.Element {
  const { words } = useApp();
  return (
    <Sheet title={words.t("injury")} onClose={onClose}>
      <p>{words.t("injury_help")}</p>
      <SideColumns state={state}>
        {(side, name) =>
          (["other", "head"] as const).map((area) => (
            <button
              key={area} type="button" class="key"
              onClick={() => {
                const data: Data = area === "head" ? { area, concussion_suspected: true } : { area };
                record(pad.tap("injury", side, data), words.t("recorded", { what: words.word("area", area), team: name }), true);
              }}
            >
              {words.word("area", area)}
            </button>
          ))
        }
      </SideColumns>
    </Sheet>
  );
}

/** A change: who goes and who comes. Each is optional; the change itself counts. */
export function ChangeSheet({ state, pad, record, onClose }: Props): JSX.Element {
  const { words } = useApp();
  const names = useTeamNames(state);
  const shown = useShortNames(state);
  const [side, pick] = useState<Side | null>(null);
  const [out, leaves] = useState<readonly string[]>([]);
  const [into, enters] = useState<readonly string[]>([]);
  if (!side) {
    return (
      <Sheet title={words.t("change")} onClose={onClose}>
        <SideColumns state={state}>
          {(s) => (
            <button type="button" class={"key tall " + s} onClick={() => pick(s)}>
              {words.t("change")}
            </button>
          )}
        </SideColumns>
      </Sheet>
    );
  }
  const team = state.teams[sideIndex(side)];
  return (
    <Sheet title={`${words.t("change")} – ${shown[sideIndex(side)]}`} onClose={onClose}>
      <PlayerPick label={words.t("who_off")} players={team.players.filter((p) => p.on)} picked={out} many onPick={leaves} />
      <PlayerPick label={words.t("who_on")} players={team.players.filter((p) => !p.on && !p.sentOff)} picked={into} many onPick={enters} />
      <button
        type="button" class="key primary"
        onClick={() =>
          record(pad.tap("substitution", side, { out: [...out], in: [...into] }), words.t("recorded", { what: words.t("change"), team: names[sideIndex(side)] }), true)
        }
      >
        {words.t("save")}
      </button>
    </Sheet>
  );
}

const ofSide = ["shot", "save", "corner", "foul", "free_kick", "offside", "penalty.missed"] as const;

export function MoreSheet({ state, pad, record, onClose, onSetup }: Props & { readonly onSetup: () => void }): JSX.Element {
  const { words } = useApp();
  const playing = state.phase === "playing";
  const done = (type: string, data: Data = {}) => record(pad.tap(type, null, data), words.word("ev", type));
  const { period } = state.clock;
  const start = (p: number) => record(pad.step({ key: "start", type: "period.start", period: p }), words.t("recorded_start", { what: periodName(words, state, p) }));
  return (
    <Sheet title={words.t("more")} onClose={onClose}>
      <SideColumns state={state}>
        {(side, name) =>
          ofSide.map((type) => (
            <button
              key={type} type="button" class="key"
              onClick={() => record(pad.tap(type, side), words.t("recorded", { what: words.word("ev", type), team: name }), true)}
            >
              {words.word("ev", type)}
            </button>
          ))
        }
      </SideColumns>
      <h3>{words.t("course_of_play")}</h3>
      <div class="grid2">
        {playing && !state.clock.stopped && (
          <button type="button" class="key" onClick={() => done("clock.stop", { reason: "other" })}>
            {words.word("ev", "clock.stop")}
          </button>
        )}
        {playing && state.clock.stopped && (
          <button type="button" class="key" onClick={() => done("clock.resume")}>
            {words.word("ev", "clock.resume")}
          </button>
        )}
        {playing && (
          <>
            {[1, 2, 3].map((m) => (
              <button key={m} type="button" class="key" onClick={() => done("added_time", { ms: m * 60000 })}>
                {words.t("added", { n: m })}
              </button>
            ))}
            <button type="button" class="key" onClick={() => done("period.end")}>
              {words.t("step_end", { what: periodName(words, state, period) })}
            </button>
          </>
        )}
        {state.phase === "break" && period >= state.setup.periods && (
          <>
            <button type="button" class="key" onClick={() => start(period + 1)}>
              {words.t("extra_time")}
            </button>
            <button type="button" class="key" onClick={() => start(90)}>
              {words.t("shootout")}
            </button>
          </>
        )}
        {state.phase !== "ended" && (
          <button type="button" class="key" onClick={() => done("match.end", { status: "abandoned" })}>
            {words.word("status", "abandoned")}
          </button>
        )}
        <button type="button" class="key" onClick={onSetup}>
          {words.t("setup")}
        </button>
      </div>
    </Sheet>
  );
}

function SideColumns({ state, children }: { state: State; children: (side: Side, name: string) => JSX.Element | JSX.Element[] }): JSX.Element {
  const names = useTeamNames(state);
  const shown = useShortNames(state);
  return (
    <div class="grid2 sides">
      {sides.map((side) => (
        <section key={side} class="stack">
          <h3 class={"of " + side}>
            <span class="mark" aria-hidden="true" />
            <span>{shown[sideIndex(side)]}</span>
          </h3>
          {children(side, names[sideIndex(side)])}
        </section>
      ))}
    </div>
  );
}

