// The client of Touchline for pages: a replica in IndexedDB that speaks touchline.v1 with a node.
import type { State } from "../fold";
import type { Client, Options } from "./api";
import { ReplicaClient, trimmed } from "./client";
import { Host, browserHost } from "./host";

export type * from "./api";
export type { State } from "../fold";
export type { Host } from "./host";
export { browserHost } from "./host";

/** Opens the replica and keeps it connected. `host` is for pages that are none, as in tests. */
export function connect(options: Options = {}, host: Host = browserHost()): Client<State> {
  return new ReplicaClient<State>(options, host, trimmed(options.url ?? location.origin), async () => {
    const { fold, fromRest } = await import("../fold");
    return (events) => fold(events.map(({ event, side }) => fromRest(event, side)));
  });
}
