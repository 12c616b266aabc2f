import { type Document, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { ContraflowError } from '../errors.js'
import { advice } from './complaints/advice.js'
import { type Complaint, explain, formatPath } from './complaints/explain.js'
import { looksSecret } from './complaints/redact.js'
import { type PipelineConfig, pipelineSchema } from './pipeline.js'

/**
 * The pipeline file, checked.
 * @param file Its name, for messages.
 * @throws ContraflowError CONFIG_UNREADABLE when it is not YAML, CONFIG_INVALID with every wrong field and its line.
 */
export function parsePipeline(text: string, file: string): PipelineConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true, stringKeys: true })
  const [syntax] = document.errors
  if (syntax) throw unreadable(syntax, file)
  const input = toValue(document, file)
  const parsed = pipelineSchema.safeParse(input)
  if (parsed.success) return parsed.data
  const complaints = withoutRepeats(explain(parsed.error, pipelineSchema, input)).map(complaint => {
    const offset = offsetOf(document.contents, complaint)
    const { line, col } = lines.linePos(offset)
    const { path, received, expected } = complaint
    return `${file}:${line}:${col}: ${formatPath(path) || 'document'}: received ${received}; expected ${expected}${advice(complaint, input)}`
  })
  const received = complaints.length === 1 ? 'a wrong field' : `${complaints.length} wrong fields`
  throw new ContraflowError('CONFIG_INVALID', { received, place: file, complaints })
}

/** A number that is too large for its field is often too large to be exact as well. */
function withoutRepeats(complaints: readonly Complaint[]): Complaint[] {
  const place = ({ path }: Complaint) => formatPath(path)
  return complaints.filter(
    one =>
      !one.expected.endsWith(String(Number.MAX_SAFE_INTEGER)) ||
      !complaints.some(other => other !== one && place(other) === place(one)),
  )
}

/** The document as a plain value; aliases are resolved here, and may be unknown, too many or circular. */
function toValue(document: Document.Parsed, file: string): unknown {
  try {
    const value = document.toJS() ?? {}
    // An alias inside of what it stands for has no end.
    JSON.stringify(value)
    return value
  } catch (error) {
    throw unreadable(error as Error, file)
  }
}

/** @param cause Its first line says what is wrong, the others show where, with the text around it. */
function unreadable(cause: Error, file: string): ContraflowError {
  const [said = '', ...around] = cause.message.split('\n').filter(line => line.trim() !== '')
  const received = said
    .replace(/; please use YAML.parseAllDocuments\(\)/, '')
    .replace('With stringKeys, all keys must be strings', 'a name of a field that is no text')
    .replace('Maximum call stack size exceeded', 'something nested too deeply')
  const complaints = around.some(looksSecret) ? [] : around
  return new ContraflowError(
    'CONFIG_UNREADABLE',
    { received: received.replace(/:$/, ''), place: file, complaints },
    { cause },
  )
}

/** Where in the text the field is that a complaint names; the nearest thing around it when the field is missing. */
function offsetOf(root: Node | null, { path }: Complaint): number {
  let node: unknown = root
  let offset = root?.range?.[0] ?? 0
  for (const step of path) {
    if (!isMap(node) && !(node && typeof node === 'object' && 'items' in node)) break
    const items = (node as { items: unknown[] }).items
    const item = isMap(node)
      ? node.items.find(pair => isScalar(pair.key) && pair.key.value === step)
      : items[Number(step)]
    if (item === undefined) break
    const anchor = isPair(item) ? item.key : item
    offset = (anchor as Node).range?.[0] ?? offset
    node = isPair(item) ? item.value : item
  }
  return offset
}
