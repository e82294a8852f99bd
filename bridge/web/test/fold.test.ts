// The fold of both languages gives the same bytes: on the shared vectors, and on the random sets that Go writes when it
// runs this (TestTypeScriptFolds in crdt/match).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FoldEvent, RestEvent, State, fold, fromRest } from "../src/fold";
import { vectors } from "./vectors";

interface Vector {
  readonly name: string;
  readonly events: readonly FoldEvent[];
  readonly state: State;
}

for (const v of vectors<Vector[]>("fold"))
  test(`fold: ${v.name}`, () => {
    assert.deepEqual(fold(v.events), v.state);
    assert.equal(JSON.stringify(fold([...v.events].reverse())), JSON.stringify(v.state));
  });

const random = process.env["TOUCHLINE_FOLDS"];
if (random)
  test("fold: random sets", () => {
    let sets = 0;
    for (const line of readFileSync(random, "utf8").trimEnd().split("\n")) {
      const { events, state } = JSON.parse(line) as { events: FoldEvent[]; state: State };
      const want = JSON.stringify(state);
      for (const order of [events, [...events].reverse(), [...events, ...events.slice(0, events.length / 2)].sort((a, b) => (a.hash < b.hash ? -1 : 1))]) {
        const got = fold(order);
        if (JSON.stringify(got) !== want) assert.deepEqual(got, state, `set ${sets}: ${JSON.stringify(events)}`);
        assert.equal(JSON.stringify(got), want);
      }
      sets++;
    }
    assert.ok(sets > 0);
  });

// What a node answers: its events, folded here, are the state that it shows to whoever may see all of it.
test("fold: events of REST", () => {
  interface Answer {
    readonly name: string;
    readonly json?: unknown;
  }
  const answers = vectors<Answer[]>("rest");
  const view = (what: string): unknown => answers.find((a) => a.name.startsWith("for who records:") && a.name.endsWith("/" + what))!.json;
  const { events } = view("events") as { events: RestEvent[] };
  assert.ok(events.length > 5);
  const { matchId, label, stateDigest, ...state } = view("state") as State & { matchId: string; label: string; stateDigest: string };
  assert.ok(matchId && label && stateDigest);
  assert.deepEqual(fold(events.map((e) => fromRest(e))), state);
});
