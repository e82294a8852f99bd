// What is free text is the same in Go and here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { divide } from "../src/client/words";
import { vectors } from "./vectors";

interface Case {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly kept: unknown;
  readonly words: unknown;
}

test("free text is taken out of what a page signs", () => {
  for (const c of vectors<Case[]>("words")) {
    const { kept, words } = divide(c.type, c.data);
    assert.deepEqual([kept, words ?? null], [c.kept, c.words], JSON.stringify(c.data));
    assert.equal(divide(c.type, kept).words, undefined);
  }
});
