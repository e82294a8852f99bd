// The contract of the first plan's pages, row by row, over each transport.
import { ack, ask, assert, client, closeAll, collect, connected, fresh, goal, once, run, test, transports, until, url } from './harness.mjs'

for (const [name, over] of Object.entries(transports)) {
  test(`${name}: a stored event goes to all in the room, the sender too`, async () => {
    const match = fresh('match')
    const [a, b, out] = await Promise.all([connected(over), connected(over), connected(over)])
    const joined = await ack(a, 'join_match', match)
    assert.equal(joined.room, `match_${match}`)
    await ack(b, 'join_match', match)
    const lists = [a, b, out].map((s) => collect(s, 'live_event'))
    const sent = goal(match, { notes: 'what a shot!', weather: { wind: [1, 2.5, null], '✓': true } })
    const stored = await ack(a, 'match_event', sent)
    for (const [k, v] of Object.entries(sent)) assert.deepEqual(stored[k], v, k)
    assert.match(stored.hash, /^[0-9a-f]{64}$/)
    await until('both have it', () => lists[0].length && lists[1].length)
    assert.deepEqual(lists[0], [stored])
    assert.deepEqual(lists[1], [stored])
    assert.deepEqual(lists[2], [])
    if (name === 'upgrade') await until('a WebSocket carries it', () => a.io.engine.transport.name === 'websocket')
    else assert.equal(a.io.engine.transport.name, name)
  })

  test(`${name}: without an acknowledgement asked for`, async () => {
    const match = fresh('match')
    const a = await connected(over)
    const got = collect(a, 'live_event')
    a.emit('join_match', match)
    const sent = goal(match)
    a.emit('match_event', sent)
    await until('it is shown', () => got.length === 1)
    assert.equal(got[0].id, sent.id)
  })

  test(`${name}: leaving a room`, async () => {
    const match = fresh('match')
    const [a, b] = await Promise.all([connected(over), connected(over)])
    const got = collect(a, 'live_event')
    const seen = collect(b, 'live_event')
    await ack(a, 'join_match', match)
    await ack(b, 'join_match', match)
    await ack(b, 'match_event', goal(match))
    await until('it came', () => got.length === 1)
    await ack(a, 'leave_match', match)
    await ack(b, 'match_event', goal(match))
    await until('the other has it', () => seen.length === 2)
    await ack(a, 'join_match', match) // a round trip later
    assert.equal(got.length, 1)
  })

  test(`${name}: a team's room`, async () => {
    const team = fresh('team')
    const [one, two] = [fresh('match'), fresh('match')]
    const [a, b] = await Promise.all([connected(over), connected(over)])
    const got = collect(a, 'team_event')
    const lives = collect(a, 'live_event')
    await ack(b, 'match_event', goal(one, { teamId: team })) // before anybody is in the room
    await ack(a, 'join_team', team)
    const sent = [goal(one, { teamId: team }), goal(one, { teamId: 'others' }), goal(two, { teamId: team })]
    for (const e of sent) await ack(b, 'match_event', e)
    await until('both of the team came', () => got.length === 2)
    assert.deepEqual(got.map((e) => e.id).sort(), [sent[0].id, sent[2].id].sort())
    assert.equal(lives.length, 0)
    await ack(a, 'leave_team', team)
    await ack(b, 'join_team', team)
    const later = once(b, 'team_event')
    await ack(b, 'match_event', goal(one, { teamId: team }))
    await later
    await ack(a, 'join_team', team)
    assert.equal(got.length, 2)
  })

  test(`${name}: what is wrong is told to the sender only, and not stored`, async () => {
    const match = fresh('match')
    const [a, b] = await Promise.all([connected(over), connected(over)])
    await ack(a, 'join_match', match)
    await ack(b, 'join_match', match)
    const errors = collect(b, 'event_error')
    const lives = collect(b, 'live_event')
    const wrong = [
      { created: 1, matchId: match, type: 'goal' }, { id: 'x', type: 'goal' }, { id: 'x', matchId: match }, { id: 7, matchId: match, type: 'goal' },
      { id: '', matchId: match, type: 'goal' }, { id: 'i'.repeat(200), matchId: match, type: 'goal' }, 'goal', 7, null, [], {},
      { ...goal(match), type: 't'.repeat(100) }, { ...goal(match), notes: 'n'.repeat(20_000) }, { ...goal(match), photo: new Uint8Array([1, 2, 3]) },
    ]
    for (const e of wrong) {
      let acked = false
      const told = once(a, 'event_error')
      a.emit('match_event', e, () => { acked = true })
      const [{ event, error }] = await told
      if (!e?.photo) assert.deepEqual(event, e)
      assert.equal(typeof error, 'string')
      assert.ok(error.length > 3)
      assert.equal(acked, false)
    }
    const good = await ack(a, 'match_event', goal(match))
    await until('the good one came', () => lives.length === 1)
    assert.equal(lives[0].id, good.id)
    assert.equal(errors.length, 0)
  })

  test(`${name}: the same ID again`, async () => {
    const match = fresh('match')
    const [a, b] = await Promise.all([connected(over), connected(over)])
    const got = collect(b, 'live_event')
    await ack(b, 'join_match', match)
    const sent = goal(match, { notes: 'near post' })
    const stored = await ack(a, 'match_event', sent)
    assert.deepEqual(await ack(a, 'match_event', sent), stored)
    assert.deepEqual(await ack(b, 'match_event', sent), stored) // another page, from its own outbox
    assert.deepEqual(await ack(a, 'match_event', stored), stored) // sent back as it was answered
    for (const other of [{ minute: 13 }, { notes: 'far post' }, { type: 'foul' }, { extra: 1 }]) {
      const told = once(a, 'event_error')
      a.emit('match_event', { ...sent, ...other })
      const [{ event, error }] = await told
      assert.equal(event.id, sent.id)
      assert.match(error, /another event has this id/)
    }
    await ack(a, 'match_event', goal(match))
    await until('the next came', () => got.length === 2)
    assert.deepEqual(got[0], stored)
  })

  test(`${name}: 100 clients get 200 events in order`, async () => {
    const match = fresh('match')
    const clients = await Promise.all(Array.from({ length: 100 }, () => connected(over)))
    const lists = clients.map((s) => collect(s, 'live_event'))
    await Promise.all(clients.map((s) => ack(s, 'join_match', match)))
    const sent = Array.from({ length: 200 }, (_, i) => goal(match, { minute: i }))
    const acks = sent.map((e) => ack(clients[0], 'match_event', e))
    const stored = await Promise.all(acks)
    await until('all have all', () => lists.every((l) => l.length >= 200))
    for (const l of lists) assert.deepEqual(l.map((e) => e.id), sent.map((e) => e.id))
    assert.deepEqual(lists[99], stored)
  })

  test(`${name}: a lost connection is gone on with`, async () => {
    const match = fresh('match')
    const a = await connected(over)
    const b = await connected(over)
    const got = collect(a, 'live_event')
    await ack(a, 'join_match', match)
    const id = a.id
    const away = once(a, 'disconnect')
    a.io.engine.close() // as when the Wi-Fi goes; the client comes back by itself
    await away
    const back = once(a, 'connect')
    const sent = []
    for (let i = 0; i < 20; i++) sent.push(await ack(b, 'match_event', goal(match)))
    await back
    assert.equal(a.recovered, true)
    assert.equal(a.id, id)
    await until('all came', () => got.length >= 20)
    await ack(a, 'join_match', match) // pages do; it changes nothing
    sent.push(await ack(b, 'match_event', goal(match)))
    await until('and goes on', () => got.length >= 21)
    assert.deepEqual(got, sent)
  })

  test(`${name}: a connection that ends between a match's and a team's message of an event`, async () => {
    const match = fresh('match')
    const [a, b] = await Promise.all([connected(over), connected(over)])
    const teams = collect(a, 'team_event')
    await ack(a, 'join_match', match)
    await ack(a, 'join_team', 'lions')
    const sent = [await ack(b, 'match_event', goal(match))]
    await until('it came', () => teams.length === 1)
    const away = once(a, 'disconnect')
    const back = once(a, 'connect')
    const { engine } = a.io
    engine.on('packet', ({ data }) => {
      if (!data?.includes?.('"live_event"')) return
      engine.transport.off('packet') // nothing after this one comes through
      setTimeout(() => engine.close())
    })
    sent.push(await ack(b, 'match_event', goal(match)))
    await away
    await back
    sent.push(await ack(b, 'match_event', goal(match)))
    await until('the team has everything', () => teams.length >= 3)
    assert.deepEqual(teams.map((e) => e.id), sent.map((e) => e.id))
  })

  test(`${name}: a node that had the events in another order sends all of them`, async () => {
    const match = fresh('match')
    const [a, b] = await Promise.all([connected(over), connected(over)])
    const got = collect(a, 'live_event')
    const ids = () => new Set(got.map((e) => e.id)) // the same id shows once
    await ack(a, 'join_match', match)
    const sent = []
    for (let i = 0; i < 3; i++) sent.push(await ack(b, 'match_event', goal(match)))
    await until('all came', () => got.length === 3)
    const away = once(a, 'disconnect')
    a.io.engine.close()
    await away
    a._lastOffset = a._lastOffset.replace(/.{16}$/, 'A'.repeat(16)) // the library's own field
    const back = once(a, 'connect')
    sent.push(await ack(b, 'match_event', goal(match)))
    await back
    await until('what was missed came', () => ids().size === 4)
    assert.deepEqual([...ids()], sent.map((e) => e.id))
  })

  for (const end of ['stop', 'kill']) test(`${name}: the node restarts after ${end}`, async () => {
    const [match, other] = [fresh('match'), fresh('match')]
    const pages = await Promise.all(Array.from({ length: 5 }, () => connected(over)))
    const lists = pages.map((s) => collect(s, 'live_event'))
    const teams = collect(pages[0], 'team_event')
    await Promise.all(pages.map((s) => ack(s, 'join_match', match)))
    await ack(pages[0], 'join_team', 'lions')
    await ack(pages[1], 'join_match', other)
    const stored = []
    for (let i = 0; i < 3; i++) stored.push(await ack(pages[0], 'match_event', goal(match)))
    await until('its messages came', () => teams.length === 3) // what is cut between two messages comes again
    const away = pages.map((s) => once(s, 'disconnect'))
    const back = pages.map((s) => once(s, 'connect'))
    await ask(end)
    await Promise.all(away)
    // A page that has no connection keeps what is tapped, and sends it then.
    const tapped = [goal(match), goal(match)]
    const late = tapped.map((e) => ack(pages[0], 'match_event', e))
    await ask('start')
    // Somebody records while most pages have not come back.
    for (let i = 0; i < 3; i++) stored.push(await post(goal(match)))
    const elsewhere = await post(goal(other))
    await Promise.all(back)
    stored.push(...await Promise.all(late))
    assert.deepEqual(pages.map((s) => s.recovered), pages.map(() => true))
    await until('everybody has everything', () => lists.every((l, i) => l.length >= stored.length + (i === 1 ? 1 : 0)))
    await ack(pages[0], 'match_event', goal(other)) // a later event, so that repeats would have come
    const byHash = (l) => l.map((e) => e.hash)
    for (const [i, l] of lists.entries()) {
      const here = l.filter((e) => e.matchId === match)
      assert.deepEqual(new Set(byHash(here)), new Set(byHash(stored)), `page ${i}`)
      assert.equal(here.length, stored.length, `page ${i}: twice`)
      assert.deepEqual(byHash(here), byHash(lists[0]), `page ${i}: order`)
    }
    assert.equal(lists[1].filter((e) => e.hash === elsewhere.hash).length, 1)
    const ofMatch = () => teams.filter((e) => e.matchId === match)
    await until('the team has everything, too', () => ofMatch().length >= stored.length)
    assert.deepEqual(byHash(ofMatch()), byHash(lists[0]))
  })
}

async function post(e, path = '/v1/events', status = 201) {
  const r = await fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(e) })
  const body = await r.json()
  assert.equal(r.status, status, JSON.stringify(body))
  return body
}

test('REST beside it', async () => {
  const match = fresh('match')
  const a = await connected(transports.websocket)
  const got = collect(a, 'live_event')
  await ack(a, 'join_match', match)
  const sent = goal(match, { notes: 'header' })
  const stored = await post(sent, '/api/v1/events')
  for (const [k, v] of Object.entries(sent)) assert.deepEqual(stored[k], v, k)
  await until('it is in the room', () => got.length === 1)
  assert.deepEqual(got[0], stored)
  assert.deepEqual(await post(sent, '/v1/events', 200), stored)
  assert.deepEqual(await ack(a, 'match_event', sent), stored)
  await post({ ...sent, minute: 14 }, '/v1/events', 409)
  const batch = await post([sent, goal(match), { id: 'x', matchId: match }], '/v1/events', 200)
  assert.deepEqual(batch.results.map((r) => r.status), [200, 201, 400])
  const list = await (await fetch(`${url}/v1/matches/${match}/events`)).json()
  assert.deepEqual(list.events.map((e) => e.id), [sent.id, batch.results[1].event.id])
  assert.equal((await fetch(`${url}/v1/matches/${fresh('never')}/events`)).status, 404)
  assert.equal((await fetch(`${url}/v1/matches/${match}/state`)).status, 200)
})

test('other namespaces, and out and in again', async () => {
  const s = client({ transports: ['websocket'] })
  const admin = s.io.socket('/admin')
  const [err] = await once(admin, 'connect_error')
  assert.equal(err.message, 'Invalid namespace')
  await until('the default one is there', () => s.connected)
  const first = s.id
  s.disconnect()
  s.connect()
  await once(s, 'connect')
  assert.ok(s.id)
  assert.equal(typeof first, 'string')
})

test('a token, a revoked one, and none', async () => {
  const { token, match, watch } = await ask('tokens')
  const s = await connected({ transports: ['websocket'], auth: { token } })
  const got = collect(s, 'live_event')
  await ack(s, 'join_match', match)
  const stored = await ack(s, 'match_event', goal(match))
  await until('it came', () => got.length === 1)
  assert.equal(stored.matchId, match)
  const told = once(s, 'event_error')
  s.emit('join_match', 'match1')
  assert.match((await told)[0].error, /another match|not found/i)
  const bad = client({ transports: ['websocket'], auth: { token: 'tl1.no' }, reconnection: false })
  assert.match((await once(bad, 'connect_error'))[0].message, /token/)
  const w = await connected({ transports: ['polling'], auth: { token: watch } })
  const seen = collect(w, 'live_event')
  await ack(w, 'join_match', match)
  const refused = once(w, 'event_error')
  w.emit('match_event', goal(match))
  assert.match((await refused)[0].error, /not record/)
  await ack(s, 'match_event', goal(match, { teamId: 'home', notes: 'by little Tom' }))
  await until('a spectator sees the goal', () => seen.length === 1)
  assert.equal(seen[0].notes, undefined)
  await ask('revoke')
  const gone = once(s, 'event_error')
  s.emit('match_event', goal(match))
  assert.match((await gone)[0].error, /revoked/)
})

test('guests who may do nothing', async () => {
  const other = await ask('closed')
  const { io } = await import('./harness.mjs')
  const s = io(other, { forceNew: true, transports: ['websocket'], reconnection: false })
  assert.match((await once(s, 'connect_error'))[0].message, /token/)
  s.disconnect()
})

closeAll()
run()
