// The light says where the events are, and what helps: in every language, and the same in no two cases.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection, MatchSnapshot } from "../src/client/api";
import { languages, Words } from "../src/app/i18n";
import type { Trouble } from "../src/app/model/hub";
import type { State } from "../src/app/model/state";
import { lightOf } from "../src/app/ui/safe";

const snapshot: MatchSnapshot<State> = { id: "", events: [], state: null, unsent: 0, holders: 0, atRelay: false, current: false };
const troubles: readonly Trouble[] = ["expired", "invalid", "closed", "storage"];

function says(lang: string, unsent: number, trouble: Trouble, state: Connection["state"] = "refused", writes = true): string {
  const connection = { state, unsent, node: "", lastHeard: null };
  return lightOf(new Words(lang), { ...snapshot, unsent }, connection, trouble, writes).text;
}

test("light: whoever can not send by waiting is told what helps", () => {
  for (const { tag } of languages) {
    const texts = [...troubles.flatMap((t) => [says(tag, 0, t), says(tag, 2, t)]), says(tag, 2, "", "live", false), says(tag, 2, "", "live"), says(tag, 0, "", "live")];
    assert.equal(new Set(texts).size, texts.length, texts.join("\n"));
    for (const t of texts) assert.doesNotMatch(t, /^(conn|unsent|safe)_|\{/);
    for (const t of troubles) assert.match(says(tag, 2, t), /^2 /);
  }
  assert.equal(says("en", 2, "expired"), "2 only on this phone – link expired, open a new one");
  assert.equal(says("en", 2, "", "reconnecting"), "2 only on this phone: stay");
  assert.equal(says("en", 2, "", "offline", false), "2 only on this phone: stay");
});
