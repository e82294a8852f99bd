// One thing that happened, in words.
import type { JSX } from "preact";
import type { Words } from "../i18n";
import { minute, playerOf, shirt, type Entry, type State } from "../model/state";
import { Ball, CardIcon, Icon } from "./icons";
import { useApp } from "./hooks";
import { periodName } from "./period";
import { useTeamNames } from "./score";

/** A player as people here may know him: number, name, or both. */
export function playerText(words: Words, state: State, id: string | undefined): string {
  if (!id) return "";
  const p = playerOf(state, id);
  const no = p ? shirt(p) : id.replace(/^(home|away)-/, "");
  const name = p?.name;
  if (name) return p?.no ? `${no} ${name}` : name;
  if (/^p\d+$/.test(no)) return words.t("a_player"); // a place in a list, where shirts are not to be seen
  return words.t("no", { no });
}

export function entryTitle(words: Words, state: State, e: Entry): string {
  const f = e.facts;
  if (e.type === "goal" && f.how === "own_goal") return words.t("ev.own_goal");
  if (e.type === "goal" && f.how === "penalty") return words.t("ev.penalty_goal");
  if (e.type === "card") return words.word("card", f.colour ?? "");
  if (e.type === "shootout.kick") return f.scored ? words.t("ev.kick_scored") : words.t("ev.kick_missed");
  if (e.type === "period.start" || e.type === "period.end") return words.t(e.type === "period.start" ? "recorded_start" : "recorded_end", { what: periodName(words, state, e.period) });
  if (e.type === "match.end" && f.status && f.status !== "completed") return words.word("status", f.status);
  return words.word("ev", e.type);
}

export function entryDetail(words: Words, state: State, e: Entry): string {
  const f = e.facts;
  const parts: string[] = [];
  const who = playerText(words, state, f.player);
  if (who) parts.push(who);
  if (f.assist) parts.push(words.t("assist_by", { who: playerText(words, state, f.assist) }));
  if (f.out?.length) parts.push(words.t("out_who", { who: f.out.map((p) => playerText(words, state, p)).join(", ") }));
  if (f.in?.length) parts.push(words.t("in_who", { who: f.in.map((p) => playerText(words, state, p)).join(", ") }));
  if (e.type === "goal" && f.how && !["own_goal", "penalty", "open", "unknown"].includes(f.how)) parts.push(words.word("how", f.how));
  if (e.type === "added_time" && f.ms) parts.push(words.n("minutes", Math.round(f.ms / 60000)));
  if (f.outcome) parts.push(words.word("outcome", f.outcome));
  if (f.text) parts.push(f.text);
  return parts.join(" · ");
}

export function entryMinute(state: State, e: Entry): string {
  const m = e.clocked ? minute(state.setup, e.period, e.clockMs) : "";
  return m ? m + "′" : "";
}

function Mark({ entry }: { entry: Entry }): JSX.Element | null {
  switch (entry.type) {
    case "goal":
      return <Ball />;
    case "card":
      return <CardIcon colour={entry.facts.colour ?? ""} />;
    case "substitution":
      return <Icon name="change" size={20} />;
    case "injury":
    case "injury.update":
      return <Icon name="injury" size={20} />;
    case "period.start":
    case "period.end":
    case "match.end":
    case "clock.stop":
    case "clock.resume":
      return <Icon name="clock" size={20} />;
  }
  return <span class="dot" aria-hidden="true" />;
}

/** States that are worth a word beside the entry. */
const shownStates = ["withdrawn", "waiting", "unconfirmed", "void", "invalid", "superseded", "disputed", "refused"];

export function EntryLine({ state, entry, onOpen }: { state: State; entry: Entry; onOpen?: (e: Entry) => void }): JSX.Element {
  const { words } = useApp();
  const names = useTeamNames(state);
  const team = entry.side ? names[entry.side === "home" ? 0 : 1] : "";
  const detail = entryDetail(words, state, entry);
  const body = (
    <>
      <span class="minute">{entryMinute(state, entry)}</span>
      <Mark entry={entry} />
      <span class="what">
        <span class="title">
          {entryTitle(words, state, entry)}
          {entry.score && !state.hidden && (
            <strong class="after">
              {entry.score[0]}:{entry.score[1]}
            </strong>
          )}
        </span>
        {(team || detail) && (
          <span class="detail">
            {team && (
              <span class={"of " + entry.side}>
                <span class="mark" aria-hidden="true" />
                {team}
              </span>
            )}
            {detail && <span>{detail}</span>}
          </span>
        )}
        {shownStates.includes(entry.status) && <span class={"tag " + entry.status}>{words.word("state", entry.status)}</span>}
        {!!entry.sources?.length && entry.type === "goal" && <span class="tag">{words.n("told_times", entry.sources.length + 1)}</span>}
        {entry.pending && entry.status !== "refused" && <span class="tag pending">{words.t("pending")}</span>}
      </span>
    </>
  );
  const kind = "entry" + (entry.counts ? "" : entry.status === "waiting" ? " held" : " off") + (entry.type === "goal" ? " goal" : "");
  return (
    <li class={kind}>
      {onOpen ? (
        <button type="button" class="line" onClick={() => onOpen(entry)}>
          {body}
        </button>
      ) : (
        <div class="line">{body}</div>
      )}
    </li>
  );
}
