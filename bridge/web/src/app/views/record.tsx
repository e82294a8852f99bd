// The recorder's pad: one tap records, ten seconds take it back, details come later. Nothing waits for the network.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { LogEvent, Match, MatchSnapshot } from "../../client/api";
import type { Key, Words } from "../i18n";
import { nextStep, Pad, type Data, type Step } from "../model/pad";
import { shootoutPeriod, sideIndex, sides, type Entry, type Side, type State } from "../model/state";
import { entryTitle } from "../ui/entry";
import { Ball, Icon } from "../ui/icons";
import { useApp } from "../ui/hooks";
import { periodName } from "../ui/period";
import { Scoreboard, useShortNames } from "../ui/score";
import { dropDetails, lateText, say, sentences, ToastBar, whyNot } from "../ui/toast";
import { Details } from "./details";
import { CardSheet, ChangeSheet, InjurySheet, MoreSheet, type Record } from "./padsheets";
import { SetupSheet } from "./setup";
import { Timeline } from "./timeline";

type Open = "card" | "change" | "injury" | "more" | "setup" | { readonly entry: Entry } | null;

export function Recorder({ match, snapshot, role, opens }: { match: Match<State>; snapshot: MatchSnapshot<State>; role: string; opens: boolean }): JSX.Element {
  const { words } = useApp();
  const [open, show] = useState<Open>(null);
  const pad = useMemo(() => new Pad(match, () => match.get().state), [match]);
  useEffect(() => dropDetails, []);
  const state = snapshot.state;
  const onKeys = useShortNames(state);
  if (!state) return <p class="empty">{words.t("loading")}</p>;

  /** Records, says so, and offers to take it back. */
  const record: Record = (what, text, withDetails = false) => {
    show(null);
    const late = lateText(words, state, role);
    if ("vibrate" in navigator) navigator.vibrate(30);
    what.then(
      (e) =>
        say(late ? sentences(text, late) : text, {
          undo: () => void pad.withdrawAll(hashOf(match, e)).then(() => say(words.t("undone")), failed),
          ...(withDetails ? { details: () => show({ entry: entryOf(match, e) }) } : {}),
        }),
      failed,
    );
  };
  const failed = (err: unknown) => say(words.t("not_saved", { why: whyNot(words, err) }), { bad: true });
  const goal = (side: Side) => {
    const after: [number, number] = [...state.score];
    after[sideIndex(side)]++;
    const data: Data = { score_after: after };
    const text = words.t("recorded_goal", { team: onKeys[sideIndex(side)] });
    record(pad.tap("goal", side, data), pad.again(side, Date.now()) ? sentences(text, words.t("tapped_again")) : text, true);
  };
  const step = nextStep(state);
  const over = state.phase === "ended";
  // The phase is the shoot-out from its first kick on; the keys are wanted before it.
  const begun = state.timeline.some((e) => e.type === "period.start" && e.period === shootoutPeriod && e.counts);
  const kicking = state.phase === "shootout" || (state.phase === "break" && begun);
  const refused = snapshot.events.filter((e) => e.reach === "refused");

  return (
    <div class="pad">
      <Scoreboard state={state} room={30} />
      {refused.length > 0 && (
        <p class="note bad" role="alert">
          {words.n("refused", refused.length)} {refused[0]?.problem}
        </p>
      )}
      <div class="recent-box">
        <section class="recent" aria-label={words.t("recent")}>
          <Timeline state={state} onOpen={(entry) => show({ entry })} />
        </section>
        <ToastBar />
      </div>
      <div class="keys">
        {kicking ? (
          <Kicks pad={pad} record={record} names={onKeys} />
        ) : (
          <div class="pair">
            {sides.map((side) => (
              <button key={side} type="button" class={"goal-key " + side} onClick={() => goal(side)}>
                <Ball size={30} />
                <span class="do">{words.t("goal")}</span>
                <span class="name">{onKeys[sideIndex(side)]}</span>
              </button>
            ))}
          </div>
        )}
        <div class="three">
          <button type="button" onClick={() => show("card")}>
            <Icon name="card" /> {words.t("card")}
          </button>
          <button type="button" onClick={() => show("change")}>
            <Icon name="change" /> {words.t("change")}
          </button>
          <button type="button" onClick={() => show("injury")}>
            <Icon name="injury" /> {words.t("injury")}
          </button>
        </div>
        <div class="pair uneven">
          <button
            type="button" class="step" disabled={over}
            onClick={() => record(pad.step(step), stepText(words, state, "recorded", step))}
          >
            <Icon name="clock" /> {stepText(words, state, "step", step)}
          </button>
          <button type="button" onClick={() => show("more")}>
            <Icon name="more" /> {words.t("more")}
          </button>
        </div>
      </div>
      {open === "card" && <CardSheet state={state} pad={pad} record={record} onClose={() => show(null)} />}
      {open === "change" && <ChangeSheet state={state} pad={pad} record={record} onClose={() => show(null)} />}
      {open === "injury" && <InjurySheet state={state} pad={pad} record={record} onClose={() => show(null)} />}
      {open === "more" && <MoreSheet state={state} pad={pad} record={record} onClose={() => show(null)} onSetup={() => show("setup")} />}
      {open === "setup" && <SetupSheet state={state} match={match} opens={opens} onClose={() => show(null)} onFailed={failed} />}
      {open && typeof open === "object" && (
        <Details state={state} entry={current(state, open.entry)} pad={pad} record={record} title={entryTitle(words, state, open.entry)} onClose={() => show(null)} />
      )}
    </div>
  );
}

function stepText(words: Words, state: State, prefix: "step" | "recorded", step: Step): string {
  return words.t(`${prefix}_${step.key}` as Key, { what: periodName(words, state, step.period) });
}

function Kicks({ pad, record, names }: { pad: Pad; record: Record; names: readonly [string, string] }): JSX.Element {
  const { words } = useApp();
  return (
    <div class="pair">
      {sides.map((side) => (
        <div key={side} class="stack">
          {[true, false].map((scored) => (
            <button
              key={String(scored)} type="button" class={(scored ? "goal-key short " : "miss-key ") + side}
              onClick={() => record(pad.kick(side, scored), words.t(scored ? "ev.kick_scored" : "ev.kick_missed"), true)}
            >
              <span class="do">{words.t(scored ? "scored" : "missed")}</span>
              <span class="name">{names[sideIndex(side)]}</span>
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}

/** What an event is called by now: an acknowledgement may have given it its hash. */
function hashOf(match: Match<State>, e: LogEvent): string {
  return match.get().events.find((o) => o.id === e.id)?.hash ?? e.hash;
}

function entryOf(match: Match<State>, e: LogEvent): Entry {
  const hash = hashOf(match, e);
  const found = match.get().state?.timeline.find((t) => t.hash === hash || t.id === e.id);
  return (
    found ?? {
      hash, id: e.id, type: e.type, period: e.period ?? 0, clockMs: e.clockMs ?? 0, clocked: e.clockMs !== undefined, by: "", role: "", ownMs: 0,
      facts: {}, status: "reported", counts: true, ...(e.teamId === "home" || e.teamId === "away" ? { side: e.teamId } : {}),
    }
  );
}

/** The entry as it is now. */
function current(state: State, entry: Entry): Entry {
  return state.timeline.find((t) => t.hash === entry.hash || (!!entry.id && t.id === entry.id)) ?? entry;
}
