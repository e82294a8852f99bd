// What is doubtful about an entry, as its reason and its flags say it.
import type { Entry } from "./state";

/** Flags that a reason says in more words. */
const saidBy: Readonly<Record<string, string>> = { "told after the final whistle": "late", "perhaps told already": "perhaps_same" };

/** The flags of an entry that its reason does not say. */
export function unsaid(e: Pick<Entry, "reason" | "flags">): readonly string[] {
  return (e.flags ?? []).filter((f) => f !== saidBy[e.reason ?? ""]);
}
