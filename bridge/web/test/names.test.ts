// Names of teams in little room.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hyphened, short } from "../src/app/model/names";

test("names: those that fit stay, long ones keep both ends, and two are never alike", () => {
  assert.deepEqual(short(["Lions", "Bears"], 10), ["Lions", "Bears"]);
  const club = "Sportvereinigungoberunterhausen";
  for (const [a, b] of [
    [club + "rot", club + "blau"],
    ["Rot" + club, "Blau" + club],
    [club + "rot" + club, club + "blau" + club],
    [club, club + club],
    [club + "🦁" + club, club + "🐻" + club],
    [club, "Bears"],
  ] as const) {
    const cut = short([a, b], 16);
    assert.notEqual(cut[0], cut[1], a);
    for (const c of cut) assert.ok([...c].length <= 16 && !c.includes("\ufffd"), c);
  }
  assert.deepEqual(short([club, club], 9), ["Spor…usen", "Spor…usen"]);
});

test("names: a long word may be broken between syllables, a short one not", () => {
  const seen = (name: string) => hyphened(name).split("\u00ad").join("-");
  assert.equal(seen("Sportgemeinschaft Oberhintertupfingen-Süd 1898 II"), "Sport-ge-mein-schaft Ober-hin-ter-tup-fin-gen-Süd 1898 II");
  assert.equal(seen("Donaudampfschifffahrtsgesellschaft e. V."), "Donau-dampf-schiff-fahrts-ge-sell-schaft e. V.");
  assert.equal(seen("Wolverhampton Wanderers"), "Wol-ver-hamp-ton Wanderers");
  assert.equal(seen("Lions United"), "Lions United");
});
