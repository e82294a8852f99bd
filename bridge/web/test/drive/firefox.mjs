// Firefox, by WebDriver BiDi. lose kills the browser, and another takes over its profile.
import puppeteer from "puppeteer-core";

export async function launch(profile) {
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: process.env.BROWSER, headless: true, userDataDir: profile, handleSIGINT: false,
    defaultViewport: { width: 390, height: 844 },
    extraPrefsFirefox: { "intl.accept_languages": "en-GB", "browser.sessionstore.resume_from_crash": false },
  });
  return {
    tab: async (url) => {
      const page = await browser.newPage();
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
      return launch(profile);
    },
    close: () => browser.close(),
  };
}
