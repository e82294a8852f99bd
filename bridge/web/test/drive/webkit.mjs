// WebKitGTK, by W3C WebDriver. An automated MiniBrowser keeps no profile and ends the session when a page's process dies,
// so here lose closes the page at once and another one takes over.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const element = "element-6066-11e4-a52e-4f735466cecf";

export async function launch() {
  const port = await freePort();
  const driver = spawn("xvfb-run", ["-a", process.env.BROWSER, `--port=${port}`], { stdio: "ignore", detached: true });
  const at = `http://127.0.0.1:${port}/session`;
  const call = async (method, path, body) => {
    const res = await fetch(at + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    const { value } = await res.json();
    if (!res.ok) throw new Error(`${method} ${path}: ${value?.error} ${value?.message}`);
    return value;
  };
  const session = "/" + (await first(() => call("POST", "", { capabilities: {} }))).sessionId;
  const current = () => call("GET", session + "/window");
  let opened = 0;
  const browser = {
    tab: async (url) => {
      // A window of its own: a new tab stays behind the others, and is hidden.
      const handle = opened++ ? (await call("POST", session + "/window/new", { type: "window" })).handle : await current();
      const here = async (method, path, body) => {
        await call("POST", session + "/window", { handle });
        return call(method, session + path, body);
      };
      await here("POST", "/url", { url });
      return {
        evaluate: (source) => here("POST", "/execute/sync", { script: `return (${source})`, args: [] }),
        click: async (selector) => {
          const found = await here("POST", "/element", { using: "css selector", value: selector });
          await call("POST", `${session}/element/${found[element]}/click`, {});
        },
        reload: () => here("POST", "/refresh", {}),
        close: () => here("DELETE", "/window"),
      };
    },
    lose: async (tab) => {
      const other = await browser.tab("about:blank"); // a browser without a window ends
      await tab.close();
      await other.evaluate("0"); // a closed window must not stay the chosen one
      return browser;
    },
    close: async () => {
      await call("DELETE", session).catch(() => {});
      process.kill(-driver.pid, "SIGTERM");
    },
  };
  return browser;
}

function freePort() {
  return new Promise((ok) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => ok(port));
    });
  });
}

/** The first answer of a program that is still starting. */
async function first(ask) {
  for (const end = Date.now() + 60_000; ; ) {
    try {
      return await ask();
    } catch (err) {
      if (Date.now() > end || err.message.startsWith("POST")) throw err;
      await new Promise((ok) => setTimeout(ok, 100));
    }
  }
}
