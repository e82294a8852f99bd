// Competitions of the node: tables and brackets, as far as the rules for youth let them be shown.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { hyphened } from "../model/names";
import { asked, before, type Answer } from "../rest/asked";
import { Problem } from "../rest/http";
import { useApp } from "../ui/hooks";

interface Competition {
  readonly name: string;
  readonly bracket?: unknown;
}

interface Row {
  readonly rank: number;
  readonly team: string;
  /** In a table across groups. */
  readonly group?: string;
  readonly played: number;
  readonly won: number;
  readonly drawn: number;
  readonly lost: number;
  readonly for: number;
  readonly against: number;
  readonly points: number;
  readonly provisional: boolean;
}

interface Tie {
  readonly id: string;
  readonly round?: string;
  readonly entrants: readonly { readonly team?: string; readonly bye?: boolean }[];
  readonly slots: readonly [string, string];
  readonly result?: { readonly score: readonly [number, number]; readonly kicks?: readonly [number, number] };
  readonly winner?: string;
  readonly changed?: boolean;
}

const patience = 1000; // milliseconds until what was said before is shown
const again = 15_000;

function useAnswer<T>(path: string): Answer<T> | null {
  const { hub } = useApp();
  const [answer, know] = useState<{ readonly path: string; readonly is: Answer<T> | null }>({ path, is: null });
  useEffect(() => {
    let here = true;
    const ask = async () => {
      const is = await asked<T>(path, async () => (await hub.askAny<T>(path))[0]!);
      if (here) know({ path, is });
    };
    void ask();
    const slow = setTimeout(() => know((now) => (now.path === path && now.is ? now : { path, is: before(path) })), patience);
    const timer = setInterval(() => void ask(), again);
    return () => {
      here = false;
      clearTimeout(slow);
      clearInterval(timer);
    };
  }, [path]);
  return answer.path === path ? answer.is : null;
}

/** Says that an answer is not of now, and of when it is. */
function Age({ of }: { of: Answer<unknown> }): JSX.Element | null {
  const { words } = useApp();
  return "ok" in of && of.old ? <p class="note" role="status">{words.t("may_be_old", { at: words.when(of.at, Date.now()) })}</p> : null;
}

export function Tables(): JSX.Element {
  const { words } = useApp();
  const answer = useAnswer<{ competitions: Competition[] }>("/v1/competitions");
  if (!answer) return <p class="empty">{words.t("loading")}</p>;
  if ("problem" in answer) return <Failed problem={answer.problem} />;
  return (
    <>
      <Age of={answer} />
      {!answer.ok.competitions.length && <p class="empty">{words.t("no_competitions")}</p>}
      <ul class="cards">
        {answer.ok.competitions.map((c) => (
          <li key={c.name} class="card">
            <a class="card-main" href={"#/tables/" + encodeURIComponent(c.name)}>
              <strong>{c.name}</strong>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

export function CompetitionView({ name }: { name: string }): JSX.Element {
  const { words } = useApp();
  const base = "/v1/competitions/" + encodeURIComponent(name);
  const table = useAnswer<{ groups: { group?: string; rows: Row[]; complete: boolean }[] }>(base + "/table?live=true");
  const bracket = useAnswer<{ ties: Tie[] }>(base + "/bracket");
  if (!table) return <p class="empty">{words.t("loading")}</p>;
  return (
    <>
      <Age of={table} />
      {"problem" in table ? <Failed problem={table.problem} /> : table.ok.groups.map((g) => <GroupTable key={g.group ?? ""} title={g.group ? words.t("group", { group: g.group }) : words.t("table")} rows={g.rows} />)}
      {bracket && "ok" in bracket && bracket.ok.ties.some((t) => t.slots.some((s) => third.test(s))) && <Thirds base={base} />}
      {bracket && "ok" in bracket && <BracketList ties={bracket.ok.ties} />}
    </>
  );
}

/** A slot for one of the best thirds, also as files of results write it: 3A/B/C. */
const third = /^(3rd:|team:3[A-Z]\/)/;

/** The third-placed teams of all groups, where a knock-out takes the best of them. */
function Thirds({ base }: { base: string }): JSX.Element | null {
  const { words } = useApp();
  const thirds = useAnswer<{ rows: Row[] }>(base + "/thirds?live=true");
  return thirds && "ok" in thirds && thirds.ok.rows.length ? <GroupTable title={words.t("thirds")} rows={thirds.ok.rows} /> : null;
}

function GroupTable({ title, rows }: { title: string; rows: readonly Row[] }): JSX.Element {
  const { words } = useApp();
  return (
    <table class="league">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{words.t("rank")}</th>
          <th scope="col">{words.t("team")}</th>
          <th scope="col">
            <abbr title={words.t("played")}>{words.t("played_short")}</abbr>
          </th>
          <th scope="col">{words.t("goals")}</th>
          <th scope="col">
            <abbr title={words.t("points")}>{words.t("points_short")}</abbr>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.team}>
            <td>{r.rank}</td>
            <th scope="row">
              {hyphened(r.team)} {r.group && <small class="soft">{words.t("group", { group: r.group })}</small>} {r.provisional && <span class="tag">{words.t("live")}</span>}
            </th>
            <td>{r.played}</td>
            <td>
              {r.for}:{r.against}
            </td>
            <td>
              <strong>{r.points}</strong>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function BracketList({ ties }: { ties: readonly Tie[] }): JSX.Element {
  const { words } = useApp();
  return (
    <section>
      <h2>{words.t("bracket")}</h2>
      <ol class="bracket">
        {ties.map((t) => (
          <li key={t.id} class="card">
            <span class="soft">{t.round ?? t.id}</span>
            {([0, 1] as const).map((i) => {
              const e = t.entrants[i];
              const won = !!e?.team && e.team === t.winner;
              return (
                <span key={i} class={"entrant" + (won ? " won" : "")}>
                  <span>{hyphened(e?.team || t.slots[i] || "–")}</span>
                  {t.result && (
                    <strong>
                      {t.result.score[i]}
                      {t.result.kicks ? ` (${t.result.kicks[i]})` : ""}
                    </strong>
                  )}
                  {won && <span class="visually-hidden">{words.t("winner")}</span>}
                </span>
              );
            })}
            {t.changed && <span class="tag">{words.t("tie_changed")}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Failed({ problem }: { problem: unknown }): JSX.Element {
  const { words } = useApp();
  if (problem instanceof Problem && problem.kind === "no-table") return <p class="note">{words.t("no_table")}</p>;
  if (problem instanceof Problem && (problem.status === 401 || problem.status === 403)) return <p class="empty">{words.t("need_link")}</p>;
  if (problem instanceof Problem && problem.status === 404) return <p class="empty">{words.t("no_competitions")}</p>;
  return <p class="empty">{words.t("conn_offline")}</p>;
}
