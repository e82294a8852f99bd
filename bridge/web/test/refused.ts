import assert from "node:assert/strict";
import { Reason, TouchlineError } from "../src/core";

/** Why f refuses; undefined if it does not. Anything but the typed error is a failure of the test. */
export function reasonOf(f: () => unknown): Reason | undefined {
  try {
    f();
  } catch (e) {
    assert.ok(e instanceof TouchlineError, `not the typed error: ${String(e)}`);
    return e.reason;
  }
  return undefined;
}
