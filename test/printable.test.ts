import { describe, expect, it } from 'vitest'
import { ContraflowError } from '../src/errors.js'
import { printable } from '../src/printable.js'
import { printableJson } from '../src/printable-json.js'

describe('printable', () => {
  it.each([
    ['plain text', 'Büro 12, 21.7 °C, 東京 ☂', 'Büro 12, 21.7 °C, 東京 ☂'],
    ['a colour', '\u001b[31mred', '\\u{1b}[31mred'],
    ['the control sequences of eight bits', '\u009b2J', '\\u{9b}2J'],
    ['the title of the window', '\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
    ['the end of a line', 'a\r\nOK: b', 'a\\u{d}\\u{a}OK: b'],
    ['the other direction', 'a\u202egnp.exe', 'a\\u{202e}gnp.exe'],
    ['what cannot be seen', 'pay\u200bpal\ufeff\u2028', 'pay\\u{200b}pal\\u{feff}\\u{2028}'],
    ['half a character', 'a\ud800', 'a\\u{d800}'],
    ['deletion', 'a\u007f', 'a\\u{7f}'],
  ])('S10: leaves or writes out %s', (_, text, seen) => {
    expect(printable(text)).toBe(seen)
  })

  it('S10: is what errors say of what others sent, wherever they say it', () => {
    const evil = '\u001b[2Jx\nfake line'
    const details = { received: evil, place: evil, expected: evil, remedy: evil, complaints: [evil] }
    const { message } = new ContraflowError('OBSERVATION_INVALID', details)
    expect(message.split('\n')).toHaveLength(2)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not come through
    expect(message.replace('\n', '')).not.toMatch(/[\u0000-\u001f]/)
  })
})

describe('printableJson', () => {
  it('S10: is the same JSON, without what a terminal would obey', () => {
    const value = { key: '\u009b2J\u007f\u202e\ufeff\u{e0001} °C', t: [1, null, -2e-9] }
    const shown = printableJson(JSON.stringify(value))
    expect(JSON.parse(shown)).toEqual(value)
    expect(shown).toBe('{"key":"\\u009b2J\\u007f\\u202e\\ufeff\\udb40\\udc01 °C","t":[1,null,-2e-9]}')
  })
})
