/** Longest payloads whose length fits the first byte, and two more bytes. */
const [SHORT, MEDIUM] = [125, 0xffff]
const FINAL_TEXT = 0x81

/** A text as one unmasked WebSocket frame, as a server sends it (RFC 6455 §5.2), so that it is built once for all subscribers. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length <= SHORT ? 2 : length <= MEDIUM ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = FINAL_TEXT
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header)
  return frame
}
