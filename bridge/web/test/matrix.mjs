// The app in one browser, against a node whose path is cut, slow and dead by turns:
// node test/matrix.mjs chromium|firefox|webkit URL PROFILE, with a token in RECORD and the browser's program in BROWSER.
// With CHANNEL the app goes over a data channel, and with LONG through everything. It asks the test that started it for faults, a line each, and is answered by a line.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const [engine, url, profile] = process.argv.slice(2);
const channel = !!process.env.CHANNEL;
const long = !!process.env.LONG;
const all = !channel || long;
/** How soon a page has caught up once the path is back; milliseconds. Only a soak has the machine to itself, and is held to it. */
const soon = long ? 2000 : Infinity;
const { launch } = await import(`./drive/${engine}.mjs`);
const lines = createInterface({ input: process.stdin });
const answers = lines[Symbol.asyncIterator]();

/** Has the test do something to node or path. */
async function ask(what) {
  console.log("ask " + what);
  return JSON.parse((await answers.next()).value);
}

const sleep = (ms) => new Promise((ok) => setTimeout(ok, Math.max(0, ms)));
const started = Date.now();
const step = (what) => console.log(`ok ${((Date.now() - started) / 1000).toFixed(1)} s ${what}`);
const look = `({
  card: !!document.querySelector(".card .button"),
  pad: !!document.querySelector(".pad"),
  entries: document.querySelectorAll(".entry").length,
  pending: document.querySelectorAll(".entry .pending").length,
  light: (document.querySelector(".light") || {}).innerText || "",
  red: !!document.querySelector(".light.red"),
  refused: !!document.querySelector("[role=alert].bad"),
  over: (document.querySelector(".light") || { dataset: {} }).dataset.over,
  marked: !!globalThis.marked,
  toast: (document.querySelector(".toast.shown p") || {}).innerText || "",
  goals: (document.querySelector(".goals .visually-hidden") || {}).innerText || "",
})`;

/** In the page: remembers that it said of one tap that it is not sent, however short it did. */
const mark = `(() => {
  globalThis.marked = false;
  new MutationObserver(() => {
    const light = document.querySelector(".light.red");
    globalThis.marked ||= document.querySelectorAll(".entry .pending").length === 1 && !!light && light.innerText.startsWith("1 only on this phone");
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
})()`;

/** In the page: the app is to use data channels, and they go where the path can reach them. */
const first = channel ? `(() => {
  try { localStorage.setItem("touchline.prefs", JSON.stringify({ webrtc: true })); } catch { return; }
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = async function (d) {
    const lines = [];
    for (const line of d.sdp.split("\\r\\n")) {
      const [to, , , , ip, port] = line.split(" ");
      if (!to.startsWith("a=candidate")) lines.push(line);
      else if (ip === location.hostname) lines.push(line.replace(" " + port + " ", " " + (await (await fetch("/udp?to=" + ip + ":" + port)).text()) + " "));
    }
    return real.call(this, { type: d.type, sdp: lines.join("\\r\\n") });
  };
})()` : "";

/** The page is on the connection that is to be tried. */
const carried = (tab) => shows(tab, "a data channel", (s) => !channel || s.over === "webrtc");

/** Waits until a page shows what is wanted, and says what it showed instead. */
async function shows(tab, what, good, ms = 60_000) {
  let seen;
  for (const end = Date.now() + ms; Date.now() < end; await sleep(40)) {
    seen = await tab.evaluate(look).catch((err) => ({ error: String(err) }));
    if (!seen.error && good(seen)) return seen;
  }
  throw new Error(`${what}: ${JSON.stringify(seen)}`);
}

let taps = 0; // made by this script; every one must be in the log, once
const tap = async (tab, key) => {
  await tab.click(key);
  taps++;
};
const ready = (tab) => shows(tab, "the pad", (s) => s.pad);

/** n taps are marked as not sent, in the list and in the light, where undoing counts as one. */
const pending = (tab, n, unsent = n) => shows(tab, `${n} pending`, (s) => s.pending === n && s.red && s.light.startsWith(`${unsent} only on this phone`));

/** Every tap is at the node, once, and the page says so. */
async function quiet(tab, ms) {
  const from = Date.now();
  await shows(tab, "nothing pending", (s) => s.entries > 0 && s.pending === 0 && !s.red && !s.refused, ms);
  const log = await ask("log");
  assert.equal(log.length, taps, `events at the node: ${JSON.stringify(log)}`);
  assert.equal(new Set(log.map((e) => e.id)).size, taps);
  return Date.now() - from;
}

let browser = await launch(profile, first);
try {
  let page = await browser.tab(`${url}/#join=${process.env.RECORD}`);
  await ready(page);
  assert.ok(!(await page.evaluate("location.href")).includes("tl1."));
  assert.equal(await page.evaluate("isSecureContext"), process.env.SECURE === "1");
  await tap(page, ".step");
  await shows(page, "the first tap", (s) => s.entries === 1);
  await quiet(page);
  step("joined by a link, and recorded");

  await carried(page);
  await ask("delay");
  await page.evaluate(mark);
  await tap(page, ".goal-key.home");
  await shows(page, "a tap that is pending", (s) => s.marked);
  for (let i = 1; i < 10; i++) await tap(page, i % 2 ? ".goal-key.away" : ".goal-key.home");
  const lossy = await quiet(page, 60_000);
  await ask("pass");
  step(`on a slow path that loses every fifth packet a tap is pending until the node has answered; ten are there once, ${lossy} ms after the last`);

  await carried(page);
  await ask("cut");
  await tap(page, ".goal-key.away");
  await pending(page, 1);
  assert.equal((await ask("log")).length, taps - 1);
  await ask("pass");
  let took = await quiet(page);
  assert.ok(took < soon, `${took} ms`);
  step(`caught up ${took} ms after the path was back`);

  if (all) {
    await carried(page);
    await ask("pause");
    await tap(page, ".goal-key.away");
    await pending(page, 1);
    await ask("resume");
    await quiet(page);
    step("a node that hung for a moment has the tap once");

    await carried(page);
    let second = await browser.tab(url + "/");
    await shows(second, "the list", (s) => s.card);
    await second.click(".card .button");
    await ready(second);
    await carried(second);
    await ask("cut");
    await tap(second, ".goal-key.away");
    await pending(second, 1);
    await pending(page, 1);
    const { toast } = await page.evaluate(look);
    await tap(page, ".goal-key.home");
    await pending(page, 2);
    await pending(second, 2);
    await shows(page, "what can be taken back", (s) => s.toast && s.toast !== toast);
    await tap(page, ".toast .undo");
    await pending(page, 2, 3);
    await pending(second, 2, 3);
    await ask("pass");
    await quiet(page);
    await quiet(second);
    await second.close();
    step("two tabs show the same and send it once, also what is taken back");
  }

  await ask("kill");
  await tap(page, ".goal-key.away");
  await tap(page, ".goal-key.home");
  await pending(page, 2);
  browser = await browser.lose(page);
  await ask("start");
  await ask("mute");
  page = await browser.tab(url + "/");
  await shows(page, "the list", (s) => s.card);
  await page.click(".card .button");
  await ready(page);
  await pending(page, 2);
  await ask("pass");
  took = await quiet(page);
  assert.ok(took < soon, `${took} ms`);
  step(`gone while the node was dead: all is there, still pending, and sent ${took} ms after the node answered`);

  await page.reload();
  await ready(page);
  await quiet(page);
  await carried(page);
  const [home, away] = await ask("score");
  await shows(page, "the node's score", (s) => s.goals.includes(` ${home},`) && s.goals.endsWith(` ${away}`));
  step("a reload shows what the node says");

  if (long) {
    await carried(page);
    assert.equal(await page.evaluate("document.visibilityState"), "visible"); // what nobody sees may take its time
    await ask("swallow");
    const from = Date.now();
    await tap(page, ".goal-key.home");
    await pending(page, 1);
    await shows(page, "that the path is dead", (s) => !s.over);
    const noticed = Date.now() - from;
    await sleep(40_000 - noticed);
    await shows(page, "a dead path", (s) => s.pending === 1 && s.red && !s.over);
    await ask("pass");
    took = await quiet(page);
    step(`forty seconds into the void: noticed after ${noticed} ms, and sent ${took} ms after`);
    assert.ok(noticed < 5000 && took < soon);
  }
} finally {
  lines.close();
  await browser.close();
}
