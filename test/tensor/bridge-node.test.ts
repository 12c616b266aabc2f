import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { bridgeNode } from '../../src/tensor/bridge-node.js'
import { ROOT } from '../support/project.js'

describe('the bridge to newer versions of Node', () => {
  it('gives back what tfjs-node calls and Node has removed', () => {
    const util: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean } = {}
    bridgeNode(util)
    expect([null, undefined, 0, ''].map(value => util.isNullOrUndefined!(value))).toEqual([true, true, false, false])
    expect([[], {}].map(value => util.isArray!(value))).toEqual([true, false])
  })

  it('puts what is deprecated in a form that says nothing', () => {
    const warns = () => {
      throw new Error('DeprecationWarning')
    }
    const util = { isNullOrUndefined: warns, isArray: warns as unknown as (value: unknown) => boolean }
    bridgeNode(util)
    expect(util.isArray([])).toBe(true)
  })

  it('reaches who has loaded the module before', async () => {
    const script = `const util = require('util')
      import('${ROOT}dist/src/tensor/bridge-node.js').then(({ bridgeNode }) => {
        bridgeNode()
        console.log(util.isNullOrUndefined(null), util.isArray([]))
      })`
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script])
    expect({ stdout, stderr }).toEqual({ stdout: 'true true\n', stderr: '' })
  })
})
