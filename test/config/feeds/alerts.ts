import { iso, type RealFeed } from './real-feed.js'

/** Ships, lightning and earthquakes. */
export const alerts: readonly RealFeed[] = [
  {
    name: 'AISStream, which writes times like Go',
    channels: ['speed', 'course'],
    map: `
rules:
  - when: { /MessageType: PositionReport }
    time: /MetaData/time_utc
    key: "{/MetaData/MMSI}"
    values:
      speed: /Message/PositionReport/Sog
      course: { at: /Message/PositionReport/Cog, missing: [360] }
`,
    messages: [
      '{"MessageType":"PositionReport","MetaData":{"MMSI":230123456,"ShipName":"A","time_utc":"2022-12-29 18:22:32.318353 +0000 UTC"},"Message":{"PositionReport":{"UserID":230123456,"Sog":12.5,"Cog":360}}}',
    ],
    expected: [['230123456', iso('2022-12-29T18:22:32Z') + 0.318353, [12.5, null]]],
  },
  {
    name: 'lightning in nanoseconds',
    channels: ['lat', 'lon'],
    map: `
rules:
  - time: { at: /time, unit: ns }
    key: strikes
    values: { lat: /lat, lon: /lon }
`,
    messages: ['{"time":1700000000123456789,"lat":1.5,"lon":2.5,"alt":0,"pol":0,"sig":[]}'],
    expected: [['strikes', 1_700_000_000 + 0.123456789, [1.5, 2.5]]],
  },
  {
    name: 'EMSC, which revises',
    channels: ['magnitude', 'depth'],
    map: `
rules:
  - when: { /action: [create, update, delete] }
    time: /data/properties/time
    id: "{/data/properties/unid}"
    correct: { /action: update }
    retract: { /action: delete }
    values: { magnitude: /data/properties/mag, depth: /data/properties/depth }
`,
    messages: [
      '{"action":"create","data":{"type":"Feature","properties":{"unid":"20261123_1","time":"2026-11-23T10:00:00.1Z","mag":4.5,"depth":10}}}',
      '{"action":"update","data":{"type":"Feature","properties":{"unid":"20261123_1","time":"2026-11-23T10:00:00.2Z","mag":4.7,"depth":10}}}',
      '{"action":"delete","data":{"type":"Feature","properties":{"unid":"20261123_1","time":"2026-11-23T10:00:00.2Z"}}}',
    ],
    expected: [
      ['default', iso('2026-11-23T10:00:00Z') + 0.1, [4.5, 10], { id: '20261123_1' }],
      ['default', iso('2026-11-23T10:00:00Z') + 0.2, [4.7, 10], { id: '20261123_1', revision: 'correct' }],
      ['default', iso('2026-11-23T10:00:00Z') + 0.2, [], { id: '20261123_1', revision: 'retract' }],
    ],
  },
]
