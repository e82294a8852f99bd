// One match, in the view that the address names.
import type { JSX } from "preact";
import { opens } from "../model/choices";
import { matchPath, type MatchView } from "../model/route";
import type { State } from "../model/state";
import { Frame, type Place } from "../ui/frame";
import { useApp, useStore } from "../ui/hooks";
import { SafeLight } from "../ui/safe";
import { Coach } from "./coach";
import { Family } from "./family";
import { Recorder } from "./record";
import { Wall } from "./wall";
import { Watch } from "./watch";

export function MatchPage({ id, view }: { id: string; view: MatchView | "" }): JSX.Element {
  const { words, hub } = useApp();
  const listed = useStore(hub.matches).find((m) => m.id === id);
  const match = hub.match(id);
  const snapshot = useStore(match);
  const connection = useStore(hub.connectionOf(id));
  const writes = listed?.writes ?? false;
  const at: MatchView = view || (writes ? "record" : "watch");
  const place = (v: MatchView, label: string): Place => ({ href: matchPath(id, v), icon: v, label, here: at === v });
  const places: Place[] = [
    place("watch", words.t("nav_watch")),
    ...(writes ? [place("record", words.t("nav_record"))] : []),
    place("family", words.t("nav_family")),
    ...(writes ? [place("coach", words.t("nav_coach"))] : []),
    place("wall", words.t("nav_wall")),
  ];
  const title = listed?.label || words.t("match_no", { id: id.slice(0, 8) });
  const body = () => {
    if (!listed && !snapshot.state && !hub.reaches(id)) return <p class="empty">{words.t("not_here")}</p>;
    if (at === "record" || at === "coach") {
      if (!writes) return <p class="empty">{words.t(listed ? "may_not_record" : "loading")}</p>;
      return at === "record" ? <Recorder match={match} snapshot={snapshot} role={listed?.role ?? ""} opens={opens(listed)} /> : <Coach id={id} match={match} snapshot={snapshot} coaches={listed?.coaches ?? false} role={listed?.role ?? ""} />;
    }
    if (listed?.blind && !snapshot.state) return <p class="empty">{words.t("blind")}</p>;
    if (at === "family") return <Family id={id} state={snapshot.state} />;
    if (at === "wall") return <Wall state={snapshot.state} />;
    return <Watch snapshot={snapshot} />;
  };
  return (
    <Frame title={title} sign={signOf(snapshot.state)} back="#/" places={places} kind={at} status={<SafeLight id={id} snapshot={snapshot} connection={connection} writes={writes} />}>
      {body()}
    </Frame>
  );
}

/** The score, once there is one that may be shown. */
function signOf(state: State | null): string {
  return !state || state.hidden || state.phase === "before" ? "" : `${state.score[0]}:${state.score[1]}`;
}
