// What a node answered to a question, or answered last: without a network that is shown, as what it is.
import { Problem } from "./http";
import { kept } from "./kept";

/** What a question has come to. `at` is when it was answered, by this device's clock. */
export type Answer<T> = { readonly ok: T; readonly at: number; readonly old: boolean } | { readonly problem: unknown };

/** Asks, and keeps the answer for when nobody does. */
export async function asked<T>(path: string, ask: () => Promise<T>, now: () => number = Date.now): Promise<Answer<T>> {
  try {
    const said = { ok: await ask(), at: now() };
    kept.keepAnswer(path, said);
    return { ...said, old: false };
  } catch (problem) {
    if (!passing(problem)) kept.keepAnswer(path, null); // what may not be seen any more is not shown any more
    return before<T>(path) ?? { problem };
  }
}

/** What was answered before. */
export function before<T>(path: string): Answer<T> | null {
  const said = kept.answer<T>(path);
  return said && { ...said, old: true };
}

/** It says nothing of what was asked about. */
function passing(problem: unknown): boolean {
  return !(problem instanceof Problem) || problem.status >= 500 || problem.status === 429;
}
