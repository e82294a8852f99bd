// The handlers of the first plan on socket.io, made durable: append, fdatasync,
// then tell the rooms.
import { createServer } from 'node:http'
import { openSync, writeSync, fdatasyncSync } from 'node:fs'
import { Server } from 'socket.io'

const file = openSync(process.argv[2], 'a')
const http = createServer()
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false })
io.on('connection', (socket) => {
  socket.on('join_match', (id, ack) => { socket.join(`match_${id}`); ack?.({ ok: true }) })
  socket.on('match_event', (event, ack) => {
    writeSync(file, JSON.stringify(event) + '\n')
    fdatasyncSync(file)
    ack?.(event)
    io.to(`match_${event.matchId}`).emit('live_event', event)
    io.to(`team_${event.teamId}`).emit('team_event', event)
  })
})
http.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${http.address().port}`))
