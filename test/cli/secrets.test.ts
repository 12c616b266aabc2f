import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { contraflow, startContraflow } from '../support/cli.js'
import { startServer } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

/** Every secret has it in its name, wherever it is kept. */
const CANARY = 'canary-5d1c77e0'
const TOKEN = `${CANARY}-of-subscribers`

/** All bytes of all files in a directory, except those that hold the secrets for us. */
function everythingIn(folder: string, except: readonly string[]): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => !except.includes(name))
  const files = names.map(name => join(folder, name)).filter(path => statSync(path).isFile())
  return names.join('\n') + files.map(path => readFileSync(path, 'latin1')).join('\n')
}

describe('secrets of a pipeline', () => {
  it('S13: stand in nothing that a run prints, writes, stores, records or serves, nor in what other commands say of it', async () => {
    const cwd = temporaryDirectory()
    process.env.CANARY_OF_ENVIRONMENT = `${CANARY}-of-environment`
    process.env.CANARY_TOKEN = TOKEN
    onTestFinished(() => {
      delete process.env.CANARY_OF_ENVIRONMENT
      delete process.env.CANARY_TOKEN
    })
    writeFileSync(join(cwd, 'secret'), `${CANARY}-of-file\n`)
    const heard: string[] = []
    const { url } = await startServer((socket, number) => {
      socket.on('message', data => {
        heard.push(String(data))
        for (let i = 0; i < 60; i++) socket.send(`{"t":${i + 100 * number},"y":[${Math.sin(i)}]}`)
        socket.send('garbage')
        socket.close(number === 1 ? 1008 : 1000, `no ${CANARY}-of-environment`)
      })
    })
    const source = {
      kind: 'websocket',
      url: `${url}/?key=\${env:CANARY_OF_ENVIRONMENT}`,
      headers: { Authorization: `Bearer ${CANARY}-literally` },
      subscribe: [{ password: `\${file:secret}`, token: `${CANARY}-literally` }],
    }
    const config = {
      source,
      sinks: [
        { kind: 'ndjson', path: 'out.ndjson' },
        { kind: 'websocket', port: 0, token: { env: 'CANARY_TOKEN' } },
      ],
      deadLetters: { path: 'letters.ndjson' },
      record: { directory: 'recording' },
      checkpoint: { directory: 'state' },
    }
    writeFileSync(join(cwd, 'contraflow.yaml'), JSON.stringify(config))
    const run = startContraflow(['run'], { cwd })
    await run.says('stderr', /estimates on \S+/)
    const port = new URL(/estimates on (\S+)/.exec(run.stderr)![1]!).port
    await run.says('stderr', /closed with 1008[\s\S]*connected/)
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
    const counts = async () => (JSON.parse(await metrics()) as { pipeline: { received: number } }).pipeline
    while ((await counts()).received < 122) await new Promise(resolve => setImmediate(resolve))
    const served = await metrics()
    run.process.kill('SIGTERM')
    const { code, stdout, stderr } = await run.finished
    expect(code, stderr).toBe(0)
    // They were used: the server got them.
    expect(heard[0]).toBe(JSON.stringify({ password: `${CANARY}-of-file`, token: `${CANARY}-literally` }))
    expect(stderr).toContain('no [secret]')

    const answers = await Promise.all([
      contraflow(['check'], { cwd }),
      contraflow(['inspect', 'state', '--json'], { cwd }),
      contraflow(['verify', 'recording', 'state'], { cwd }),
      contraflow(['replay', 'recording', '-c', 'contraflow.yaml', '-o', 'again.ndjson'], { cwd }),
    ])
    expect(answers.map(answer => answer.code)).toEqual([0, 0, 0, 0])
    const said = [stdout, stderr, served, ...answers.flatMap(answer => [answer.stdout, answer.stderr])].join('\n')
    const written = everythingIn(cwd, ['contraflow.yaml', 'secret'])
    expect(written.length).toBeGreaterThan(20_000)
    expect(said + written).not.toContain(CANARY)
    expect(said + written).not.toContain(Buffer.from(TOKEN).toString('base64url'))
  })

  it.each([
    ['a token in the place of its name', { sinks: [{ kind: 'websocket', port: 1, token: CANARY }] }],
    ['a list for a header', { source: { kind: 'websocket', url: 'ws://x', headers: { Authorization: [CANARY] } } }],
    ['a password in a wrong address', { source: { kind: 'websocket', url: `http://u:${CANARY}@x/?token=${CANARY}` } }],
    ['a field that does not exist', { source: { kind: 'stdin', password: CANARY } }],
    [
      'a message that is no JSON',
      `source: { kind: websocket, url: "ws://x", headers: { Authorization: "Bearer ${CANARY} } }`,
    ],
    ['a key twice', `source: { kind: websocket, url: "ws://x" }\nsecret: ${CANARY}\nsecret: ${CANARY}`],
  ])('S13: are not shown by what is wrong with %s', (_, config) => {
    const text = typeof config === 'string' ? config : JSON.stringify(config)
    let said = ''
    try {
      parsePipeline(text, 'p.yaml')
    } catch (error) {
      said = String(error)
    }
    expect(said).toMatch(/CONFIG_(INVALID|UNREADABLE): /)
    expect(said).not.toContain(CANARY)
  })
})
