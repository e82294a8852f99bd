// Who is on the pitch and who is not, with minutes.
import type { JSX } from "preact";
import { shirt, sides, type Player, type State } from "../model/state";
import { Ball, CardIcon } from "../ui/icons";
import { useApp } from "../ui/hooks";
import { useTeamNames } from "../ui/score";

export function Lineups({ state }: { state: State }): JSX.Element {
  const { words } = useApp();
  const names = useTeamNames(state);
  return (
    <div class="columns">
      {sides.map((side, i) => {
        const team = state.teams[i as 0 | 1];
        const on = team.players.filter((p) => p.on);
        const off = team.players.filter((p) => !p.on);
        return (
          <section key={side} class="squad">
            <h3 class={"of " + side}>
              <span class="mark" aria-hidden="true" />
              <span>{names[i]}</span>
            </h3>
            {!team.players.length && <p class="empty">{words.t("no_lineup")}</p>}
            {on.length > 0 && <h4>{words.t("on_pitch")}</h4>}
            <PlayerList players={on} keeper={team.keeper} />
            {off.length > 0 && <h4>{words.t("bench")}</h4>}
            <PlayerList players={off} keeper={undefined} />
          </section>
        );
      })}
    </div>
  );
}

function PlayerList({ players, keeper }: { players: readonly Player[]; keeper: string | undefined }): JSX.Element | null {
  const { words } = useApp();
  if (!players.length) return null;
  return (
    <ul class="players">
      {byNumber(players).map((p) => (
        <li key={p.id}>
          <span class="no">{shirt(p)}</span>
          <span class="name">
            {p.name ?? ""}
            {p.id === keeper && <abbr title={words.t("keeper")}>{words.t("keeper_short")}</abbr>}
            {p.sentOff && <span class="tag">{words.t("sent_off")}</span>}
          </span>
          <span class="marks">
            {p.goals > 0 && (
              <span>
                <Ball size={14} />
                <span class="visually-hidden">{words.t("goals")} </span>
                {p.goals > 1 ? p.goals : <span class="visually-hidden">1</span>}
              </span>
            )}
            {p.cards.yellow > 0 && <Card colour="yellow" />}
            {p.cards.red + p.cards.secondYellow > 0 && <Card colour="red" />}
          </span>
          <span class="mins">{words.t("mins", { n: Math.floor(p.playedMs / 60000) })}</span>
        </li>
      ))}
    </ul>
  );
}

function Card({ colour }: { colour: string }): JSX.Element {
  const { words } = useApp();
  return (
    <span>
      <CardIcon colour={colour} />
      <span class="visually-hidden">{words.word("card", colour)}</span>
    </span>
  );
}

export function byNumber(players: readonly Player[]): readonly Player[] {
  const place = (p: Player) => p.no ?? (Number(shirt(p)) || 999);
  return [...players].sort((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));
}
