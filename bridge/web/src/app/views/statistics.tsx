// Numbers of a match: each plot has a table beside it that says the same.
import type { JSX } from "preact";
import { minute, type State, type Stats } from "../model/state";
import { useApp } from "../ui/hooks";
import { useShortNames, useTeamNames } from "../ui/score";

interface Row {
  readonly label: string;
  readonly values: readonly [number, number];
}

export function Statistics({ state }: { state: State }): JSX.Element {
  const { words } = useApp();
  const [a, b] = [state.teams[0].stats, state.teams[1].stats];
  const row = (label: string, of: (s: Stats) => number): Row => ({ label, values: [of(a), of(b)] });
  const rows = [
    ...(state.hidden ? [] : [row(words.t("goals"), (s) => s.goals), row(words.t("shots"), (s) => s.shots), row(words.t("on_target"), (s) => s.onTarget), row(words.t("saves"), (s) => s.saves)]),
    row(words.t("corners"), (s) => s.corners),
    row(words.t("free_kicks"), (s) => s.freeKicks),
    row(words.t("offsides"), (s) => s.offsides),
    row(words.t("fouls"), (s) => s.fouls),
    row(words.word("card", "yellow"), (s) => s.cards.yellow),
    row(words.word("card", "red"), (s) => s.cards.red + s.cards.secondYellow),
  ];
  return (
    <>
      <Comparison state={state} rows={rows} />
      {!state.hidden && <Course state={state} />}
      {!state.hidden && state.momentum.length > 0 && <Momentum state={state} />}
    </>
  );
}

/** Bars to both sides and their numbers: the table is the plot. */
function Comparison({ state, rows }: { state: State; rows: readonly Row[] }): JSX.Element {
  const { words } = useApp();
  const shown = useShortNames(state);
  return (
    <table class="comparison">
      <caption>{words.t("statistics")}</caption>
      <thead>
        <tr>
          <th scope="col">{shown[0]}</th>
          <th scope="col">
            <span class="visually-hidden">{words.t("what")}</span>
          </th>
          <th scope="col">{shown[1]}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => {
          const most = Math.max(r.values[0] + r.values[1], 1);
          return (
            <tr key={r.label}>
              <td>{r.values[0]}</td>
              <th scope="row">
                {r.label}
                <svg class="bars" viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="bar home" x={98 - (96 * r.values[0]) / most} y="0" width={(96 * r.values[0]) / most} height="8" />
                  <rect class="bar away" x="102" y="0" width={(96 * r.values[1]) / most} height="8" />
                </svg>
              </th>
              <td>{r.values[1]}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Goals over the match. */
function Course({ state }: { state: State }): JSX.Element | null {
  const { words } = useApp();
  const names = useTeamNames(state);
  const goals = state.timeline.filter((e) => e.type === "goal" && e.counts && e.score);
  if (!goals.length) return null;
  const { setup } = state;
  const at = (period: number, ms: number) => (Math.min(period, setup.periods + 2) - 1) * setup.periodMs + Math.min(ms, setup.periodMs);
  const whole = Math.max(setup.periods * setup.periodMs, ...goals.map((g) => at(g.period, g.clockMs)), 1);
  const most = Math.max(state.score[0], state.score[1], 1);
  const x = (ms: number) => 8 + (284 * ms) / whole;
  const y = (n: number) => 92 - (80 * n) / most;
  const line = (i: 0 | 1) => {
    let path = `M8 ${y(0)}`;
    for (const g of goals) path += `H${x(at(g.period, g.clockMs))}V${y(g.score![i])}`;
    return path + "H292";
  };
  return (
    <section class="plot">
      <h3>{words.t("course")}</h3>
      <svg viewBox="0 0 300 100" role="img" aria-label={words.t("course_alt")}>
        {Array.from({ length: setup.periods - 1 }, (_, i) => (
          <line key={i} class="grid" x1={x((i + 1) * setup.periodMs)} x2={x((i + 1) * setup.periodMs)} y1="8" y2="92" />
        ))}
        <line class="grid" x1="8" x2="292" y1="92" y2="92" />
        <path class="line home" d={line(0)} />
        <path class="line away" d={line(1)} />
      </svg>
      <Legend />
      <table>
        <caption class="visually-hidden">{words.t("course")}</caption>
        <thead>
          <tr>
            <th scope="col">{words.t("minute")}</th>
            <th scope="col">{words.t("team")}</th>
            <th scope="col">{words.t("score")}</th>
          </tr>
        </thead>
        <tbody>
          {goals.map((g) => (
            <tr key={g.hash}>
              <td>{g.clocked ? minute(setup, g.period, g.clockMs) : "–"}</td>
              <td>{g.side ? names[g.side === "home" ? 0 : 1] : ""}</td>
              <td>
                {g.score![0]}:{g.score![1]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );

  function Legend(): JSX.Element {
    return (
      <p class="legend">
        <span class="of home">
          <span class="mark" aria-hidden="true" /> {names[0]}
        </span>
        <span class="of away">
          <span class="mark" aria-hidden="true" /> {names[1]}
        </span>
      </p>
    );
  }
}

/** How much each side pressed, in spells of five minutes. */
function Momentum({ state }: { state: State }): JSX.Element {
  const { words } = useApp();
  const shown = useShortNames(state);
  const spells = state.momentum;
  const most = Math.max(1, ...spells.flatMap((s) => [...s.weight]));
  const width = 284 / spells.length;
  return (
    <section class="plot">
      <h3>{words.t("momentum")}</h3>
      <svg viewBox="0 0 300 100" role="img" aria-label={words.t("momentum_alt")}>
        {spells.map((s, i) => (
          <g key={i}>
            <rect class="bar home" x={8 + i * width + 1} width={Math.max(width - 2, 1)} y={50 - (42 * s.weight[0]) / most} height={(42 * s.weight[0]) / most} />
            <rect class="bar away" x={8 + i * width + 1} width={Math.max(width - 2, 1)} y="50" height={(42 * s.weight[1]) / most} />
          </g>
        ))}
        <line class="grid" x1="8" x2="292" y1="50" y2="50" />
      </svg>
      <details>
        <summary>{words.t("as_table")}</summary>
        <table>
          <caption class="visually-hidden">{words.t("momentum")}</caption>
          <thead>
            <tr>
              <th scope="col">{words.t("from_minute")}</th>
              <th scope="col">{shown[0]}</th>
              <th scope="col">{shown[1]}</th>
            </tr>
          </thead>
          <tbody>
            {spells.map((s, i) => (
              <tr key={i}>
                <td>{minute(state.setup, s.period, s.fromMs)}</td>
                <td>{s.weight[0]}</td>
                <td>{s.weight[1]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}
