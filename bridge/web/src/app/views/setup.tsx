// Before the match: teams, age, how long, who plays. Numbers only: names of children are not typed here (DESIGN R8).
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Match } from "../../client/api";
import { bandChoices, resultChoices } from "../model/choices";
import { sideIndex, sides, type State } from "../model/state";
import { useApp } from "../ui/hooks";
import { Sheet } from "../ui/sheet";
import { say } from "../ui/toast";

/** The longest name of a team, in bytes of UTF-8 (docs/football.md). */
const maxName = 64;

interface Props {
  readonly state: State;
  readonly match: Match<State>;
  /** May show more than the age band does. */
  readonly opens: boolean;
  readonly onClose: () => void;
  readonly onFailed: (err: unknown) => void;
}

export function SetupSheet({ state, match, opens, onClose, onFailed }: Props): JSX.Element {
  const { words } = useApp();
  const { setup } = state;
  const [names, call] = useState<readonly [string, string]>([setup.teams[0].name ?? "", setup.teams[1].name ?? ""]);
  const [band, age] = useState(setup.ageBand ?? "");
  const [periods, count] = useState(String(setup.periods));
  const [length, last] = useState(String(setup.periodMs / 60000));
  const [results, publish] = useState(setup.results);
  const audiences = resultChoices(setup, opens);
  const [squads, play] = useState<readonly [string, string]>([numbersOf(state, 0, true), numbersOf(state, 1, true)]);
  const [benches, wait] = useState<readonly [string, string]>([numbersOf(state, 0, false), numbersOf(state, 1, false)]);

  const save = async () => {
    const data = {
      teams: {
        home: { ...(setup.teams[0].id ? { id: setup.teams[0].id } : {}), name: cut(names[0].trim()) },
        away: { ...(setup.teams[1].id ? { id: setup.teams[1].id } : {}), name: cut(names[1].trim()) },
      },
      ...(band ? { age_band: band } : {}),
      ...(band === (setup.ageBand ?? "") ? { periods: whole(periods, 1, 8) ?? setup.periods, period_ms: (whole(length, 1, 60) ?? setup.periodMs / 60000) * 60000, ...(audiences.length ? { results } : {}) } : {}),
    };
    await match.record({ type: "match.setup", data });
    for (const side of sides) {
      const i = sideIndex(side);
      const [on, bench] = [listOf(squads[i]), listOf(benches[i])];
      if (squads[i] === numbersOf(state, i, true) && benches[i] === numbersOf(state, i, false)) continue;
      const squad = [...on, ...bench].map((no) => ({ id: no, no: Number(no) }));
      await match.record({ type: "lineup.set", teamId: setup.teams[i].id || side, data: { on, squad } });
    }
    say(words.t("setup_saved"));
    onClose();
  };
  return (
    <Sheet title={words.t("setup")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          save().catch(onFailed);
        }}
      >
        {sides.map((side) => {
          const i = sideIndex(side);
          return (
            <fieldset key={side}>
              <legend class={"of " + side}>
                <span class="mark" aria-hidden="true" /> {words.t(side)}
              </legend>
              <Field label={words.t("team_name")} value={names[i]} max={maxName} onValue={(v) => call(put(names, i, v))} />
              <Field label={words.t("numbers_on")} value={squads[i]} max={200} numeric onValue={(v) => play(put(squads, i, v))} />
              <Field label={words.t("numbers_bench")} value={benches[i]} max={200} numeric onValue={(v) => wait(put(benches, i, v))} />
            </fieldset>
          );
        })}
        <fieldset>
          <legend>{words.t("rules")}</legend>
          <label>
            <span>{words.t("age_band")}</span>
            <select value={band} onChange={(e) => age(e.currentTarget.value)}>
              {bandChoices(setup, opens).map((b) => (
                <option key={b} value={b}>
                  {b || words.t("no_band")}
                </option>
              ))}
            </select>
          </label>
          {band !== (setup.ageBand ?? "") ? (
            <p class="note">{words.t("band_changes")}</p>
          ) : (
            <>
              <Field label={words.t("periods")} value={periods} max={1} numeric onValue={count} />
              <Field label={words.t("period_minutes")} value={length} max={2} numeric onValue={last} />
              {audiences.length > 0 && (
                <label>
                  <span>{words.t("results")}</span>
                  <select value={results} onChange={(e) => publish(e.currentTarget.value)}>
                    {audiences.map((a) => (
                      <option key={a} value={a}>
                        {words.t(a === "public" ? "results_public" : "results_team")}
                      </option>
                    ))}
                  </select>
                </label>
              )}
            </>
          )}
        </fieldset>
        <button type="submit" class="key primary">
          {words.t("save")}
        </button>
      </form>
    </Sheet>
  );
}

function Field({ label, value, max, numeric = false, onValue }: { label: string; value: string; max: number; numeric?: boolean; onValue: (v: string) => void }): JSX.Element {
  return (
    <label>
      <span>{label}</span>
      <input value={value} maxLength={max} autocomplete="off" onInput={(e) => onValue(e.currentTarget.value)} {...(numeric ? { inputMode: "numeric" as const } : {})} />
    </label>
  );
}

function put(pair: readonly [string, string], i: 0 | 1, v: string): readonly [string, string] {
  return i === 0 ? [v, pair[1]] : [pair[0], v];
}

function whole(text: string, least: number, most: number): number | undefined {
  const n = Number(text);
  return Number.isInteger(n) && n >= least && n <= most ? n : undefined;
}

/** The numbers in a text, each once. */
function listOf(text: string): string[] {
  return [...new Set(text.match(/\d{1,3}/g) ?? [])];
}

function numbersOf(state: State, i: 0 | 1, on: boolean): string {
  return state.teams[i].players
    .filter((p) => (state.phase === "before" ? p.started || p.on : p.on) === on)
    .map((p) => p.no ?? p.id)
    .join(" ");
}

/** As much of a name as fits. */
function cut(name: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  let out = [...name];
  while (bytes(out.join("")) > maxName) out = out.slice(0, -1);
  return out.join("");
}
