import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testsById, testTitles } from './support/faults.js'
import { ROOT } from './support/project.js'
import { SECURITY } from './support/security.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifest = JSON.parse(read('package.json'))
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<
    string,
    { version?: string; integrity?: string; hasInstallScript?: boolean; dev?: boolean; optional?: boolean }
  >
}

describe('the security checklist', () => {
  const tests = testsById('S')

  it('has a test for every line, by its id in a title, and no id that is not in it', () => {
    expect(Object.entries(SECURITY).filter(([id]) => !tests.has(id))).toEqual([])
    expect([...tests.keys()].filter(id => !(id in SECURITY))).toEqual([])
  })
})

describe('SECURITY.md', () => {
  const text = read('.github/SECURITY.md')

  it('S19: says how to report, and which versions are supported', () => {
    expect(text).toMatch(/^## Report/m)
    const [major, minor] = manifest.version.split('.')
    expect(text).toContain(`| ${major}.${minor}.x | yes |`)
    expect(read('README.md')).toContain('(.github/SECURITY.md)')
  })

  it('S19: claims only what a test proves, by its title', () => {
    const titles = testTitles()
    const claimed = [...text.matchAll(/`(S\d\d[^`]*: [^`]+)`/g)].map(([, title]) => title!)
    expect(claimed.length).toBeGreaterThan(25)
    expect(claimed.filter(title => !titles.has(title))).toEqual([])
    // Every line of a table has one.
    const rows = text.split('\n').filter(line => /^\| [^|-]/.test(line) && !/^\| (version|claim|who|0\.)/.test(line))
    expect(rows.filter(row => !/`S\d\d/.test(row))).toEqual([])
  })

  it('S19: links to files that are there', () => {
    const links = [...text.matchAll(/\]\((\.\.?\/[^)#]+)/g)].map(([, link]) => join(ROOT, '.github', link!))
    expect(links.filter(path => !existsSync(path))).toEqual([])
  })
})

describe('what this package depends on', () => {
  it('S17: are a few packages of exact versions, each with its checksum', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['commander', 'picocolors', 'rxjs', 'ws', 'yaml', 'zod'])
    for (const group of ['dependencies', 'optionalDependencies', 'devDependencies'])
      for (const version of Object.values(manifest[group])) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    const unchecked = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity)
    expect(unchecked.map(([path]) => path)).toEqual([])
  })

  it('S17: run nothing when they are installed, but for the optional TensorFlow; nor does this package', () => {
    const scripts = Object.entries(lock.packages).filter(
      ([, { hasInstallScript, optional }]) => hasInstallScript && !optional,
    )
    expect(scripts).toEqual([])
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(name)
  })

  it('S32: is a ws without known faults, and without its native helpers', () => {
    const { version } = lock.packages['node_modules/ws']!
    const [major, minor] = version!.split('.').map(Number)
    expect(major! * 1000 + minor!).toBeGreaterThanOrEqual(8021)
    expect(Object.keys(lock.packages).filter(path => /bufferutil|utf-8-validate/.test(path))).toEqual([])
  })
})

describe('the package', () => {
  it('S17: holds what is built, its source and its documents, and nothing else', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }]
    const paths = files.map(({ path }) => path)
    const expected =
      /^(dist\/(src|streams)\/.+\.(js|d\.ts)(\.map)?|(src|streams)\/.+\.(ts|md)|(README|ARCHITECTURE|CHANGELOG)\.md|\.github\/SECURITY\.md|LICENSE|package\.json|src\/kernel\/assembly\/tsconfig\.json)$/
    expect(paths.filter(path => !expected.test(path))).toEqual([])
    for (const path of [
      'package.json',
      'LICENSE',
      '.github/SECURITY.md',
      'dist/src/cli/main.js',
      'dist/streams/index.d.ts',
    ])
      expect(paths).toContain(path)
  })
})
