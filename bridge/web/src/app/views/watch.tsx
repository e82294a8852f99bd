// What spectators see: score, clock, and what happened, who plays, and numbers.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { MatchSnapshot } from "../../client/api";
import type { State } from "../model/state";
import { useApp } from "../ui/hooks";
import { Scoreboard } from "../ui/score";
import { Tabs } from "../ui/tabs";
import { Lineups } from "./lineups";
import { Statistics } from "./statistics";
import { Timeline } from "./timeline";

export function Watch({ snapshot }: { snapshot: MatchSnapshot<State> }): JSX.Element {
  const { words } = useApp();
  const [tab, turn] = useState("timeline");
  const state = snapshot.state;
  if (!state) return <p class="empty">{words.t("loading")}</p>;
  return (
    <>
      <Scoreboard state={state} />
      {state.hidden && <p class="note">{words.t("hidden_long")}</p>}
      {!!state.unread && <p class="note">{words.n("unread", state.unread)}</p>}
      <Tabs
        label={words.t("nav_watch")}
        at={tab}
        onTurn={turn}
        tabs={[
          { id: "timeline", label: words.t("timeline"), body: () => <Timeline state={state} /> },
          { id: "lineups", label: words.t("lineups"), body: () => <Lineups state={state} /> },
          { id: "stats", label: words.t("statistics"), body: () => <Statistics state={state} /> },
        ]}
      />
    </>
  );
}
