/** The layers of the project: imports only go down. Checked by `npm run layers` and by the tests. */

/** From the bottom up; a layer may import itself and what stands before it. */
const LAYERS = ['words', 'kernel', 'field', 'ode', 'adjoint', 'learn', 'operators', 'streams', 'cli']

const WORDS = '^src/[^/]+\\.ts$'
const pathOf = layer => (layer === 'words' ? WORDS : layer === 'streams' ? '^streams/' : `^src/${layer}/`)

/** Where sockets, files, clocks and other people's code may be. */
const WORLD = ['^streams/', '^src/cli/']

const upward = LAYERS.slice(0, -1).map((layer, i) => ({
  name: `${layer}-imports-only-down`,
  severity: 'error',
  from: { path: pathOf(layer), pathNot: '^src/index\\.ts$' },
  to: { path: LAYERS.slice(i + 1).map(pathOf) },
}))

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'nobody-imports-the-public-face',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'config-sees-only-words',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^(src|streams)/', pathNot: ['^src/config/', WORDS] },
    },
    {
      name: 'config-serves-the-world',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/config/', ...WORLD] },
      to: { path: '^src/config/' },
    },
    {
      name: 'tensor-stands-beside-field-and-adjoint',
      severity: 'error',
      from: { path: '^src/tensor/' },
      to: { path: ['^src/learn/', '^src/operators/', '^src/config/', '^streams/', '^src/cli/'] },
    },
    {
      name: 'tensor-is-loaded-by-the-world-only',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/tensor/', ...WORLD] },
      to: { path: '^src/tensor/' },
    },
    {
      name: 'tensor-is-loaded-lazily',
      severity: 'error',
      from: { path: WORLD },
      to: { path: '^src/tensor/', dependencyTypesNot: ['type-only', 'dynamic-import'] },
    },
    {
      name: 'engine-has-no-dependencies',
      severity: 'error',
      from: { path: [WORDS, '^src/(kernel|field|ode|adjoint|learn)/'] },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'core'] },
    },
    {
      name: 'no-sockets-files-or-clocks-in-the-engine',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', '^src/tensor/'] },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-unresolved-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/kernel/assembly/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
}
