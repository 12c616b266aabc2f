/**
 * Compiles AssemblyScript to WebAssembly and writes it, as base64, into a TypeScript module: nothing is read from files at run time,
 * bundlers need no loader, and users need no compiler. Does nothing when the module is newer than its source (its hash is in it).
 *
 * usage: node .config/build-kernel.mjs [kernel|bench …]
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = new URL('..', import.meta.url).pathname
const TARGETS = {
  kernel: { source: 'src/kernel/assembly', output: 'src/kernel/generated/kernel-binary.ts', name: 'KERNEL_BINARY' },
  bench: { source: 'test/bench/assembly', output: 'test/bench/generated/probe-binary.ts', name: 'PROBE_BINARY' },
}
/** The memory is the host's: shared, so that its views stay valid when it grows (ARCHITECTURE.md). */
const OPTIONS = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536', '--memoryBase', '1024'],
]

for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['kernel']) await build(name, TARGETS[name])

async function build(target, { source, output, name }) {
  const folder = join(ROOT, source)
  const files = readdirSync(folder)
    .filter(file => file.endsWith('.ts'))
    .sort()
  const hash = createHash('sha256').update(OPTIONS.join(' '))
  for (const file of files) hash.update(file).update(readFileSync(join(folder, file)))
  const stamp = `// ${target} ${hash.digest('hex').slice(0, 32)}`
  if (existing(join(ROOT, output)).startsWith(stamp)) return
  const binary = await compile(join(source, 'index.ts'))
  const text = Buffer.from(binary).toString('base64')
  mkdirSync(dirname(join(ROOT, output)), { recursive: true })
  writeFileSync(
    join(ROOT, output),
    `${stamp}\n/** ${source}, compiled: base64 of a WebAssembly module. */\nexport const ${name} =\n  '${text}'\n`,
  )
  console.error(`${source}: ${binary.length} bytes of WebAssembly`)
}

function existing(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function compile(entry) {
  const { default: asc } = await import('assemblyscript/asc')
  let binary
  const { error, stderr } = await asc.main([entry, '--baseDir', ROOT, '--outFile', 'out.wasm', ...OPTIONS], {
    writeFile: (file, contents) => {
      if (file.endsWith('out.wasm')) binary = contents
    },
  })
  const said = stderr.toString()
  if (error || !binary) throw new Error(`${entry} does not compile: ${error?.message}\n${said}`)
  if (said) console.error(said)
  return binary
}
