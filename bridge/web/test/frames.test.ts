// The frames against the vectors that the node's own tests are held to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Frame, decodeFrame, encodeFrame } from "../src/client/frames";
import { hex, unhex } from "../src/core/bytes";
import { vectors } from "./vectors";

interface Vectors {
  readonly valid: readonly { readonly name: string; readonly bytes: string }[];
  readonly invalid: readonly { readonly name: string; readonly bytes: string }[];
}

const { valid, invalid } = vectors<Vectors>("bridge");

test("every frame is read and written as by the node", () => {
  const kinds = new Set<string>();
  for (const v of valid) {
    const f: Frame = decodeFrame(unhex(v.bytes));
    const { is, ...fields } = f;
    kinds.add(is);
    assert.equal(hex(encodeFrame(is, fields as never)), v.bytes, v.name);
  }
  assert.equal(kinds.size, 32);
});

test("what is not a frame is refused", () => {
  const taken = invalid.filter((v) => !refuses(v.bytes)).map((v) => v.name);
  assert.deepEqual(taken, []);
});

function refuses(bytes: string): boolean {
  try {
    decodeFrame(unhex(bytes));
    return false;
  } catch (problem) {
    assert.equal((problem as Error).name, "TouchlineError");
    return true;
  }
}
