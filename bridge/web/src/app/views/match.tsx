// One match, in the view that the address names.
import type { JSX } from "preact";
import { matchPath, type MatchView } from "../model/route";
import { Frame, type Place } from "../ui/frame";
import { useApp, useStore } from "../ui/hooks";
import { SafeLight } from "../ui/safe";
import { Recorder } from "./record";
import { Watch } from "./watch";

export function MatchPage({ id, view }: { id: string; view: MatchView | "" }): JSX.Element {
  const { words, hub } = useApp();
  const listed = useStore(hub.matches).find((m) => m.id === id);
  const match = hub.match(id);
  const snapshot = useStore(match);
  const connection = useStore(hub.connectionOf(id));
  const at: MatchView = view || (listed?.writes ? "record" : "watch");
  const place = (v: MatchView, icon: Place["icon"], label: string): Place => ({ href: matchPath(id, v), icon, label, here: at === v });
  const places: Place[] = [
    place("watch", "watch", words.t("nav_watch")),
    ...(listed?.writes ? [place("record", "record", words.t("nav_record"))] : []),
  ];
  const title = listed?.label || words.t("match_no", { id: id.slice(0, 8) });
  const status = <SafeLight snapshot={snapshot} connection={connection} />;
  return (
    <Frame title={title} back="#/" places={places} kind={at} status={status}>
      {at === "record" ? <Recorder match={match} snapshot={snapshot} /> : <Watch snapshot={snapshot} />}
    </Frame>
  );
}
