import {
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { gunzip } from '../../../streams/feeds/bytes/gunzip.js'
import { linesOf } from '../../../streams/feeds/bytes/lines.js'
import { refuseForeignLink } from '../../../streams/files/foreign-link.js'
import { contraflow } from '../../support/cli.js'
import { temporaryDirectory } from '../../support/temporary.js'

const own = process.getuid!()
const SOMEBODY = 12_345
const log = Array.from({ length: 60 }, (_, i) => `{"t":${i},"y":[${Math.sin(i)}]}\n`).join('')

describe('a symbolic link where output should go', () => {
  it('S14: of another user is refused; one of our own is followed; what is not there may be made', async () => {
    const folder = temporaryDirectory()
    const [file, link] = [join(folder, 'file'), join(folder, 'link')]
    writeFileSync(file, '')
    symlinkSync(file, link)
    await refuseForeignLink(file)
    await refuseForeignLink(link)
    await refuseForeignLink(join(folder, 'nothing'))
    // Only root can give a link away; anybody else looks at it with the eyes of another.
    if (own === 0) lchownSync(link, SOMEBODY, SOMEBODY)
    await expect(refuseForeignLink(link, own === 0 ? 0 : own + 1)).rejects.toThrow(
      /symbolic link that belongs to another/,
    )
  })

  it.runIf(own === 0)('S14: of another user ends the run before anything is written through it', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(join(cwd, 'log.ndjson'), log)
    for (const [name, config] of Object.entries({
      estimates: { sinks: [{ kind: 'ndjson', path: 'estimates' }] },
      state: { checkpoint: { directory: 'state' } },
    })) {
      mkdirSync(join(cwd, `${name}-target`))
      symlinkSync(name === 'state' ? `${name}-target` : `${name}-target/file`, join(cwd, name))
      lchownSync(join(cwd, name), SOMEBODY, SOMEBODY)
      writeFileSync(join(cwd, 'p.yaml'), JSON.stringify(config))
      const { code, stderr } = await contraflow(['replay', 'log.ndjson', '-c', 'p.yaml'], { cwd })
      expect([name, code, stderr]).toEqual([
        name,
        1,
        expect.stringContaining('symbolic link that belongs to another user'),
      ])
      expect(readdirSync(join(cwd, `${name}-target`))).toEqual([])
    }
  })
})

describe('files of a run', () => {
  it('S14: that hold what was received or learned are for their owner only', async () => {
    const cwd = temporaryDirectory()
    const config = {
      source: { kind: 'stdin' },
      sinks: [{ kind: 'ndjson', path: 'estimates.ndjson' }],
      deadLetters: { path: 'letters.ndjson' },
      record: { directory: 'recording', rotate: 500 },
      checkpoint: { directory: 'state' },
    }
    writeFileSync(join(cwd, 'contraflow.yaml'), JSON.stringify(config))
    const { code, stderr } = await contraflow(['run'], { cwd, input: `${log}garbage\n` })
    expect(code, stderr).toBe(0)
    const mode = (path: string) => (statSync(join(cwd, path)).mode & 0o777).toString(8)
    const inside = ['recording', 'state'].flatMap(name => readdirSync(join(cwd, name)).map(file => `${name}/${file}`))
    expect(inside.length).toBeGreaterThan(3)
    expect(inside.filter(path => mode(path) !== '600')).toEqual([])
    expect([mode('recording'), mode('state'), mode('letters.ndjson')]).toEqual(['700', '700', '600'])
    expect(readFileSync(join(cwd, 'letters.ndjson'), 'utf8')).toContain('garbage')
  })
})

describe('a directory of logs', () => {
  it('S14: is read without links, devices and directories in it', async () => {
    const cwd = temporaryDirectory()
    mkdirSync(join(cwd, 'logs/a.ndjson'), { recursive: true })
    writeFileSync(join(cwd, 'logs/b.ndjson'), log)
    writeFileSync(join(cwd, 'secret'), 'canary\n')
    symlinkSync('../secret', join(cwd, 'logs/c.ndjson'))
    symlinkSync('/dev/zero', join(cwd, 'logs/d.ndjson'))
    expect(lstatSync(join(cwd, 'logs/c.ndjson')).isSymbolicLink()).toBe(true)
    const { code, stdout, stderr } = await contraflow(['replay', 'logs'], { cwd })
    expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 60])
    expect(stdout + stderr).not.toContain('canary')
  })
})

describe('a gzip that is a bomb', () => {
  it('S14: of 256 MiB in 256 KiB is unzipped piece by piece, and takes no memory', async () => {
    const bomb = await zipped(256)
    expect(bomb.length).toBeLessThan(1 << 19)
    const before = process.memoryUsage().arrayBuffers
    let [longest, lines, held] = [0, 0, 0]
    async function* chunks() {
      yield bomb
    }
    for await (const batch of linesOf(gunzip(chunks()), { maxLine: 1 << 16 })) {
      held = Math.max(held, process.memoryUsage().arrayBuffers - before)
      for (const { text } of batch) {
        lines++
        longest = Math.max(longest, text.length)
      }
    }
    expect([lines, longest <= 1 << 16]).toEqual([1, true])
    // One step of it, and as much again that the collector has not seen yet.
    expect(held).toBeLessThan(100 << 20)
  })
})

/** So many MiB of zeros without a line end, zipped. */
async function zipped(mebibytes: number): Promise<Buffer> {
  const gzip = createGzip()
  const parts: Buffer[] = []
  gzip.on('data', part => parts.push(part))
  const zeros = Buffer.alloc(1 << 20, '0')
  for (let i = 0; i < mebibytes; i++) if (!gzip.write(zeros)) await new Promise(resolve => gzip.once('drain', resolve))
  await new Promise(resolve => gzip.end(() => gzip.once('end', resolve).resume()))
  return Buffer.concat(parts)
}
