// What a phone shows with long names, at 0:0 and 9:8, with a filled table and without a network, and whether it fits and is accessible in all displays:
// many goals, a goal that waits, a filled table and a shoot-out:
// node test/crowded.mjs URL, with tokens in COACH (a long match), KICKS and WATCH (one that goes to kicks). SHOTS is a folder for pictures.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { violations } from "./drive/axe.mjs";

const url = process.argv[2];
const { COACH, KICKS, WATCH } = process.env;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const step = (what) => console.log("ok", what);

async function phone(token, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.on("pageerror", (e) => assert.fail(e.message));
  await page.goto(`${url}/#join=${token}`);
  await page.waitForSelector(".score");
  return { context, page };
}

const go = async (page, view) => {
  await page.click(`.places a[href$="/${view}"]`);
  await page.waitForSelector(`.places a[href$="/${view}"][aria-current]`);
};

/** Texts that do not fit into their box: cut off without a sign, or drawn over what is beside them. */
const clipped = () =>
  [...document.querySelectorAll("main *, header *, nav *")]
    .filter((e) => !e.closest(".visually-hidden") && !e.closest("svg") && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => getComputedStyle(e).display !== "inline" && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 4))
    .filter((e) => getComputedStyle(e).textOverflow !== "ellipsis" && !getComputedStyle(e).webkitLineClamp.match(/\d/))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className}: ${e.textContent} (${e.scrollWidth}x${e.scrollHeight} in ${e.clientWidth}x${e.clientHeight})`);

/** Words broken where no hyphen may stand, and places whose label is cut. */
const broken = () => {
  document.documentElement.dataset.theme = "outdoor"; // has the widest letters
  const out = [...document.querySelectorAll(".places span")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => "cut: " + e.textContent);
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = all.nextNode(); n; n = all.nextNode()) {
    if (n.parentElement.closest(".visually-hidden, svg, input, select, script, style")) continue;
    for (const { 0: word, index } of n.data.matchAll(/[\p{L}\p{N}]{2,}/gu)) {
      const line = (at) => {
        const range = document.createRange();
        range.setStart(n, at);
        range.setEnd(n, at + 1);
        return [...range.getClientRects()].at(-1)?.top; // a hyphen before the letter is a box of its own
      };
      if (line(index) !== line(index + word.length - 1)) out.push("broken: " + word + " in " + n.data);
    }
  }
  return out;
};

/** Looks whether a view fits a phone, in all displays. */
async function fits(page, name) {
  assert.deepEqual(await page.evaluate(clipped), [], name);
  assert.deepEqual(await page.evaluate(broken), [], name);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${name} can be scrolled sideways`);
  assert.deepEqual(await violations(page, name), []);
  step(`${name} fits, and is accessible`);
}

/** The keys of the pad are seen at once, above the places. */
async function reachable(page, which = ".keys button") {
  const [keys, bar] = await page.evaluate((which) => [[...document.querySelectorAll(which)].map((b) => b.getBoundingClientRect().bottom), document.querySelector(".places").getBoundingClientRect().top], which);
  assert.ok(keys.length && keys.every((k) => k <= bar), `keys end at ${keys}, the places begin at ${bar}`);
}

try {
  const kicks = await phone(KICKS);
  await kicks.page.waitForSelector(".pad");
  await fits(kicks.page, "before");

  const { context, page } = await phone(COACH);
  await page.waitForFunction(() => document.querySelector(".goals")?.innerText.replace(/\s/g, "").endsWith("9:8"));
  await fits(page, "record");
  for (const view of ["watch", "family", "wall", "coach"]) {
    await go(page, view);
    await page.waitForSelector("main section");
    await fits(page, view);
  }
  await page.goto(`${url}/#/tables`);
  await page.click(".cards a");
  await page.waitForSelector("table.league tbody tr");
  await page.waitForSelector(".bracket li");
  await fits(page, "tables");
  await page.evaluate(() => document.querySelector(".bracket").scrollIntoView());
  await fits(page, "bracket");
  await page.goto(`${url}/#/`);
  await page.waitForSelector(".cards .card");
  await fits(page, "matches");
  await page.goto(`${url}/#/settings`);
  await page.waitForSelector("main .settings");
  await fits(page, "settings");

  const far = (await phone(WATCH)).page;
  await kicks.page.click(".keys >> text=More");
  await kicks.page.click("dialog >> text=Shoot-out");
  await kicks.page.click(".goal-key.short.home");
  await kicks.page.click(".miss-key.away");
  for (const p of [kicks.page, far]) await p.getByText("Kick missed").first().waitFor();
  await far.waitForFunction(() => document.querySelector(".kicks")?.innerText.endsWith("1:0"));
  await fits(kicks.page, "shootout");
  await fits(far, "shootout-watch");
  step("a shoot-out is recorded and seen");

  const english = (await phone(COACH, { viewport: { width: 320, height: 640 } })).page;
  for (const view of ["record", "wall"]) {
    await go(english, view);
    await english.waitForSelector("main section");
    assert.deepEqual(await english.evaluate(broken), [], view);
  }
  const small = (await phone(KICKS, { viewport: { width: 320, height: 640 }, locale: "de-DE" })).page;
  await small.waitForSelector(".pad");
  await reachable(small, ".goal-key, .miss-key");
  await fits(small, "small-shootout");
  const little = (await phone(COACH, { viewport: { width: 320, height: 640 }, locale: "de-DE" })).page;
  await go(little, "record");
  await little.waitForSelector(".pad");
  await reachable(little);
  await fits(little, "small-record");
  await little.click(".goal-key.away"); // it is late, so much is said
  await little.locator(".toast.shown").waitFor();
  await reachable(little);
  const [said, keys] = await little.evaluate(() => [document.querySelector(".toast").getBoundingClientRect().bottom, document.querySelector(".keys").getBoundingClientRect().top]);
  assert.ok(said <= keys, `what is said ends at ${said}, the keys begin at ${keys}`);
  await fits(little, "small-said");
  await little.setViewportSize({ width: 740, height: 360 }); // lying
  await reachable(little);
  assert.deepEqual(await little.evaluate(clipped), [], "lying");
  await little.setViewportSize({ width: 320, height: 640 });
  for (const key of ["Karte", "Verletzung", "Wechsel", "Mehr"]) {
    await little.click(`.keys button >> text=${key}`);
    await little.waitForSelector("dialog[open] .sides");
    const rows = await little.$$eval("dialog .sides section", (all) => all.map((s) => [...s.querySelectorAll("button")].map((b) => Math.round(b.getBoundingClientRect().top))));
    assert.deepEqual(rows[0], rows[1], `${key}: the same key of both teams is not in a row`);
    await fits(little, "small-" + key);
    await little.keyboard.press("Escape");
    await little.locator("dialog").waitFor({ state: "detached" });
  }
  for (const view of ["watch", "family", "wall", "coach"]) {
    await go(little, view);
    await little.waitForSelector("main section");
    await fits(little, "small-" + view);
  }
  await go(little, "watch");
  for (const tab of [1, 2]) {
    await little.locator("[role=tab]").nth(tab).click();
    await fits(little, "small-tab" + tab);
  }
  for (const [path, sign] of [["", ".cards .card"], ["settings", "main .settings"]]) {
    await little.goto(`${url}/#/${path}`);
    await little.waitForSelector(sign);
    await fits(little, "small-" + (path || "matches"));
  }
  await go(far, "family");
  for (const n of [0, 1]) await far.locator(".number.wide").nth(n).click();
  await far.locator("summary", { hasText: "Following 2" }).waitFor();
  step("on a small phone all keys are within reach, and nothing closes under the finger");

  await page.goto(`${url}/#/`);
  await page.click(".card .button");
  await page.waitForSelector(".pad");
  await context.setOffline(true);
  await page.locator(".light", { hasText: /last heard|No connection/ }).waitFor();
  await page.click(".goal-key.home");
  await page.getByText("1 only on this phone").waitFor();
  assert.match((await page.innerText(".goals")).replace(/\s/g, ""), /9:8$/); // the match had ended
  await fits(page, "record-offline");
  for (const view of ["watch", "family", "wall", "coach"]) {
    await go(page, view);
    await page.waitForSelector("main section");
    await fits(page, view + "-offline");
  }
  await page.goto(`${url}/#/tables`);
  await page.getByText("it may have changed").waitFor();
  await fits(page, "tables-offline");
  await page.click(".cards a");
  await page.waitForSelector("table.league tbody tr");
  await page.getByText("it may have changed").waitFor();
  await fits(page, "table-offline");
} finally {
  await browser.close();
}
