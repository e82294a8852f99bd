// Who taps after the end is told that it changes nothing, and who could: in every language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { languages, Words } from "../src/app/i18n";
import { waitsFor, type State } from "../src/app/model/state";
import type { LogEvent } from "../src/client/api";
import { blank, overlay } from "../src/app/replica/overlay";
import { lateText, sentences } from "../src/app/ui/toast";

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

test("late: a name with a full stop at its end makes none of two", () => {
  assert.equal(sentences("Goal for Badgers e. V.", "Late"), "Goal for Badgers e. V. Late");
  assert.equal(sentences("Goal for Otters", "Late"), "Goal for Otters. Late");
});

const tap = (hash: string, at: number, more: Partial<LogEvent> = {}): LogEvent => ({
  id: hash, hash, type: "goal", data: {}, refs: [], teamId: "home", author: "", role: "record", hlc: "", createdAt: new Date(at).toISOString(),
  own: true, reach: "saved", ...more,
} as LogEvent);

test("late: a tap after the end shows that it waits, and the score stays, before any node has it", () => {
  const over = ended(1); // at 0
  const shown = overlay(over, [tap("a", 1)], "record");
  assert.deepEqual(shown.score, [0, 0]);
  assert.deepEqual(shown.timeline.slice(1).map((e) => [e.status, e.counts, e.pending]), [["waiting", false, true]]);
  const back = overlay(over, [tap("a", 1), tap("b", 2, { type: "retract", refs: ["a"] })], "record");
  assert.deepEqual(back.timeline.slice(1).map((e) => e.status), ["withdrawn"]);
  assert.equal(overlay(over, [tap("a", 1, { type: "period.start", period: 3 })], "record").phase, "ended");
  assert.deepEqual(overlay({ ...over, score: [1, 0], timeline: [...over.timeline, { ...over.timeline[0]!, hash: "g", type: "goal", side: "home" }] },
    [tap("b", 2, { type: "retract", refs: ["g"] })], "record").score, [1, 0]);
});

test("late: what was tapped before the end counts, and so does what its teller's role lets count", () => {
  const over = ended(1);
  assert.deepEqual(overlay(over, [tap("a", -1)], "record").score, [1, 0]);
  assert.deepEqual(overlay(over, [tap("a", 1)], "admin").score, [1, 0]);
  assert.deepEqual(overlay({ ...blank, phase: "playing" }, [tap("a", 1)], "record").score, [1, 0]);
});
