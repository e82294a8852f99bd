// Stores and time as hooks.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Store } from "../../client/api";
import type { Words } from "../i18n";
import type { Hub } from "../model/hub";
import { now } from "../model/time";

/** What every view can reach. */
export interface App {
  readonly words: Words;
  readonly hub: Hub;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  return useContext(AppContext)!;
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => {
    let last = store.get();
    redraw((n) => n + 1);
    return store.subscribe(() => {
      const next = store.get();
      if (next !== last) {
        last = next;
        redraw((n) => n + 1);
      }
    });
  }, [store]);
  return store.get();
}

/** The time, once a period while it is wanted. */
export function useNow(active: boolean, every = 250): number {
  const [at, tick] = useState(now());
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => tick(now()), every);
    return () => clearInterval(timer);
  }, [active, every]);
  return active ? at : now();
}
