/**
 * Runs scripts of package.json at the same time, shows what each said when it has ended, and fails when one of them did.
 *
 * usage: node .config/at-once.mjs SCRIPT …
 */
import { spawn } from 'node:child_process'

const codes = await Promise.all(process.argv.slice(2).map(run))
process.exitCode = codes.find(code => code !== 0) ?? 0

/** @returns {Promise<number>} The exit code of a script. */
function run(script) {
  return new Promise(resolve => {
    // One string, for a shell: npm is a script of its own kind on every system.
    const child = spawn(`npm run -s ${script}`, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (said += text))
    child.on('error', error => (said += error.message))
    child.on('close', code => {
      console.log(`${script}: ${code === 0 ? 'ok' : 'FAILED'}${said && `\n${said.trimEnd()}`}`)
      resolve(code ?? 1)
    })
  })
}
