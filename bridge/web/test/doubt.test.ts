import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { unsaid } from "../src/app/model/doubt";

test("what the reason says is not said again by a flag", () => {
  assert.deepEqual(unsaid({ reason: "told after the final whistle", flags: ["late", "not_on"] }), ["not_on"]);
  assert.deepEqual(unsaid({ reason: "perhaps told already", flags: ["perhaps_same"] }), []);
  assert.deepEqual(unsaid({ reason: "perhaps told already", flags: ["late"] }), ["late"]);
  assert.deepEqual(unsaid({ flags: ["late"] }), ["late"]);
  assert.deepEqual(unsaid({ reason: "late" }), []);
});

test("the reasons are those of the fold", () => {
  const fold = readFileSync("src/fold/entry.ts", "utf8");
  for (const reason of ["told after the final whistle", "perhaps told already"]) assert.ok(fold.includes(`"${reason}"`), reason);
});
