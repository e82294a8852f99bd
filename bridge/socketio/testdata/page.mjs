// Drives the React page of testdata/page in Chromium against a real node.
import { createRequire } from 'node:module'
import { ask, assert, run, test, url } from './harness.mjs'

const { chromium } = createRequire(process.env.WEB + '/')('playwright-core')
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })

/** A device that has the page open, in a match of its own choice. */
async function device(match) {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.on('pageerror', (err) => assert.fail(err.message))
  await page.goto(`${process.env.PAGE}/?server=${encodeURIComponent(url)}&match=${match}`)
  return { context, page }
}

const shows = (page, text) => page.waitForFunction((t) => document.querySelector('#link')?.innerText === t, text)

/** What was tapped before and is listed is answered, too: others may be told of it first. */
const answered = (page) => page.waitForSelector('main[aria-busy=false]')

/** Waits until the page lists exactly these minutes, of which the last so many are pending. */
async function lists(page, minutes, pending = 0) {
  const seen = () => page.evaluate(() => [...document.querySelectorAll('#events li')].map((li) => li.innerText + (li.className ? '?' : '')))
  const want = minutes.map((m, i) => m + (i >= minutes.length - pending ? '?' : ''))
  let got
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((r) => setTimeout(r, 25))) {
    got = await seen()
    if (JSON.stringify(got) === JSON.stringify(want)) return
  }
  assert.deepEqual(got, want)
}

const upTo = (n) => Array.from({ length: n }, (_, i) => String(i))

test('a page of the first plan joins, records, and is told what others record', async () => {
  const a = await device('together'), b = await device('together')
  await shows(a.page, 'live, 0 unsent')
  await shows(b.page, 'live, 0 unsent')
  await a.page.click('#goal')
  await lists(a.page, upTo(1))
  await lists(b.page, upTo(1))
  await b.page.click('#goal')
  await lists(a.page, upTo(2))
  await lists(b.page, upTo(2))
})

test('what is refused is told to the sender, and nobody else sees it', async () => {
  const a = await device('refusal'), b = await device('refusal')
  await shows(a.page, 'live, 0 unsent')
  await shows(b.page, 'live, 0 unsent')
  await a.page.click('#bad')
  await a.page.waitForFunction(() => document.querySelector('#problem').innerText !== '')
  await a.page.click('#goal')
  await lists(b.page, upTo(1))
  await lists(a.page, upTo(1))
  assert.equal(await b.page.innerText('#problem'), '')
})

test('what is recorded while the node is gone is pending, also after a reload, and then sent once and in order', async () => {
  const a = await device('restart'), b = await device('restart')
  await shows(a.page, 'live, 0 unsent')
  await shows(b.page, 'live, 0 unsent')
  await a.page.click('#goal')
  await lists(a.page, upTo(1))
  await lists(b.page, upTo(1))
  await answered(a.page)
  await ask('stop')
  await shows(a.page, 'reconnecting, 0 unsent')
  for (let n = 2; n <= 4; n++) {
    await a.page.click('#goal')
    await lists(a.page, upTo(n), n - 1)
  }
  await shows(a.page, 'reconnecting, 3 unsent')
  await a.page.reload()
  await shows(a.page, 'reconnecting, 3 unsent')
  await ask('start')
  await shows(a.page, 'live, 0 unsent')
  await lists(b.page, upTo(4))
})

test('a page that was away gets what it missed, in order, though the node was killed and started again meanwhile', async () => {
  const a = await device('away'), b = await device('away')
  await shows(a.page, 'live, 0 unsent')
  await shows(b.page, 'live, 0 unsent')
  await a.page.click('#goal')
  await lists(b.page, upTo(1))
  await b.context.setOffline(true)
  await shows(b.page, 'offline, 0 unsent')
  await a.page.click('#goal')
  await lists(a.page, upTo(2))
  await answered(a.page)
  await ask('kill')
  await shows(a.page, 'reconnecting, 0 unsent')
  await ask('start')
  await shows(a.page, 'live, 0 unsent')
  await a.page.click('#goal')
  await lists(a.page, upTo(3))
  await b.context.setOffline(false)
  await shows(b.page, 'live, 0 unsent')
  await lists(b.page, upTo(3))
})

await run(() => browser.close())
