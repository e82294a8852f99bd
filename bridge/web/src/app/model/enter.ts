// What opening a link does.
import type { Hub } from "./hub";
import { matchPath } from "./route";
import type { Opened } from "./session";

/** Takes a link, and goes on to the match that it is to, as soon as it is listed. */
export function enter(hub: Hub, link: Opened): void {
  if ("wrong" in link) return hub.wrong.set(link.wrong);
  const match = hub.join(link.token);
  const go = () => {
    if (!hub.matches.get().some((m) => m.id === match && !m.team)) return;
    off();
    if (/^#\/?$/.test(location.hash)) location.replace(matchPath(match)); // who went elsewhere meanwhile stays there
  };
  const off = hub.matches.subscribe(go);
  go();
}
