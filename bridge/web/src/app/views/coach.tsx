// For coaches and recorders: what needs a look, and, for coaches, how fairly minutes are shared.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Match, MatchSnapshot } from "../../client/api";
import { unsaid } from "../model/doubt";
import { Pad } from "../model/pad";
import type { Entry, Insights, State } from "../model/state";
import { EntryLine, playerText } from "../ui/entry";
import { useApp } from "../ui/hooks";
import { Scoreboard, useTeamNames } from "../ui/score";
import { lateText, say, whyNot } from "../ui/toast";

const open = ["waiting", "unconfirmed", "disputed", "invalid"];
const odd = ["perhaps_same", "conflict", "one_of_several", "reported_again", "not_on", "already_on", "too_many_on", "head_injury", "late", "not_in_squad", "sent_off", "second_yellow", "came_back", "no_clock", "clock_already", "own_assist", "wrong_period", "no_team", "field_ignored", "too_many_changes", "sin_bin", "power_play", "after_period_end", "already_decided", "out_of_turn", "same_id"];

/** Entries on which somebody should decide. */
export function doubtful(state: State): readonly Entry[] {
  return state.timeline.filter((e) => e.status !== "withdrawn" && e.status !== "superseded" && (open.includes(e.status) || (e.status !== "confirmed" && e.flags?.some((f) => odd.includes(f))) || !!e.flags?.includes("conflict")));
}

export function Coach({ id, match, snapshot, coaches, role }: { id: string; match: Match<State>; snapshot: MatchSnapshot<State>; coaches: boolean; role: string }): JSX.Element {
  const { words } = useApp();
  const state = snapshot.state;
  const pad = useMemo(() => new Pad(match, () => match.get().state), [match]);
  if (!state) return <p class="empty">{words.t("loading")}</p>;
  const list = doubtful(state);
  const disputes = state.corrections.filter((c) => c.status === "disputed");
  const late = lateText(words, state, role);
  const act = (what: Promise<unknown>, done: string) =>
    void what.then(
      () => say(late || done),
      (err: unknown) => say(words.t("not_saved", { why: whyNot(words, err) }), { bad: true }),
    );
  return (
    <>
      <Scoreboard state={state} />
      <section>
        <h2>{words.t("to_review")}</h2>
        {state.waiting[0] + state.waiting[1] > 0 && <p class="note">{words.n("late_goals", state.waiting[0] + state.waiting[1])} {late}</p>}
        {!list.length && !disputes.length && <p class="empty">{words.t("nothing_to_review")}</p>}
        <ul class="review">
          {list.map((e) => (
            <li key={e.hash}>
              <ul>
                <EntryLine state={state} entry={e} />
              </ul>
              <p class="why">
                {[e.reason && words.word("reason", e.reason), ...unsaid(e).map((f) => words.word("flag", f))].filter(Boolean).join(" · ")}
                {e.differs?.map((d) => ` · ${words.t("other_says", { field: words.word("field", d.field), says: d.says ?? "–" })}`)}
              </p>
              <div class="pair">
                <button type="button" class="key" onClick={() => act(pad.withdraw(e.hash, "duplicate"), words.t("withdrawn_done"))}>
                  {words.t("does_not_count")}
                </button>
                <button type="button" class="key" onClick={() => act(pad.confirm(e.hash, e.flags?.includes("perhaps_same")), words.t("confirmed_done"))}>
                  {words.t("confirm")}
                </button>
              </div>
            </li>
          ))}
          {disputes.map((c) => (
            <li key={c.hash}>
              <p class="why">
                {words.word("ev", c.type)}: {words.word("state", c.status)}. {c.reason}
              </p>
            </li>
          ))}
        </ul>
      </section>
      {coaches && <FairTime id={id} state={state} />}
    </>
  );
}

function FairTime({ id, state }: { id: string; state: State }): JSX.Element | null {
  const { words, hub } = useApp();
  const names = useTeamNames(state);
  const [insights, know] = useState<readonly Insights[] | null>(null);
  useEffect(() => {
    let here = true;
    hub.ask<{ insights?: Insights[] }>(`/v1/matches/${id}/stats`, id).then(
      (s) => here && know(s.insights ?? []),
      () => {}, // offline: what was known stays
    );
    return () => void (here = false);
  }, [state]);
  return (
    <>
      {insights?.map((one) => {
        const name = names[one.side === "home" ? 0 : 1];
        const who = (p: string) => playerText(words, state, p);
        return (
          <section key={one.side}>
            <h2 class={"of " + one.side}>
              <span class="mark" aria-hidden="true" />
              <span>{words.t("fair_time", { team: name })}</span>
            </h2>
            {one.alerts.map((a, i) => (
              <p key={i} class="note">
                {words.word("alert", a.kind)} {a.player ? who(a.player) : ""}
              </p>
            ))}
            {one.suggestion && <p>{words.t("suggestion", { out: who(one.suggestion.out), in: who(one.suggestion.in), min: Math.round(one.suggestion.gapMs / 60000) })}</p>}
            {one.shares.length ? (
              <table class="shares">
                <caption class="visually-hidden">{words.t("fair_time", { team: name })}</caption>
                <thead>
                  <tr>
                    <th scope="col">{words.t("player")}</th>
                    <th scope="col">{words.t("minutes_head")}</th>
                    <th scope="col">{words.t("share")}</th>
                  </tr>
                </thead>
                <tbody>
                  {one.shares.map((s) => (
                    <tr key={s.player}>
                      <th scope="row">{who(s.player)}</th>
                      <td>{Math.floor(s.playedMs / 60000)}</td>
                      <td>
                        <svg class="bars" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                          <rect class={"bar " + one.side} width={s.pct} height="8" />
                          <line class="least" x1={state.setup.minSharePct} x2={state.setup.minSharePct} y1="0" y2="8" />
                        </svg>
                        {s.pct} %
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            ) : (
              <p class="empty">{words.t("no_lineup")}</p>
            )}
          </section>
        );
      })}
    </>
  );
}
