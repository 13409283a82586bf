/** Generates a suite: one test for every effect that an action makes, in which that effect fails once. */
import { describe, expect, it } from 'vitest'
import { FaultWorld } from './fault-world.ts'

export interface Action {
  name: string
  /** Effects that the action is known to make, so that the suite cannot become empty unnoticed. */
  effects: readonly string[]
  /** The root of the engine's directories; without it, the guest's. */
  root?: () => string
  /** Prepares what the action needs; nothing fails in it. */
  scene?(world: FaultWorld): Promise<void>
  run(world: FaultWorld): Promise<unknown>
  /** The second try, when it is another action than the first. */
  again?(world: FaultWorld): Promise<unknown>
  /**
   * Runs after the action, and after the second try when there was one.
   * @throws when the outcome is not the wanted one
   */
  check?(world: FaultWorld): Promise<void> | void
}

async function scene({ root, scene }: Action): Promise<FaultWorld> {
  const world = await FaultWorld.make(root?.())
  await scene?.(world)
  await world.quiet()
  return world
}

async function succeed(world: FaultWorld, what: string, action: Promise<unknown>): Promise<void> {
  const { error } = await world.settled(what, action)
  if (error) throw new Error(`${what}: ${error.message}`, { cause: error })
  await world.quiet()
}

async function leavesNothing(world: FaultWorld): Promise<void> {
  await succeed(world, 'the tidying up', world.tidy())
  expect(await world.residue()).toEqual([])
}

/** The effects of the action when none fails. */
async function dryRun(action: Action): Promise<string[]> {
  const world = await scene(action)
  world.faults.watch()
  await succeed(world, action.name, action.run(world))
  world.faults.rest()
  const effects = [...world.faults.made]
  await action.check?.(world)
  await leavesNothing(world)
  return effects
}

async function failOnce(action: Action, number: number, effect: string): Promise<void> {
  const world = await scene(action)
  world.faults.watch(number)
  const { error } = await world.settled(action.name, action.run(world))
  await world.quiet()
  world.faults.rest()
  expect(world.faults.fired).toBe(effect)
  if (error) expect(error.message).not.toBe('')
  expect(world.disagreements()).toEqual([])
  await succeed(world, 'the engine', world.call('GET', '/info'))
  if (error) await succeed(world, 'the next try', (action.again ?? action.run)(world))
  await action.check?.(world)
  await leavesNothing(world)
}

/** Generates the tests of an action. Await it at the top of a test file. */
export async function injectFaults(action: Action): Promise<void> {
  const effects = await dryRun(action)
  describe(action.name, () => {
    it('makes the effects that it is known for', () => {
      for (const known of action.effects)
        expect(
          effects.some((effect) => effect.startsWith(known)),
          known,
        ).toBe(true)
    })
    for (const [number, effect] of effects.entries())
      it(`lets go when ${effect} fails (${number})`, () => failOnce(action, number, effect))
  })
}
