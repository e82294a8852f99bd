// What a page spends, when it holds back, and what it does when it is put away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hints } from "../src/client/host";
import { Meter, holding } from "../src/client/thrift";

const minute = 60_000;

test("thrift: bytes of the last hour are forgotten by the minute, and the sum is not", () => {
  const m = new Meter();
  for (let i = 0; i < 120; i++) m.add(1, 9, i * minute);
  assert.deepEqual([m.sent, m.received, m.lastHour(119 * minute)], [120, 1080, 600]);
  assert.equal(m.lastHour(149 * minute), 300);
  assert.equal(m.lastHour(300 * minute), 0);
  m.add(5, 0, 10 * minute); // the clock was set back
  assert.equal(m.lastHour(10 * minute), 5);
});

test("thrift: a page holds back for the first reason there is", () => {
  for (const [limits, system, lastHour, want] of [
    [{}, "", 1e9, ""],
    [{}, "system", 0, "system"],
    [{ saving: "auto" }, "battery", 0, "battery"],
    [{ budget: 1000 }, "", 999, ""],
    [{ budget: 1000 }, "", 1000, "budget"],
    [{ budget: 1000 }, "battery", 1000, "battery"],
    [{ saving: "never", budget: 1000 }, "battery", 5000, ""],
    [{ saving: "always" }, "", 0, "chosen"],
  ] as const)
    assert.equal(holding(limits, system, lastHour), want, JSON.stringify([limits, system, lastHour]));
});

test("thrift: what a browser says of a page's life", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const window = new EventTarget();
  const globals = globalThis as Record<string, unknown>;
  const before = { ...globals };
  Object.assign(globals, {
    document: page, addEventListener: window.addEventListener.bind(window), removeEventListener: window.removeEventListener.bind(window),
  });
  try {
    const seen: string[] = [];
    const off = hints(() => seen.push("back"), () => seen.push("rest"));
    const say = (on: EventTarget, event: string): string[] => {
      seen.length = 0;
      on.dispatchEvent(new Event(event));
      return [...seen];
    };
    for (const [on, event, want] of [[window, "pagehide", "rest"], [page, "freeze", "rest"], [page, "resume", "back"], [window, "pageshow", "back"], [window, "online", "back"], [window, "focus", "back"], [page, "visibilitychange", "back"]] as const)
      assert.deepEqual(say(on, event), [want], event);
    page.visibilityState = "hidden";
    for (const event of ["visibilitychange"]) assert.deepEqual(say(page, event), []);
    assert.deepEqual(say(window, "online"), [], "a page that nobody sees has time");
    off();
    assert.deepEqual(say(window, "pagehide"), []);
  } finally {
    for (const name of ["document", "addEventListener", "removeEventListener"]) globals[name] = before[name];
  }
});
