// Who taps after the end is told that it changes nothing, and who could: in every language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { languages, Words } from "../src/app/i18n";
import { waitsFor, type State } from "../src/app/model/state";
import { blank } from "../src/app/replica/overlay";
import { lateText } from "../src/app/ui/toast";

/** A match ended by somebody of a rank; of none, if it goes on. */
function ended(rank?: number): State {
  const end = { hash: "", type: "match.end", period: 99, clockMs: 0, clocked: false, by: "", role: rank, ownMs: 0, facts: {}, status: "confirmed", counts: true };
  return rank ? { ...blank, phase: "ended", timeline: [end] } : blank;
}

test("late: who may not change the result any more", () => {
  const roles = ["admin", "referee", "coach", "record"];
  const table = [undefined, 1, 2, 3, 4].map((rank) => roles.map((role) => waitsFor(ended(rank), role)).join(" "));
  assert.deepEqual(table, ["   ", " admin admin admin", "  referee referee", "   coach", "   "]);
  assert.equal(waitsFor(null, "coach"), "");
});

test("late: it is said in words", () => {
  const said = languages.map(({ tag }) => lateText(new Words(tag), ended(1), "coach"));
  assert.equal(new Set(said).size, languages.length);
  for (const text of said) assert.match(text, /organiser|leitet/);
  assert.equal(lateText(new Words("en"), ended(1), "admin"), "");
});
