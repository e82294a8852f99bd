// Where the page is: kept in the fragment, so that no server learns which match is looked at.
import { Cell } from "./store";

export const matchViews = ["watch", "record", "family", "coach", "wall"] as const;
export type MatchView = (typeof matchViews)[number];

export type Route =
  | { readonly name: "matches" | "tables" | "settings" }
  | { readonly name: "competition"; readonly competition: string }
  | { readonly name: "match"; readonly match: string; readonly view: MatchView | "" };

/** Reads a fragment; whatever is not known leads to the list of matches. */
export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, "").split("/").map(decode);
  const [first, second, third] = parts;
  if (first === "m" && second && /^[0-9a-f]{64}$/.test(second)) {
    const view = matchViews.find((v) => v === third);
    return { name: "match", match: second, view: view ?? "" };
  }
  if (first === "tables" && second) return { name: "competition", competition: second };
  if (first === "tables" || first === "settings") return { name: first };
  return { name: "matches" };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

export function matchPath(match: string, view: MatchView | "" = ""): string {
  return view ? `#/m/${match}/${view}` : `#/m/${match}`;
}

/** The route that is shown. */
export function routeStore(): Cell<Route> {
  const cell = new Cell(parseRoute(location.hash));
  addEventListener("hashchange", () => cell.set(parseRoute(location.hash)));
  return cell;
}
