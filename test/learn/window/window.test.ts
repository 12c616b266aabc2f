import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Window } from '../../../src/learn/window/window.js'

const CAPACITY = 4

/** The same window as plain arrays. */
interface Model {
  startTime: number
  startState: number
  observations: { gap: number; value: number }[]
}

const timesOf = ({ startTime, observations }: Model) => {
  let t = startTime
  return observations.map(({ gap }) => (t += gap))
}

function expectSame(window: Window, model: Model): void {
  expect(window.length).toBe(model.observations.length)
  expect(window.full).toBe(model.observations.length === CAPACITY)
  expect(window.startTime).toBe(model.startTime)
  expect(window.startState[0]).toBe(model.startState)
  expect(model.observations.map((_, i) => window.time(i))).toEqual(timesOf(model))
  expect(model.observations.map((_, i) => window.observed(i)[0])).toEqual(model.observations.map(o => o.value))
}

type Command = fc.Command<Model, Window>

class Append implements Command {
  constructor(
    readonly gap: number,
    readonly value: number,
  ) {}
  check = (model: Model) => model.observations.length < CAPACITY
  run(model: Model, window: Window) {
    window.append(this.gap)[0] = this.value
    model.observations.push({ gap: this.gap, value: this.value })
    expectSame(window, model)
  }
  toString = () => `append(${this.gap}) = ${this.value}`
}

class Insert implements Command {
  constructor(
    readonly place: number,
    readonly before: number,
    readonly after: number,
    readonly value: number,
  ) {}
  check = (model: Model) => model.observations.length < CAPACITY
  run(model: Model, window: Window) {
    const index = this.place % (model.observations.length + 1)
    window.insert(index, this.before, this.after)[0] = this.value
    model.observations.splice(index, 0, { gap: this.before, value: this.value })
    const next = model.observations[index + 1]
    if (next) next.gap = this.after
    expectSame(window, model)
  }
  toString = () => `insert(${this.place}, ${this.before}, ${this.after}) = ${this.value}`
}

class Remove implements Command {
  constructor(
    readonly place: number,
    readonly gap: number,
  ) {}
  check = (model: Model) => model.observations.length > 0
  run(model: Model, window: Window) {
    const index = this.place % model.observations.length
    window.remove(index, this.gap)
    model.observations.splice(index, 1)
    const next = model.observations[index]
    if (next) next.gap = this.gap
    expectSame(window, model)
  }
  toString = () => `remove(${this.place}, ${this.gap})`
}

class Slide implements Command {
  constructor(
    readonly state: number,
    readonly moveOrigin: boolean,
  ) {}
  check = (model: Model) => model.observations.length > 0
  run(model: Model, window: Window) {
    window.slide(Float64Array.of(this.state), this.moveOrigin)
    if (this.moveOrigin) model.startTime = timesOf(model)[0]!
    model.startState = this.state
    model.observations.shift()
    expectSame(window, model)
  }
  toString = () => `slide(${this.state}, ${this.moveOrigin})`
}

class Restart implements Command {
  constructor(readonly startTime: number) {}
  check = () => true
  run(model: Model, window: Window) {
    window.restart(this.startTime)
    model.startTime = this.startTime
    model.observations.length = 0
    expectSame(window, model)
  }
  toString = () => `restart(${this.startTime})`
}

describe('the window', () => {
  it('is an array whose oldest entries are dropped', () => {
    const gap = fc.integer({ min: 0, max: 1e6 }).map(n => n / 1000)
    const value = fc.double({ noNaN: true })
    const commands = [
      fc.tuple(gap, value).map(([g, v]) => new Append(g, v)),
      fc.tuple(gap, value).map(([g, v]) => new Append(g, v)),
      fc.tuple(value, fc.boolean()).map(([state, move]) => new Slide(state, move)),
      fc.tuple(fc.nat(9), gap, gap, value).map(([place, before, after, v]) => new Insert(place, before, after, v)),
      fc.tuple(fc.nat(9), gap).map(([place, across]) => new Remove(place, across)),
      gap.map(t => new Restart(t)),
    ]
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), program => {
        const setup = () => {
          return { real: new Window(CAPACITY, 1, 1), model: { startTime: 0, startState: 0, observations: [] } }
        }
        fc.modelRun(setup, program)
      }),
      { numRuns: 300 },
    )
  })

  it('does not depend on how far the clock is from its origin, unless the field does', () => {
    const window = new Window(2, 1, 1)
    for (let n = 0; n < 1000; n++) {
      window.append(0.1)
      if (window.full) window.slide(new Float64Array(1), false)
    }
    expect([window.startTime, window.time(0)]).toEqual([0, 0.1])
  })

  it('copies the start state, and hands out the arrays it keeps', () => {
    const window = new Window(2, 2, 1)
    window.append(1)[0] = 7
    const state = Float64Array.of(1, 2)
    const kept = window.observed(0)
    window.append(1)
    window.slide(state, false)
    state[0] = 9
    expect(Array.from(window.startState)).toEqual([1, 2])
    expect(window.append(1)).toBe(kept)
  })
})
