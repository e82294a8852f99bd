// What the contract tests share: the real client, and a way to ask the Go side
// for things that a page cannot do.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import assert from 'node:assert/strict'

const require = createRequire(process.env.WEB + '/')
export const { io } = require('socket.io-client')
export { assert }
export const url = process.env.URL

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Asks the test for something and waits until it is done. */
export async function ask(what) {
  process.stdout.write(`ask ${what}\n`)
  const { value } = await lines.next()
  return JSON.parse(value)
}

export const transports = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
}

/** What takes longer does not come at all; milliseconds. A busy machine is slow, and waiting costs nothing where it comes. */
const patience = 60_000

const open = new Set()

export function client(options) {
  const s = io(url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options })
  open.add(s)
  return s
}

export function closeAll() {
  for (const s of open) s.disconnect()
  open.clear()
}

/** The first event of a name, or an error when none comes in time. */
export function once(s, event, ms = patience) {
  return new Promise((resolve, reject) => {
    const t = setTimeout(() => reject(new Error(`no ${event} in ${ms} ms`)), ms)
    s.once(event, (...args) => { clearTimeout(t); resolve(args) })
  })
}

export async function connected(options) {
  const s = client(options)
  if (!s.connected) await once(s, 'connect')
  return s
}

/** Emits and waits for the acknowledgement. */
export const ack = (s, ...args) => s.timeout(patience).emitWithAck(...args)

/** Collects the first arguments of an event. */
export function collect(s, event) {
  const got = []
  s.on(event, (e) => got.push(e))
  return got
}

export async function until(what, ok, ms = patience) {
  const end = Date.now() + ms
  while (!ok()) {
    if (Date.now() > end) throw new Error(`not reached: ${what}`)
    await new Promise((r) => setTimeout(r, 5))
  }
}

let n = 0
export const fresh = (prefix = 'e') => `${prefix}-${process.pid}-${n++}`

export function goal(matchId, more = {}) {
  return { id: fresh('goal'), created: 1_700_000_000_000 + n, matchId, teamId: 'lions', type: 'goal', playerId: 'p7', minute: 12, ...more }
}

const cases = []
export const test = (name, f) => cases.push([name, f])

/** Runs the cases, and afterwards what ends what they share. */
export async function run(end = () => {}) {
  const only = process.env.ONLY
  for (const [name, f] of cases) {
    if (only && !name.includes(only)) continue
    const began = Date.now()
    try {
      await f()
      console.log(`ok ${name} (${Date.now() - began} ms)`)
    } catch (err) {
      console.log(`not ok ${name}: ${(err.stack || String(err)).replaceAll('\n', ' | ')}`)
    }
    closeAll()
  }
  await end()
  console.log('end')
  process.exit(0)
}
