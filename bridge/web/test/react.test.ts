// The hooks with React itself, drawn to text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import type { Client, MatchSnapshot } from "../src/client";
import { Cell } from "../src/client/cell";
import { useMatch } from "../src/client/react";

test("react: a component shows what the match shows", () => {
  const snapshot = { id: "m", events: [], state: null, unsent: 3, holders: 0, atRelay: false, current: false } satisfies MatchSnapshot<null>;
  const cell = new Cell<MatchSnapshot<null>>(snapshot);
  const match = Object.assign(cell, { id: "m" });
  const client = { match: () => match } as unknown as Client<null>;
  const Unsent = () => createElement("p", null, useMatch(client, "m")[0].unsent);
  assert.equal(renderToString(createElement(Unsent, null)), "<p>3</p>");
  cell.set({ ...snapshot, unsent: 4 });
  assert.equal(renderToString(createElement(Unsent, null)), "<p>4</p>");
});
