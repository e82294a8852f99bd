// Firefox, by WebDriver BiDi. Each page runs `first` before its own script; lose kills the browser, and another takes over its profile.
import puppeteer from "puppeteer-core";

export async function launch(profile, first = "") {
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: process.env.BROWSER, headless: true, userDataDir: profile, handleSIGINT: false,
    defaultViewport: { width: 390, height: 844 },
    extraPrefsFirefox: { "intl.accept_languages": "en-GB", "browser.sessionstore.resume_from_crash": false, "media.peerconnection.ice.loopback": true },
  });
  return {
    tab: async (url) => {
      const page = await browser.newPage();
      if (first) await page.evaluateOnNewDocument(first);
      await page.goto(url, { waitUntil: "domcontentloaded" });
      return {
        evaluate: (source) => page.evaluate(source),
        click: (selector) => page.click(selector),
        reload: () => page.reload({ waitUntil: "domcontentloaded" }),
        close: () => page.close(),
      };
    },
    lose: async () => {
      const child = browser.process();
      const gone = new Promise((ok) => child.once("exit", ok));
      child.kill("SIGKILL");
      await gone;
      return launch(profile, first);
    },
    close: () => browser.close(),
  };
}
