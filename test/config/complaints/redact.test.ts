import { describe, expect, it } from 'vitest'
import { redact } from '../../../src/config/complaints/redact.js'

describe('redact', () => {
  it('S13: shows where secrets come from, but none of them', () => {
    const shown = redact({
      url: 'wss://alice:canary@host/feed?token=canary',
      headers: { Authorization: 'Bearer canary', 'X-Api-Key': `\${env:KEY}` },
      subscribe: [{ access_token: 'canary', topic: 'room' }],
      dialogue: [{ send: { password: ['canary'] } }],
    })
    expect(shown).toEqual({
      url: 'wss://host/feed?…',
      headers: { Authorization: '[secret]', 'X-Api-Key': `\${env:KEY}` },
      subscribe: [{ access_token: '[secret]', topic: 'room' }],
      dialogue: [{ send: { password: ['[secret]'] } }],
    })
    expect(JSON.stringify(shown)).not.toContain('canary')
  })
})
