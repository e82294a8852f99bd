// The library in a page of another origin, as docs/build-your-own-page.md has it: node test/library.mjs PAGE NODE MATCH,
// with a token in RECORD. The page at PAGE is empty.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [address, node, match] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const context = await browser.newContext();
  const open = async (transport) => {
    const page = await context.newPage();
    page.on("pageerror", (err) => console.log("error in the page:", err));
    await page.goto(address);
    await page.evaluate(async ([node, match, token, transport]) => {
      const { connect } = await import(node + "/touchline.js");
      window.client = connect({ url: node, token, transport });
      window.match = client.match(match);
      window.until = (fits) => new Promise((ok) => {
        const look = () => fits(window.match.get(), client.connection.get()) && ok(window.match.get());
        window.match.subscribe(look);
        client.connection.subscribe(look);
        look();
      });
      await until((m, c) => c.state === "live" && m.current);
    }, [node, match, process.env.RECORD, transport]);
    return page;
  };
  const [one, two] = [await open(), await open()];
  const three = await open("webrtc");
  await three.evaluate(() => until((m, c) => c.over === "webrtc" && m.current));
  const goal = await one.evaluate(() => match.record({ type: "goal", teamId: "home", period: 1, clockMs: 720000 }));
  assert.equal(goal.own, true);
  for (const page of [one, two, three]) {
    const { state, events } = await page.evaluate(() => until((m) => m.events.length === 1 && m.unsent === 0 && m.state?.score[0] === 1));
    assert.deepEqual([state.score, events[0].hash, events[0].reach], [[1, 0], goal.hash, "node"]);
  }
  console.log("ok it records in one tab and shows it in another, from another origin, and over a data channel");
  const shot = await three.evaluate(() => match.record({ type: "shot", teamId: "home", period: 1, clockMs: 721000 }));
  await one.evaluate((hash) => until((m) => m.events.some((e) => e.hash === hash)), shot.hash);
  await three.evaluate(() => until((m) => m.unsent === 0));
  await three.evaluate((hash) => match.retract(hash), shot.hash);
  await two.evaluate(() => until((m) => m.events.length === 3));
  await three.close();
  console.log("ok it records over a data channel");
  await two.evaluate((hash) => match.retract(hash), goal.hash);
  await one.evaluate(() => until((m) => m.state?.score[0] === 0 && m.events.length === 4));
  console.log("ok it takes back in one tab what the other recorded");
  await one.close();
  await two.close();
  const again = await open();
  assert.equal(await again.evaluate(() => match.get().events.length), 4);
  await again.evaluate(() => { indexedDB.deleteDatabase("touchline"); client.close(); });
  console.log("ok it is there when the page is opened again");
} finally {
  await browser.close();
}
