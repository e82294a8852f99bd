// From a tap on one phone until another phone shows it, each in a Chromium of its own, with a node between:
// node test/taps.mjs URL, with tokens in RECORD and WATCH, the browser's program in CHROMIUM, and how many in TAPS.
// It prints a line of JSON: for each stage the time since the touch, of each tap; all in milliseconds.
import { chromium } from "playwright-core";

const url = process.argv[2];
const { RECORD, WATCH, TAPS } = process.env;
const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));

/** In a page: when it was touched, sent and was sent something, asked, and showed another score; both pages have one clock. */
const watch = () => {
  const now = () => performance.timeOrigin + performance.now();
  const seen = (globalThis.seen = {});
  const first = (what, at = now()) => void (seen[what] ??= at);
  addEventListener("click", (e) => first("touched", performance.timeOrigin + e.timeStamp), true);
  const least = 200; // bytes of a frame with an event
  const Real = WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (m) => m.data.byteLength > least && first("heard"));
    }
    send(b) {
      if (b.byteLength > least) first("sent");
      super.send(b);
    }
  };
  const ask = fetch;
  globalThis.fetch = async (...args) => {
    if (!String(args[0]).endsWith("/state")) return ask(...args);
    first("asked");
    const answer = await ask(...args);
    first("answered");
    return answer;
  };
  let score = "";
  new MutationObserver(() => {
    const now = document.querySelector(".goals .visually-hidden")?.innerText ?? "";
    if (now === score) return;
    score = now;
    first("written");
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel(); // what is posted in a frame comes once it is drawn
      port1.onmessage = () => first("shown");
      port2.postMessage(0);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true });
};

const browsers = [];

/** A phone that joins by a link. */
async function phone(token) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  browsers.push(browser);
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })).newPage();
  await page.addInitScript(watch);
  await page.goto(`${url}/#join=${token}`);
  await page.waitForSelector(".score");
  return page;
}

try {
  const pad = await phone(RECORD);
  const screen = await phone(WATCH);
  await pad.tap(".step");
  await screen.locator(".entry").first().waitFor();
  const stages = {};
  for (let i = 0; i < Number(TAPS); i++) {
    // A goal, and the goal taken back: each is an event, and changes the score.
    await pad.locator(".entry .pending").first().waitFor({ state: "detached" });
    await sleep(300 + 400 * Math.random());
    for (const page of [pad, screen]) await page.evaluate(() => Object.keys(seen).forEach((what) => delete seen[what]));
    const key = await pad.locator(i % 2 ? ".toast .undo" : ".goal-key.home").boundingBox();
    await pad.touchscreen.tap(key.x + key.width / 2, key.y + key.height / 2);
    await screen.waitForFunction(() => seen.shown, null, { polling: 50 });
    const here = await pad.evaluate(() => seen);
    const there = await screen.evaluate(() => seen);
    const at = { "own screen": here.shown, sent: here.sent, heard: there.heard, asked: there.asked, answered: there.answered, written: there.written, shown: there.shown };
    for (const [what, ms] of Object.entries(at)) (stages[what] ??= []).push(ms - here.touched);
  }
  console.log(JSON.stringify(stages));
} finally {
  for (const b of browsers) await b.close();
}
