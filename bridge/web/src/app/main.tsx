// The web app of a node: who joins by a link sees the match at once.
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { JSX } from "preact";
import "./app.css";
import { pick, Words } from "./i18n";
import { Hub } from "./model/hub";
import { prefs } from "./model/prefs";
import { matchPath, routeStore } from "./model/route";
import { takeToken } from "./model/session";
import type { Cell } from "./model/store";
import type { Route } from "./model/route";
import { AppContext, useStore } from "./ui/hooks";
import { Frame } from "./ui/frame";
import { MatchPage } from "./views/match";
import { Matches } from "./views/matches";

function Root({ hub, route }: { hub: Hub; route: Cell<Route> }): JSX.Element {
  const { lang, theme } = useStore(prefs);
  const words = useMemo(() => new Words(pick(lang, navigator.languages)), [lang]);
  const at = useStore(route);
  useEffect(() => {
    document.documentElement.lang = words.lang;
    document.documentElement.dataset.theme = theme;
  }, [words, theme]);
  return <AppContext.Provider value={{ words, hub }}>{page(at, words)}</AppContext.Provider>;
}

function page(at: Route, words: Words): JSX.Element {
  if (at.name === "match") return <MatchPage key={at.match} id={at.match} view={at.view} />;
  const places = [
    { href: "#/", icon: "matches", label: words.t("nav_matches"), here: at.name === "matches" },
  ] as const;
  return (
    <Frame title={words.t("nav_matches")} places={places}>
      <Matches />
    </Frame>
  );
}

/** Goes on to the match of a link that was just opened. */
function enter(hub: Hub, token: string): void {
  hub.join(token);
  const go = () => {
    const [first] = hub.matchesOf(token);
    if (!first) return;
    off();
    location.replace(matchPath(first));
  };
  const off = hub.matches.subscribe(go);
  go();
}

const hub = new Hub();
const token = takeToken();
if (token) enter(hub, token);
addEventListener("hashchange", () => {
  const next = takeToken();
  if (next) enter(hub, next);
});
render(<Root hub={hub} route={routeStore()} />, document.getElementById("app")!);
