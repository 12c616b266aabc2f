/** What went wrong, and what a person can do about it. */
const ADVICE: readonly (readonly [sign: RegExp, advice: string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'is the name in source.url right, and is there a network?'],
  [/ECONNREFUSED/, 'is the port in source.url right, and does the server run?'],
  [/altnames/, 'write the name that stands in the certificate into source.url'],
  [/self[- ]signed|unable to (get|verify)/, 'name the certificate of its authority in source.ca, if it can be trusted'],
  [/certificate has expired/, 'the server needs a new certificate'],
  [/wrong version number|packet length too long|EPROTO/, 'is it ws:// instead of wss:// in source.url?'],
  [/socket hang up|ECONNRESET/, 'is it wss:// instead of ws:// in source.url?'],
  [
    /server response: (401|403)/,
    'what lets us in belongs into source.headers or source.url, as a secret (streams/feeds/feeds.md)',
  ],
  [/server response: \d+/, 'what answers there speaks no WebSocket: is the path in source.url right?'],
]

/** What to do about a connection that cannot be made; undefined where nothing better is known than to wait. */
export function connectionAdvice(reason: string): string | undefined {
  return ADVICE.find(([sign]) => sign.test(reason))?.[1]
}
