// A page of one's own in one browser, whose node is gone and comes back at another address:
// node test/moves.mjs chromium|firefox|webkit PAGE NODE MATCH PROFILE, with a token in RECORD and the browser's program in BROWSER.
// PAGE serves the library, too. It asks the test that started it for what happens to the node, a line each, and is answered by a line.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const [engine, address, node, match, profile] = process.argv.slice(2);
const { launch } = await import(`./drive/${engine}.mjs`);
const lines = createInterface({ input: process.stdin });
const answers = lines[Symbol.asyncIterator]();
const ask = async (what) => {
  console.log("ask " + what);
  return JSON.parse((await answers.next()).value);
};
const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));

const begin = `void import("/touchline.js").then(({ connect }) => {
  globalThis.client = connect(${JSON.stringify({ url: node, token: process.env.RECORD })});
  globalThis.followed = client.match(${JSON.stringify(match)});
  followed.subscribe(() => undefined);
}).catch((err) => (globalThis.failed = String(err)))`;
const look = `(() => {
  if (!globalThis.followed) return { failed: globalThis.failed };
  const { state, unsent, node } = client.connection.get();
  const { events, current } = followed.get();
  return { state, unsent, node, current, goals: events.map((e) => e.id), sent: events.filter((e) => e.own && e.reach !== "page").length };
})()`;

/** Waits until the page shows what is wanted, and says what it showed instead. */
async function shows(tab, what, good) {
  let seen;
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(40)) {
    seen = await tab.evaluate(look);
    if (good(seen)) return seen;
  }
  throw new Error(`${what}: ${JSON.stringify(seen)}`);
}

async function open() {
  const tab = await browser.tab(address);
  await tab.evaluate(begin);
  return tab;
}

const goal = (tab) => tab.evaluate(`void followed.record({ type: "goal", teamId: "home", period: 1, clockMs: 720000 })`);

let browser = await launch(profile);
try {
  let page = await open();
  await shows(page, "the match", (s) => s.state === "live" && s.current);
  await goal(page);
  await shows(page, "a goal that the node has", (s) => s.goals.length === 1 && s.unsent === 0);
  await ask("kill");
  await shows(page, "that the node is gone", (s) => s.state !== "live");
  for (const n of [1, 2]) {
    await goal(page);
    await shows(page, `${n} goals to be sent`, (s) => s.unsent === n);
  }
  browser = await browser.lose(page);
  page = await open();
  await shows(page, "two goals to be sent, in a new page", (s) => s.unsent === 2 && s.goals.length === 3 && s.state !== "live");
  const moved = await ask("start");
  assert.notEqual(moved, node);
  await page.evaluate(`client.move(${JSON.stringify(moved)})`);
  const { goals } = await shows(page, "all goals at the new address", (s) => s.state === "live" && s.current && s.unsent === 0 && s.goals.length === 3);
  const log = await ask("log");
  assert.deepEqual(log.map((e) => e.id).sort(), [...goals].sort());
  console.log("ok what was recorded without a node is sent to the next address, once");
} finally {
  lines.close();
  await browser.close();
}
