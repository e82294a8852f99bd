// The web app of a node: who joins by a link sees the match at once.
import { Fragment, render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { JSX } from "preact";
import "./app.css";
import { pick, regional, Words } from "./i18n";
import { enter } from "./model/enter";
import { admit } from "./model/doors";
import { DoorStore } from "./model/doorstore";
import { Hub } from "./model/hub";
import { keepApp } from "./model/install";
import { prefs } from "./model/prefs";
import { routeStore } from "./model/route";
import { takeLink } from "./model/session";
import type { Cell } from "./model/store";
import { now } from "./model/time";
import type { Route } from "./model/route";
import { Alerts } from "./ui/alerts";
import { AppContext, useStore } from "./ui/hooks";
import { Frame } from "./ui/frame";
import { MatchPage } from "./views/match";
import { Matches } from "./views/matches";
import { Settings } from "./views/settings";
import { CompetitionView, Tables } from "./views/tables";

function Root({ hub, route }: { hub: Hub; route: Cell<Route> }): JSX.Element {
  const { lang, theme } = useStore(prefs);
  const words = useMemo(() => wordsOf(lang), [lang]);
  const at = useStore(route);
  const generation = useStore(hub.generation);
  useEffect(() => {
    document.documentElement.lang = words.lang;
    document.documentElement.dataset.theme = theme;
  }, [words, theme]);
  return (
    <AppContext.Provider value={{ words, hub }}>
      <Fragment key={generation}>{page(at, words)}</Fragment>
      <Alerts />
    </AppContext.Provider>
  );
}

function wordsOf(chosen: string): Words {
  const lang = pick(chosen, navigator.languages);
  return new Words(lang, regional(lang, navigator.languages));
}

function page(at: Route, words: Words): JSX.Element {
  if (at.name === "match") return <MatchPage key={at.match} id={at.match} view={at.view} />;
  const places = [
    { href: "#/", icon: "matches", label: words.t("nav_matches"), here: at.name === "matches" },
    { href: "#/tables", icon: "tables", label: words.t("nav_tables"), here: at.name === "tables" || at.name === "competition" },
    { href: "#/settings", icon: "settings", label: words.t("nav_settings"), here: at.name === "settings" },
  ] as const;
  if (at.name === "competition") {
    return (
      <Frame title={at.competition} back="#/tables" places={places}>
        <CompetitionView name={at.competition} />
      </Frame>
    );
  }
  return (
    <Frame title={words.t(`nav_${at.name}`)} places={places}>
      {at.name === "tables" ? <Tables /> : at.name === "settings" ? <Settings /> : <Matches />}
    </Frame>
  );
}

async function start(): Promise<void> {
  const link = takeLink();
  const doors = await DoorStore.open();
  if (link && "token" in link) void doors.update((list) => admit(list, link.token, now())); // so that no guest's replica is opened first
  const hub = new Hub(doors);
  if (link) enter(hub, link);
  addEventListener("hashchange", () => {
    const next = takeLink();
    if (next) enter(hub, next);
  });
  render(<Root hub={hub} route={routeStore()} />, document.getElementById("app")!);
}

void start();
// A browser that refuses has no reload offline; everything else works.
keepApp().catch(() => {});
