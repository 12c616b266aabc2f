import { iso, type RealFeed } from './real-feed.js'

/** Boats, houses and machines. */
export const sensors: readonly RealFeed[] = [
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
