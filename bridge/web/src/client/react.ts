// A match in a component: for React, and for Preact through preact/compat.
import { useCallback, useSyncExternalStore } from "react";
import type { Client, Match, MatchSnapshot, Store } from "./api";

/** The value of a store; the component is drawn anew when it changes. */
export function useStore<T>(store: Store<T>): T {
  const subscribe = useCallback((changed: () => void) => store.subscribe(changed), [store]);
  const get = useCallback(() => store.get(), [store]);
  return useSyncExternalStore(subscribe, get, get);
}

/** What is known of a match, and the match to record in. It goes on being followed until it is closed. */
export function useMatch<State>(client: Client<State>, id: string): readonly [MatchSnapshot<State>, Match<State>] {
  const match = client.match(id);
  return [useStore(match), match];
}
