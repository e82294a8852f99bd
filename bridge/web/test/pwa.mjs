// The app on an https origin: node test/pwa.mjs URL SPKI PROFILE, with a token in RECORD. It reloads offline, records, and sends later.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [url, spki, profile] = process.argv.slice(2);
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", viewport: { width: 390, height: 844 }, locale: "en-GB",
  args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${spki}`],
});
try {
  const page = await context.newPage();
  await page.goto(`${url}/#join=${process.env.RECORD}`);
  await page.waitForSelector(".pad");
  await page.waitForFunction(async () => {
    const cache = await caches.open("touchline-app");
    return navigator.serviceWorker.controller && (await cache.keys()).length >= 5;
  });
  await page.click(".step");
  // The tap shows once it is on the disk, and loses its mark once the node has it; without the first, the second holds before the tap.
  await page.locator(".entry").waitFor();
  await page.locator(".pending").waitFor({ state: "detached" });
  await page.locator(".light.red").waitFor({ state: "detached" });
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector(".pad");
  await page.click(".goal-key.home");
  await page.getByText("1 only on this phone").waitFor();
  await page.reload();
  await page.getByText("1 only on this phone").waitFor();
  await context.setOffline(false);
  await page.locator(".light.red").waitFor({ state: "detached" });
  await page.locator(".entry .pending").waitFor({ state: "detached" });
  assert.equal(await page.locator(".entry.goal").count(), 1);
  console.log("ok it reloads offline, and what was tapped is sent once");
} finally {
  await context.close();
}
