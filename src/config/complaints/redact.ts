const SECRET_NAME = /token|secret|passw|authori[sz]ation|cookie|cred|nkey|api-?key/i
/** Where a secret is to be found is none. */
const PLACEHOLDER = /^[\w ]*\$\{(env|file):[^}]+\}$/

/** A copy of settings that may be shown: without what is called like a secret, and addresses without user and query. */
export function redact(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (SECRET_NAME.test(name) && !PLACEHOLDER.test(value)) return '[secret]'
    return /^(wss?|https?|mqtts?|nats):\/\//.test(value) ? redactAddress(value) : value
  }
  if (Array.isArray(value)) return value.map(item => redact(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, redact(item, field)]))
}

/** Does a piece of text have the name of a secret, or an address with a password, in it? */
export function looksSecret(text: string): boolean {
  return SECRET_NAME.test(text) || /:\/\/[^/\s]*@/.test(text)
}

function redactAddress(address: string): string {
  const query = address.indexOf('?')
  const path = query < 0 ? address : `${address.slice(0, query)}?…`
  return path.replace(/^(\w+:\/\/)[^/@]*@/, '$1')
}
