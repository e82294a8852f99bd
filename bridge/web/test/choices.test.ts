// The sheet before the match offers nothing that has no effect: held against the fold itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bandChoices, opens, resultChoices } from "../src/app/model/choices";
import type { Setup } from "../src/app/model/state";
import { fold, type FoldEvent } from "../src/fold";

const roles = { admin: 1, referee: 2, coach: 3, record: 4 };
const hash = (n: number): string => String(n).padStart(64, "0");
const setup = (n: number, role: number, data: object, side = ""): FoldEvent =>
  ({ hash: hash(n), author: hash(100 + n), role, side, type: "match.setup", period: 0, data: JSON.stringify(data), time: String(n).padStart(16, "0"), ownMs: n }) as FoldEvent;

test("setup: every choice has an effect, and what is not offered has none", () => {
  for (const band of ["", "U9", "U10", "U14"])
    for (const [role, rank] of Object.entries(roles))
      for (const ofTeam of ["", "home"]) {
        const may = opens({ role, ofTeam });
        // What stands was said by a scorer, so that nobody's rank decides.
        const said = setup(1, 4, { age_band: band });
        const before = fold([said]).setup as Setup;
        const after = (data: object): Setup => fold([said, setup(2, rank, data, ofTeam)]).setup as Setup;
        const who = `${role} of ${ofTeam || "both"}, ${band || "no band"}`;
        const offered = resultChoices(before, may);
        for (const results of ["public", "team_only"]) {
          const works = after({ results }).results === results;
          assert.equal(works && offered.length > 0, offered.includes(results), `${who}: ${results}`);
        }
        const bands = bandChoices(before, may);
        for (const b of ["U7", "U8", "U11", "U13", "U16", "U19"]) assert.equal(after({ age_band: b }).ageBand === b, bands.includes(b), `${who}: ${b}`);
      }
});
