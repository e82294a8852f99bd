// A link that ends while its holder records, and the new one: node test/linkends.mjs URL MATCH open|sealed.
// It asks the test that started it for tokens and for the node's log. With SHOTS it keeps pictures there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [url, match, kind] = process.argv.slice(2);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async (what) => {
  console.log("ask " + what);
  return JSON.parse((await answers.next()).value);
};
const step = (what) => console.log("ok", what);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const problems = [];
const phone = (options = {}) => browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "en-GB", ...options });
const open = async (context, path) => {
  const page = await context.newPage();
  page.on("pageerror", (e) => problems.push(e.message));
  await page.goto(url + path);
  return page;
};
const light = (page, text) => page.locator(".light", { hasText: text }).first().waitFor();
const shot = (page, name) => (process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${kind}-${name}.png` }) : undefined);
const at = (page, hash) => page.waitForFunction((h) => location.hash.startsWith(h), hash);
/** Waits until the node takes a token no more. */
const over = async (token) => {
  while ((await fetch(url + "/v1/matches", { headers: { Authorization: "Bearer " + token } })).status !== 401) await new Promise((ok) => setTimeout(ok, 200));
};
/** Waits until the node has what the page shows, and the page knows: its light may have said so before the tap, too. */
const logged = async (page, fits) => {
  for (const end = Date.now() + 30_000; !fits(await ask("log")); await new Promise((ok) => setTimeout(ok, 200))) assert.ok(Date.now() < end, "a tap does not come to the node");
  await page.waitForFunction(() => !document.querySelector(".pending, .light.red"));
};
const goals = async () => (await ask("log")).filter((e) => e.type === "goal");

try {
  const context = await phone();
  // A slow machine needs longer until the page is there than a fast one: the link must live until it has recorded.
  const trial = await phone();
  const from = Date.now();
  await (await open(trial, "/#join=" + (await ask("token record 2h")))).waitForSelector(".pad");
  await trial.close();
  const short = await ask(`token record ${10 + Math.ceil((5 * (Date.now() - from)) / 1000)}s`);
  const pad = await open(context, "/#join=" + short);
  await pad.waitForSelector(".pad");
  await at(pad, "#/m/" + match);
  await pad.click(".step");
  await logged(pad, (log) => log.some((e) => e.type === "period.start"));
  await context.setOffline(true);
  await light(pad, /last heard|No connection/); // until then what is tapped may still get through
  await pad.click(".goal-key.home");
  await light(pad, "1 only on this phone: stay");
  step("while the network is gone, staying helps, and the page says so");

  await over(short);
  await context.setOffline(false);
  await light(pad, "1 only on this phone – link expired, open a new one");
  await pad.click(".goal-key.away");
  await light(pad, "2 only on this phone – link expired, open a new one");
  await shot(pad, "expired");
  await pad.reload();
  await light(pad, "2 only on this phone – link expired, open a new one");
  step("when the link has ended the page says so, keeps what is tapped, and a reload changes nothing");

  const fresh = await ask("token record 2h");
  const scanned = await open(context, "/#join=" + fresh);
  await at(scanned, "#/m/" + match);
  for (const page of [scanned, pad]) await light(page, /Saved on|Safe on/);
  await shot(scanned, "new-link");
  const sent = await goals();
  assert.equal(sent.length, 2, JSON.stringify(sent));
  assert.equal(new Set(sent.map((e) => e.id)).size, 2);
  step("a new link in another tab opens the match, and brings everything to the node, once, for both tabs");

  await pad.click(".goal-key.home");
  await logged(pad, (log) => log.filter((e) => e.type === "goal").length === 3); // the fold may take it for the first one, told again
  await pad.reload();
  await light(pad, /Saved on|Safe on/);
  assert.equal((await goals()).length, 3);
  assert.deepEqual(await pad.evaluate(async () => (await indexedDB.databases()).map((d) => d.name).filter((n) => n.startsWith("touchline-"))), ["touchline-" + match]);
  step("it goes on as if it had been the first, in one replica");

  await scanned.goto(url + "/#/settings");
  await scanned.goto(url + "/#join=" + fresh);
  await at(scanned, "#/m/" + match);
  await scanned.goto(url + "/#/settings");
  await scanned.goto(url + "/#join=" + (await ask("token watch 2h")));
  await at(scanned, "#/m/" + match);
  await scanned.waitForSelector(".pad");
  step("a link to a match that is listed opens it, and one to watch takes no right away");

  const wrong = async (hash, words, options) => {
    const stranger = await phone(options);
    const page = await open(stranger, hash);
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    await shot(page, "wrong-" + words.slice(0, 24).replace(/\W+/g, "-"));
    await stranger.close();
  };
  const ended = await ask("token record 1s");
  await over(ended);
  await wrong("/#join=tl1.abc", "This link is incomplete");
  await wrong("/#join=" + fresh.slice(0, 90), "This link is incomplete");
  await wrong("/#touchline:1#abc", "This is an invitation");
  await wrong("/#join=" + fresh.slice(0, -4) + (fresh.endsWith("AAAA") ? "BBBA" : "AAAA"), "This link is not valid here");
  await wrong("/#join=" + ended, "This link has expired");
  await wrong("/#join=" + ended, "Dieser Link ist abgelaufen", { locale: "de-DE" });
  step("a link that opens nothing says why, in both languages");

  await context.setOffline(true);
  await light(pad, /last heard|No connection/);
  await pad.click(".goal-key.away");
  await light(pad, "1 only on this phone: stay");
  await pad.goto(url + "/#/settings");
  await pad.click(".right button");
  await pad.getByRole("dialog").getByText("1 event was never sent").waitFor();
  await shot(pad, "leave");
  const [file] = await Promise.all([pad.waitForEvent("download"), pad.click("dialog button >> text=Save them as a file")]);
  assert.ok(readFileSync(await file.path()).length > 100);
  await pad.click("dialog >> text=Stay");
  await pad.click(".right button");
  await pad.locator("dialog[open]").waitFor();
  await pad.goBack();
  await pad.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await pad.locator(".right").count(), 1);
  await pad.click(".right button");
  await pad.click("dialog >> text=Leave and lose them");
  await pad.waitForFunction(async (m) => !(await indexedDB.databases()).some((d) => d.name === "touchline-" + m), match);
  assert.deepEqual(await pad.evaluate(() => Object.keys(localStorage).filter((k) => /^touchline\.(state|list)\./.test(k) && !k.endsWith("list.touchline"))), []);
  step("who leaves a match leaves nothing of it on the phone");
  assert.deepEqual(problems, []);
} catch (err) {
  for (const c of browser.contexts()) for (const p of c.pages()) console.error(p.url(), await p.evaluate(() => document.body.innerText.replace(/\n+/g, " | ").slice(0, 400)).catch(String));
  console.error(problems, JSON.stringify(await ask("log")));
  throw err;
} finally {
  await browser.close();
}
process.exit();
