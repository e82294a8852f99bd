// Chromium, by its debugging protocol. Each page runs `first` before its own script; lose kills the browser, and another takes over its profile.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

export async function launch(profile, first = "") {
  const file = join(profile, "DevToolsActivePort");
  rmSync(file, { force: true });
  const child = spawn(process.env.BROWSER, [
    "--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-GB", "--window-size=390,844",
    "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank",
  ], { stdio: "ignore" });
  const gone = new Promise((ok) => child.once("exit", ok));
  const [port] = await written(file);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const [context] = browser.contexts();
  if (first) await context.addInitScript(first);
  return {
    tab: async (url) => {
      const page = await context.newPage();
      await page.goto(url);
      return {
        evaluate: (source) => page.evaluate(source),
        click: (selector) => page.click(selector),
        reload: () => page.reload(),
        close: () => page.close(),
      };
    },
    lose: async () => {
      child.kill("SIGKILL");
      await gone;
      return launch(profile, first);
    },
    close: () => {
      child.kill("SIGTERM");
      return gone;
    },
  };
}

/** The lines of a file that a starting browser writes. */
async function written(file) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((ok) => setTimeout(ok, 50))) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    if (lines.length > 1) return lines;
  }
  throw new Error("the browser did not start");
}
