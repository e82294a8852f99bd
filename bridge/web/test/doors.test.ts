// Which links open which replica, and what is said of a link that opens nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { admit, drains, matchOf, parseKept, readToken, refuse, type Kept } from "../src/app/model/doors";
import { opened, openedBy } from "../src/app/model/session";
import { concat, encodeCbor, random } from "../src/core";

const now = 1_800_000_000_000;
const [match, other] = [random(32), random(32)];
const [coach, record, watch] = [3, 4, 7];

const mint = (role: number, expires = now + 1, of = match): string =>
  "tl1." + Buffer.from(concat(encodeCbor({ 1: random(12), 2: of, 3: role, 4: expires }), random(32))).toString("base64url");
const join = (...tokens: readonly string[]): readonly Kept[] => tokens.reduce<readonly Kept[]>((list, t) => admit(list, t, now), []);

test("doors: a token says its match, its role and its end", () => {
  const t = mint(record, now + 5);
  assert.deepEqual(readToken(t), { match: Buffer.from(match).toString("hex"), role: record, expires: now + 5 });
  for (const bad of [t.slice(4), "tl1.abc", t.slice(0, 60), "tl1." + "A".repeat(80), "hello", ""]) assert.equal(readToken(bad), null, bad);
});

test("doors: a new link to a match opens the replica that is there", () => {
  const [old, fresh, elsewhere] = [mint(record), mint(record), mint(record, now + 1, other)];
  const list = join(old, elsewhere, fresh);
  assert.equal(list.length, 2);
  assert.deepEqual(list[0]!.tokens, [fresh, old]);
  assert.equal(new Set(list.map((k) => k.database)).size, 2);
  assert.deepEqual(join(old, fresh, fresh)[0]!.tokens, [fresh, old]);
});

test("doors: the token that is shown is live, then strong, then new", () => {
  const [ended, weak, strong] = [mint(coach, now), mint(watch), mint(record)];
  for (const order of [[ended, weak, strong], [strong, ended, weak], [weak, strong, ended]]) assert.deepEqual(join(...order)[0]!.tokens, [strong, weak, ended]);
});

test("doors: a token that is refused makes room for the next; the last one stays", () => {
  const [forged, good] = [mint(coach), mint(record)];
  const left = refuse(join(good, forged), forged);
  assert.deepEqual(left.map((k) => k.tokens), [[good]]);
  assert.deepEqual(refuse(left, good), left);
});

test("doors: what was kept for each token is opened by the newest, and sent", () => {
  const [old, fresh, elsewhere] = [mint(record, now), mint(record), mint(record, now + 1, other)];
  const list = parseKept(JSON.stringify([old, fresh, elsewhere, "tl1.cut", 7, null]), now);
  assert.deepEqual(list.map((k) => [k.database, k.tokens[0]]), [["touchline-" + old.slice(4, 24), fresh], ["touchline-" + fresh.slice(4, 24), fresh], ["touchline-" + elsewhere.slice(4, 24), elsewhere]]);
  assert.deepEqual(list.map((k) => drains(list, k.database)), [true, false, false]);
  assert.deepEqual(parseKept(JSON.stringify(list), now), list);
  for (const bad of [null, "", "{", "{}", "[[]]"]) assert.deepEqual(parseKept(bad, now), []);
  assert.equal(matchOf(list[2]!), Buffer.from(other).toString("hex"));
});

test("doors: a link that opens nothing is told from no link", () => {
  const t = mint(record);
  assert.deepEqual(openedBy("#join=" + t), { token: t });
  assert.deepEqual(openedBy("#/join/" + t), { token: t });
  assert.deepEqual(opened(`see https://node:3001/#join=${t} there`), { token: t });
  for (const cut of ["#join=tl1.abc", "#join=hello", "#join=", "#join=" + t.slice(0, 90)]) assert.deepEqual(openedBy(cut), { wrong: "incomplete" }, cut);
  for (const invite of ["#touchline:1#abc", "#join=touchline%3A1%23abc"]) assert.deepEqual(openedBy(invite), { wrong: "invite" }, invite);
  for (const route of ["", "#", "#/", "#/m/" + "ab".repeat(32), "#/settings"]) assert.equal(openedBy(route), null, route);
});
