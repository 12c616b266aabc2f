import { describe, expect, it } from 'vitest'
import { bridgeNode } from '../../src/tensor/bridge-node.js'

describe('the bridge to newer versions of Node', () => {
  it('gives back what tfjs-node calls and Node has removed', () => {
    const util: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean } = {}
    bridgeNode(util)
    expect([null, undefined, 0, ''].map(value => util.isNullOrUndefined!(value))).toEqual([true, true, false, false])
    expect([[], {}].map(value => util.isArray!(value))).toEqual([true, false])
  })

  it('leaves alone what is there', () => {
    const own = () => true
    const util = { isNullOrUndefined: own, isArray: own }
    bridgeNode(util)
    expect(util).toEqual({ isNullOrUndefined: own, isArray: own })
  })
})
