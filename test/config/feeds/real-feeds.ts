/**
 * Messages in the shapes that public feeds document, the settings that map them, and what must come out. None was recorded:
 * names and numbers are our own.
 */
export interface RealFeed {
  readonly name: string
  /** Channels of the pipeline file. */
  readonly channels?: readonly string[]
  /** The `map` of the source, YAML. */
  readonly map: string
  readonly messages: readonly string[]
  /** [key, t, value a channel, more] of each observation; the code of each dead letter. */
  readonly expected: readonly (
    | readonly [key: string, t: number, y: readonly (number | null)[], more?: object]
    | string
  )[]
  /** Messages that hold nothing. Default 0. */
  readonly ignored?: number
}

const iso = (text: string) => Date.parse(text) / 1000

export const realFeeds: readonly RealFeed[] = [
  {
    name: 'Signal K',
    channels: ['environment.wind.speedTrue', 'environment.wind.angleApparent'],
    map: `
unlisted: ignore
rules:
  - when: { /updates: { exists: true } }
    each: /updates
    key: "{^/context}"
    time: /timestamp
    rules:
      - each: /values
        values: { "{/path}": /value }
`,
    messages: [
      '{"name":"signalk-server","version":"2.23.0","self":"vessels.urn:mrn:signalk:uuid:1","roles":["master"]}',
      '{"context":"vessels.a","updates":[{"$source":"x","timestamp":"2026-11-23T01:20:19.866Z","values":[{"path":"environment.wind.speedTrue","value":4.02},{"path":"environment.wind.angleApparent","value":0.5}]}]}',
      '{"context":"vessels.a","updates":[{"timestamp":"2026-11-23T01:20:20.000Z","values":[{"path":"navigation.position","value":{"latitude":60.1,"longitude":23.5}},{"path":"environment.wind.speedTrue","value":null}]}]}',
      '{"context":"vessels.b","updates":[{"timestamp":"2026-11-23T01:20:21Z","values":[{"path":"environment.wind.speedTrue","value":"strong"},{"path":"environment.wind.angleApparent","value":1}]},{"timestamp":"2026-11-23T01:20:22Z","values":[{"path":"","value":{"name":"Plaka"}}]}]}',
    ],
    expected: [
      ['vessels.a', iso('2026-11-23T01:20:19.866Z'), [4.02, 0.5]],
      ['vessels.a', iso('2026-11-23T01:20:20Z'), [null, null]],
      'OBSERVATION_INVALID',
      ['vessels.b', iso('2026-11-23T01:20:21Z'), [null, 1]],
    ],
    ignored: 1,
  },
  {
    name: 'Home Assistant',
    channels: ['value'],
    map: `
rules:
  - when: { /type: event, /event/event_type: state_changed, /event/data/new_state: { not: null } }
    time: /event/data/new_state/last_updated
    key: "{/event/data/entity_id}"
    values: { value: { at: /event/data/new_state/state, missing: [unavailable, unknown], codes: { "on": 1, "off": 0 } } }
`,
    messages: [
      '{"id":1,"type":"result","success":true,"result":null}',
      '{"id":1,"type":"event","event":{"event_type":"state_changed","time_fired":"2024-10-16T02:12:11.129586+00:00","data":{"entity_id":"sensor.t","new_state":{"state":"21.4","last_updated":"2024-10-16T02:12:11.129586+00:00","attributes":{"unit_of_measurement":"C"}}}}}',
      '{"id":1,"type":"event","event":{"event_type":"state_changed","data":{"entity_id":"sensor.t","new_state":{"state":"unavailable","last_updated":"2024-10-16T02:12:12+00:00"}}}}',
      '{"id":1,"type":"event","event":{"event_type":"state_changed","data":{"entity_id":"binary_sensor.door","new_state":{"state":"on","last_updated":"2024-10-16T04:12:13+02:00"}}}}',
      '{"id":1,"type":"event","event":{"event_type":"state_changed","data":{"entity_id":"sensor.gone","new_state":null}}}',
      '{"id":1,"type":"event","event":{"event_type":"state_changed","data":{"entity_id":"sensor.t","new_state":{"state":"warm","last_updated":"2024-10-16T02:12:14+00:00"}}}}',
    ],
    expected: [
      ['sensor.t', iso('2024-10-16T02:12:11Z') + 0.129586, [21.4]],
      ['sensor.t', iso('2024-10-16T02:12:12Z'), [null]],
      ['binary_sensor.door', iso('2024-10-16T02:12:13Z'), [1]],
      'OBSERVATION_INVALID',
    ],
    ignored: 2,
  },
  {
    name: 'Binance trades',
    channels: ['price', 'quantity'],
    map: `
rules:
  - when: { /e: trade }
    time: { at: /T, unit: ms }
    key: "{/s}"
    sequence: /t
    values: { price: /p, quantity: /q }
`,
    messages: [
      '{"result":null,"id":1}',
      '{"e":"trade","E":1672515782140,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true}',
    ],
    expected: [['BNBBTC', 1672515782.136, [0.001, 100], { sequence: 12345 }]],
    ignored: 1,
  },
  {
    name: 'Binance klines, of which only the final ones count',
    channels: ['close'],
    map: `
rules:
  - when: { /e: kline, /k/x: true }
    time: { at: /k/T, unit: ms }
    key: "{/s} {/k/i}"
    values: { close: /k/c }
`,
    messages: [
      '{"e":"kline","E":1,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,"i":"1m","o":"1","c":"2.5","x":false}}',
      '{"e":"kline","E":1,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,"i":"1m","o":"1","c":"2.75","x":true}}',
    ],
    expected: [['BNBBTC 1m', 1672515839.999, [2.75]]],
    ignored: 1,
  },
  {
    name: 'Coinbase Advanced',
    channels: ['price'],
    map: `
rules:
  - when: { /channel: ticker }
    each: /events
    time: ^/timestamp
    rules:
      - each: /tickers
        key: "{/product_id}"
        values: { price: /price }
`,
    messages: [
      '{"channel":"subscriptions","timestamp":"2026-04-07T14:30:09Z","sequence_num":0,"events":[{"subscriptions":{"ticker":["BTC-USD"]}}]}',
      '{"channel":"heartbeats","timestamp":"2026-04-07T14:30:10Z","sequence_num":1,"events":[{"heartbeat_counter":3}]}',
      '{"channel":"ticker","timestamp":"2026-04-07T14:30:10.123456789Z","sequence_num":2,"events":[{"type":"snapshot","tickers":[{"product_id":"BTC-USD","price":"64000.5"},{"product_id":"ETH-USD","price":"3000"}]},{"type":"update","tickers":[{"product_id":"BTC-USD","price":"64001"}]}]}',
    ],
    expected: [
      ['BTC-USD', iso('2026-04-07T14:30:10Z') + 0.123456789, [64000.5]],
      ['ETH-USD', iso('2026-04-07T14:30:10Z') + 0.123456789, [3000]],
      ['BTC-USD', iso('2026-04-07T14:30:10Z') + 0.123456789, [64001]],
    ],
    ignored: 2,
  },
  {
    name: 'Kraken v2, whose ticker has no time',
    channels: ['bid', 'ask'],
    map: `
rules:
  - when: { /channel: ticker }
    each: /data
    time: arrival
    key: "{/symbol}"
    values: { bid: /bid, ask: /ask }
`,
    messages: [
      '{"channel":"heartbeat"}',
      '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":64000.1,"ask":64000.2,"last":64000.1}]}',
    ],
    expected: [['BTC/USD', 1_700_000_000, [64000.1, 64000.2]]],
    ignored: 1,
  },
  {
    name: 'Finnhub, several trades a frame',
    channels: ['price', 'volume'],
    map: `
rules:
  - when: { /type: trade }
    each: /data
    time: { at: /t, unit: ms }
    key: "{/s}"
    values: { price: /p, volume: /v }
`,
    messages: [
      '{"type":"ping"}',
      '{"type":"trade","data":[{"p":122.1,"s":"TSLA","t":1672348887195,"v":1,"c":["1"]},{"p":122.2,"s":"TSLA","t":1672348887195,"v":2,"c":null}]}',
    ],
    expected: [
      ['TSLA', 1672348887.195, [122.1, 1]],
      ['TSLA', 1672348887.195, [122.2, 2]],
    ],
    ignored: 1,
  },
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
  {
    name: 'ThingsBoard telemetry',
    channels: ['temperature', 'humidity'],
    map: `
rules:
  - when: { /errorCode: 0, /data: { exists: true } }
    each: /data
    key: "subscription {^/subscriptionId}"
    rules:
      - each: ""
        time: { at: /0, unit: ms }
        values: { "{^#}": /1 }
`,
    messages: [
      '{"subscriptionId":10,"errorCode":0,"data":{"temperature":[[1715321875739,"25.1"],[1715321874739,"25.0"]],"humidity":[[1715321874739,"40"]]},"latestValues":{"temperature":1715321875739}}',
    ],
    expected: [
      ['subscription 10', 1715321875.739, [25.1, null]],
      ['subscription 10', 1715321874.739, [25, 40]],
    ],
  },
  {
    name: 'a ThingsBoard device',
    channels: ['temperature', 'humidity'],
    map: 'rules: [{ time: { at: /ts, unit: ms }, values: /values }]',
    messages: ['{"ts":1451649600512,"values":{"temperature":42,"humidity":73}}'],
    expected: [['default', 1451649600.512, [42, 73]]],
  },
  {
    name: 'OPC UA PubSub, with one message or several',
    channels: ['Temp', 'Pressure'],
    map: `
rules:
  - when: { /MessageType: ua-data, /Messages: { exists: true } }
    each: /Messages
    key: "{^/PublisherId}/{/DataSetWriterId}"
    time: /Timestamp
    rules:
      - each: /Payload
        values: { "{#}": /Value }
  - when: { /MessageType: ua-data, /Messages: { exists: false } }
    key: "{/PublisherId}"
    time: /Timestamp
    rules:
      - each: /Payload
        values: { "{#}": "" }
`,
    messages: [
      '{"MessageId":"1","MessageType":"ua-data","PublisherId":"plant","Messages":[{"DataSetWriterId":1,"SequenceNumber":7,"Timestamp":"2026-01-01T00:00:00Z","Payload":{"Temp":{"Value":21.5},"Pressure":{"Value":1.5}}}]}',
      '{"MessageType":"ua-data","PublisherId":"plant","Timestamp":"2026-01-01T00:00:01Z","Payload":{"Temp":22,"Pressure":1.25}}',
      '{"MessageType":"ua-metadata","PublisherId":"plant"}',
    ],
    expected: [
      ['plant/1', iso('2026-01-01T00:00:00Z'), [21.5, 1.5]],
      ['plant', iso('2026-01-01T00:00:01Z'), [22, 1.25]],
    ],
    ignored: 1,
  },
  {
    name: 'CloudEvents',
    channels: ['v'],
    map: `
rules:
  - when: { /specversion: "1.0", /type: obs }
    time: /time
    key: "{/subject}"
    id: "{/source} {/id}"
    values: { v: { at: /data/v, scale: 0.1, offset: 1 } }
`,
    messages: [
      '{"specversion":"1.0","id":"1","source":"/s1","type":"obs","subject":"temp","time":"2026-11-23T01:20:19.5Z","data":{"v":20}}',
    ],
    expected: [['temp', iso('2026-11-23T01:20:19.5Z'), [3], { id: '/s1 1' }]],
  },
]
