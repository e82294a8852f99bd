// What people with disabilities would stumble over, in all displays. With SHOTS there are pictures of each.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const { SHOTS } = process.env;

export const shot = (page, name) => (SHOTS ? page.screenshot({ path: `${SHOTS}/${name}.png` }) : undefined);

/** A sheet that still rises is half transparent: its colours are not those that anybody reads. */
const still = (page) => page.evaluate(async () => void (await Promise.allSettled(document.getAnimations().map((a) => a.finished))));

/** What axe finds in a view, in each display. The page's policy lets no script in, so axe comes by the debugger. */
export async function violations(page, name) {
  const phone = page.viewportSize();
  const found = [];
  for (const theme of ["light", "dark", "outdoor"]) {
    await page.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
    await shot(page, `${name}-${theme}`);
    // All of it at once: what lies under the bar at the bottom is scrolled out from there.
    await page.setViewportSize({ width: phone.width, height: Math.max(phone.height, await page.evaluate(() => document.documentElement.scrollHeight)) });
    await still(page);
    await page.evaluate(axe);
    const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), rules);
    found.push(...violations.map((v) => `${name} in ${theme}, ${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html + "\n      " + n.failureSummary).join("\n    ")}`));
    await page.setViewportSize(phone);
  }
  await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
  return found;
}
