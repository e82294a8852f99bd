// Drives the web app of a running node in Chromium: node test/app.mjs URL, with tokens in RECORD, WATCH and COACH.
// It prints a line for each step that held, and fails at the first that does not. With SHOTS it keeps pictures there.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { shot, violations } from "./drive/axe.mjs";

const url = process.argv[2];
const { RECORD, WATCH, COACH } = process.env;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const problems = [];

/** A phone that joins by a link. */
async function phone(token, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.on("pageerror", (e) => problems.push(e.message));
  page.on("dialog", (d) => problems.push("a dialog was opened: " + d.message()));
  await page.goto(`${url}/#join=${token}`);
  await page.waitForSelector(".score");
  return { context, page };
}

const step = (what) => console.log("ok", what);
const score = (page, home, away) => page.waitForFunction(([h, a]) => document.querySelector(".goals")?.innerText.replace(/\s/g, "").endsWith(`${h}:${a}`), [home, away]);
const go = async (page, view) => {
  await page.click(`.places a[href$="/${view}"]`);
  await page.waitForSelector(`.places a[href$="/${view}"][aria-current]`);
};

/** What the pad says of the last tap; the one before may still be there. */
const told = (page, text) => page.locator(".toast.shown", { hasText: text }).waitFor();
/** A sheet takes keys once it lies there. */
const sheet = (page, title) => page.locator("dialog[open] h2", { hasText: title }).waitFor();
const closed = (page) => page.locator("dialog").waitFor({ state: "detached" });
async function close(page) {
  await page.keyboard.press("Escape");
  await closed(page);
}
/** The node has everything, and the page knows. A tap must be seen on the page before. */
const sent = async (page) => {
  await page.locator(".entry .pending").first().waitFor({ state: "detached" });
  await page.locator(".light.red").waitFor({ state: "detached" });
};
const pending = (page, n) => page.waitForFunction((n) => document.querySelectorAll(".entry .pending").length === n, n);

async function accessible(page, name) {
  assert.deepEqual(await violations(page, name), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${name} can be scrolled sideways`);
  step(`${name} is accessible in all displays`);
}

try {
  const recorder = await phone(RECORD);
  const pad = recorder.page;
  await pad.waitForSelector(".pad");
  assert.ok(!pad.url().includes("tl1."), "the token stays in the address bar");
  const stranger = await browser.newContext();
  const outside = await stranger.newPage();
  await outside.goto(url);
  await outside.getByText("Open the link").waitFor();
  await accessible(outside, "stranger");
  const nowhere = `${url}/#/m/${"a".repeat(64)}`;
  await outside.goto(nowhere);
  await outside.getByText("no link to this match").waitFor();
  await stranger.close();
  step("a link lets its holder in, and nobody else");

  const spectator = (await phone(WATCH)).page;
  await spectator.waitForSelector("[role=tablist]");
  await pad.click(".step");
  await pad.click(".goal-key.home");
  await told(pad, "Goal for");
  const acts = await pad.$$eval(".toast .acts button", (all) => all.map((b) => b.getBoundingClientRect().top));
  assert.ok(acts.length === 2 && acts[0] === acts[1], `details and undo are not beside each other: ${acts}`);
  await score(spectator, 1, 0);
  step("a goal tapped on one page is seen on another");
  await pad.click(".toast .undo");
  await score(spectator, 0, 0);
  await spectator.getByText("withdrawn").waitFor();
  step("one more tap takes it back, and it is shown struck through");

  await pad.click(".goal-key.home");
  await pad.click(".goal-key.home");
  await pad.getByText("counts once").waitFor();
  await score(spectator, 1, 0);
  await pad.getByText("told 2 times").waitFor();
  await shot(pad, "record-twice");
  await pad.click(".toast .undo");
  await score(spectator, 0, 0);
  await score(pad, 0, 0);
  await sent(pad);
  step("two taps on a wet screen are one goal, and are taken back as one");

  const keys = await pad.$$eval(".keys button", (all) => all.map((b) => b.getBoundingClientRect()).map((r) => ({ least: Math.min(r.width, r.height), top: r.top })));
  assert.ok(keys.length >= 7 && keys.every((k) => k.least >= 64 && k.top >= 422), `keys too small or too high: ${JSON.stringify(keys)}`);
  step("the keys have 64 pixels or more, in the lower half");

  await recorder.context.setOffline(true);
  await pad.locator(".light", { hasText: /last heard|No connection/ }).waitFor(); // until then what is tapped may still get through
  await pad.click(".goal-key.away");
  await pad.click(".goal-key.away");
  await score(pad, 0, 2);
  await pad.getByText("2 only on this phone").waitFor();
  await pending(pad, 2);
  await shot(pad, "record-offline");
  await score(spectator, 0, 0);
  await recorder.context.setOffline(false);
  // Two taps within seconds are one goal for the fold; both events must arrive, once each.
  await pending(pad, 0);
  await sent(pad);
  await score(spectator, 0, 1);
  await score(pad, 0, 1);
  step("what is tapped offline is pending, and arrives once when the network is back");

  await pad.click(".keys >> text=Card");
  await pad.click("dialog .grid2 section:first-child button:first-of-type");
  await told(pad, "Yellow card");
  await pad.click(".toast >> text=Details");
  await pad.fill("dialog fieldset:has-text('Player') input", "7");
  await pad.keyboard.press("Enter");
  await pad.click("dialog >> text=Save");
  await spectator.locator(".entry", { hasText: "Yellow card" }).filter({ hasText: "7" }).waitFor();
  step("details come later");

  const evil = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
  await pad.click(".keys >> text=More");
  await pad.click("dialog >> text=Teams and rules");
  const fields = pad.locator("dialog form fieldset");
  await fields.nth(0).locator("input").nth(0).fill(evil);
  await fields.nth(0).locator("input").nth(1).fill("1 2 3 4 5 6 7");
  await fields.nth(0).locator("input").nth(2).fill("8 9");
  await pad.click("dialog form button[type=submit]");
  await spectator.waitForFunction(() => document.querySelector(".team.home")?.textContent.includes("<img src=x"));
  const match = /m\/([0-9a-f]{64})/.exec(pad.url())[1];
  const tell = (event) =>
    spectator.evaluate(
      async ([e, token]) => (await fetch("/v1/events", { method: "POST", headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" }, body: JSON.stringify(e) })).status,
      [{ matchId: match, ...event }, RECORD],
    );
  const word = `<svg onload=alert(3)>`;
  for (const event of [
    { type: "goal", teamId: "away", period: 1, clockMs: 400000, data: { scorer: word, assist: word, how: word } },
    { type: "note", data: { text: word }, teamId: word },
    { type: word, data: { text: word, reason: word } },
    { type: "clock.stop", period: 1, clockMs: 500000, data: { reason: word } },
    { type: "card", teamId: "home", period: 1, clockMs: 600000, data: { colour: word, player: word } },
    { type: "shot", teamId: "home", period: 1, clockMs: 600000, data: { player: word, outcome: word } },
  ])
    assert.ok([200, 201].includes(await tell(event)), event.type);
  for (const page of [pad, spectator]) {
    await score(page, 0, 2);
    await page.locator(".entry", { hasText: "Shot" }).first().waitFor(); // the last of them
  }
  for (const page of [pad, spectator]) assert.equal(await page.$$eval("main img, main script, main svg[onload]", (all) => all.length), 0);
  assert.deepEqual(problems, []);
  step("words that would be code are words");

  await accessible(pad, "record");
  const there = pad.url();
  await pad.click(".keys >> text=More");
  await pad.click("dialog >> text=Teams and rules");
  await sheet(pad, "Teams and rules");
  await pad.goBack();
  await closed(pad);
  assert.equal(pad.url(), there);
  await pad.click(".keys >> text=Card");
  await sheet(pad, "Card");
  await close(pad);
  await go(pad, "watch");
  await pad.goBack();
  await pad.waitForSelector(".pad");
  await pad.waitForFunction(() => document.title.startsWith("0:2 "));
  step("the way back closes what lies over a view, and leads to the view before when nothing does");

  await pad.click(".keys >> text=Injury");
  await sheet(pad, "Injury");
  await accessible(pad, "injury");
  await close(pad);
  await pad.click(".keys >> text=Change");
  await pad.click("dialog .key.home");
  await pad.locator("dialog[open] fieldset").first().waitFor();
  await accessible(pad, "change");
  await close(pad);
  await pad.locator(".entry button").first().click();
  await pad.locator("dialog[open]").waitFor();
  await accessible(pad, "details");
  await close(pad);
  await accessible(spectator, "timeline");
  for (const [tab, name] of [["Line-ups", "lineups"], ["Statistics", "statistics"]]) {
    await spectator.getByRole("tab", { name: tab }).click();
    await spectator.locator("[role=tab][aria-selected=true]", { hasText: tab }).waitFor();
    await accessible(spectator, name);
  }
  await go(spectator, "family");
  await spectator.locator("fieldset .number").first().click();
  await accessible(spectator, "family");
  assert.equal(await tell({ type: "goal", teamId: "home", period: 1, clockMs: 900000, data: {} }), 201);
  await spectator.locator(".toast.shown").getByText("Goal").waitFor();
  step("who follows a team is told of its goal");
  await go(spectator, "wall");
  await accessible(spectator, "wall");
  const coach = (await phone(COACH)).page;
  await go(coach, "coach");
  await coach.waitForSelector("table.shares");
  await accessible(coach, "coach");
  await coach.goto(`${url}/#/`);
  await coach.waitForSelector(".cards .card");
  await accessible(coach, "matches");
  await coach.goto(`${url}/#/tables`);
  await coach.waitForSelector("main .empty, main .cards");
  await accessible(coach, "tables");
  const old = (n) => coach.waitForFunction((n) => [...document.querySelectorAll(".note")].filter((e) => e.innerText.includes("it may have changed")).length === n, n);
  for (const offline of [false, true, false]) {
    await coach.context().setOffline(offline);
    await coach.goto(`${url}/#/tables`);
    await coach.locator(".cards .card", { hasText: "Spring Cup" }).waitFor();
    await old(offline ? 1 : 0);
    await coach.click("text=Spring Cup");
    await coach.locator("table.league tbody tr").first().waitFor();
    await old(offline ? 1 : 0);
    if (offline) await accessible(coach, "tables-offline");
  }
  step("without a network tables are those of before, and say so");
  await coach.goto(`${url}/#/settings`);
  await coach.click("text=Deutsch");
  await coach.getByRole("heading", { name: "Einstellungen" }).waitFor();
  await coach.waitForSelector("html[lang=de]");
  await accessible(coach, "settings");
  await coach.click("text=Sparen");
  await coach.getByText("wie gewählt").waitFor();
  step("it speaks German");

  await pad.reload();
  await pad.waitForSelector(".pad");
  await score(pad, 1, 2);
  assert.deepEqual(problems, []);
  step("a reload leads back to the pad");

  await pad.goto(nowhere);
  await pad.getByText("no link to this match").waitFor();
  await pad.locator(".light", { hasText: "without a link" }).waitFor();
  await pad.goto(there);
  await pad.waitForSelector(".pad");
  await pad.evaluate(() => {
    IDBObjectStore.prototype.put = IDBObjectStore.prototype.add = () => {
      throw new DOMException("", "QuotaExceededError");
    };
  });
  await pad.click(".goal-key.home");
  await told(pad, "its storage is full");
  assert.deepEqual(problems, []);
  step("a match without a link and a full storage are said to be that");
} finally {
  await browser.close();
}
