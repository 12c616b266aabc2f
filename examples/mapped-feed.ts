/**
 * Somebody else's messages, mapped: a server on this machine speaks as Signal K servers on boats do, with a greeting, values of
 * several kinds and an outer time; a pipeline file says where things are in them, and the wind is learned.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { parsePipeline, runPipeline, summaryLines } from 'contraflow/streams'
import { WebSocketServer } from 'ws'

const COUNT = 600

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', socket => {
  socket.send('{"name":"signalk-server","version":"2.23.0","roles":["master"]}')
  for (let n = 0; n < COUNT; n++) {
    const timestamp = new Date(1_763_860_000_000 + n * 1000).toISOString()
    const values = [
      { path: 'environment.wind.speedTrue', value: 6 + 2 * Math.sin(n / 15) },
      { path: 'environment.wind.angleApparent', value: `${0.5 + 0.3 * Math.cos(n / 15)}` },
      { path: 'navigation.position', value: { latitude: 60, longitude: 23 } },
    ]
    socket.send(JSON.stringify({ context: 'vessels.self', updates: [{ $source: 'sim', timestamp, values }] }))
  }
  socket.close(1000)
})
await once(server, 'listening')

const config = parsePipeline(
  `
source:
  kind: websocket
  url: ws://127.0.0.1:${(server.address() as AddressInfo).port}/signalk/v1/stream
  reconnect: false
  map:
    unlisted: ignore
    rules:
      - when: { /updates: { exists: true } }
        each: /updates
        key: "{^/context}"
        time: /timestamp
        rules:
          - each: /values
            values: { "{/path}": /value }
channels: [environment.wind.speedTrue, environment.wind.angleApparent]
sinks: []
`,
  'mapped-feed.yaml',
)
const progress = await runPipeline(config)
console.log(summaryLines(progress).join('\n'))
server.close()
