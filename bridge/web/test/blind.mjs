// What a phone shows of a sealed match at a node that holds no key of it: node test/blind.mjs URL, with a token that watches in WATCH.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { violations } from "./drive/axe.mjs";

const url = process.argv[2];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

try {
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en-GB" })).newPage();
  page.on("pageerror", (e) => assert.fail(e.message));
  await page.goto(`${url}/#join=${process.env.WATCH}`);
  for (const view of ["watch", "family", "wall"]) {
    await page.click(`.places a[href$="/${view}"]`);
    await page.waitForSelector(`.places a[href$="/${view}"][aria-current]`);
    await page.getByText("The match is sealed").waitFor();
    assert.equal(await page.locator(".score").count(), 0, `${view} shows a score`);
    assert.deepEqual(await violations(page, view), []);
  }
  await page.goto(`${url}/#/`);
  await page.locator(".card").getByText("The match is sealed").waitFor();
  assert.equal(await page.locator(".card-score").count(), 0, "the list shows a score");
  console.log("ok sealed, and no score, in all views");
} finally {
  await browser.close();
}
