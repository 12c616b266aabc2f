import { iso, type RealFeed } from './real-feed.js'

/** Trades and prices. */
export const markets: readonly RealFeed[] = [
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
]
