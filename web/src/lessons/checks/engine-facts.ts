/** Asks the engine for the objects that conditions are about, and for no others: each inspection costs the guest work. */
import { ifKnown } from '../../../../guest/protocol/errors.ts'
import type { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import type { Condition, Thing } from '../format/check.ts'
import { containerThing, imageThings, networkThing, volumeThing } from './engine-things.ts'
import { matches } from './evaluate.ts'

/** More than any lesson makes; a machine with more of them is not inspected whole at each event. */
const MAX_INSPECTED = 100

const isThere = <T>(value: T | undefined): value is T => value !== undefined

/** Whether some condition can be about a thing of this name. */
const concerns = (conditions: readonly Condition[], field: string, name: string): boolean =>
  conditions.some(({ fields }) => fields.every(([key, matcher]) => key !== field || matches(matcher, name)))

export async function containerThings(api: EngineApi, conditions: readonly Condition[]): Promise<Thing[]> {
  if (conditions.length === 0) return []
  const summaries = await api.json('GET', '/containers/json', { query: { all: true } })
  const wanted = summaries.filter(({ Names }) =>
    Names.some((name) => concerns(conditions, 'name', name.replace(/^\//, ''))),
  )
  const inspected = await inOrder(wanted, ({ Id }) => api.json('GET', `/containers/${Id}/json`))
  return inspected.map(containerThing)
}

export async function imageThingsOf(api: EngineApi, conditions: readonly Condition[]): Promise<Thing[]> {
  if (conditions.length === 0) return []
  const summaries = await api.json('GET', '/images/json')
  const wanted = summaries.filter(({ RepoTags }) => RepoTags.some((tag) => concerns(conditions, 'tag', tag)))
  const inspected = await inOrder(wanted, ({ Id }) => api.json('GET', `/images/${Id}/json`))
  return inspected.flatMap(imageThings)
}

export async function networkThings(api: EngineApi, conditions: readonly Condition[]): Promise<Thing[]> {
  if (conditions.length === 0) return []
  const networks = await api.json('GET', '/networks')
  const wanted = networks.filter(({ Name }) => concerns(conditions, 'name', Name))
  // Only an inspection tells which containers are connected.
  const inspected = await inOrder(wanted, ({ Id }) => api.json('GET', `/networks/${Id}`))
  return inspected.map(networkThing)
}

export async function volumeThings(api: EngineApi, conditions: readonly Condition[]): Promise<Thing[]> {
  if (conditions.length === 0) return []
  return (await api.json('GET', '/volumes')).Volumes.map(volumeThing)
}

/** One after the other: the engine does one thing at a time. What is removed meanwhile is left out. */
async function inOrder<Summary, Inspected>(
  summaries: readonly Summary[],
  inspect: (summary: Summary) => Promise<Inspected>,
): Promise<Inspected[]> {
  const inspected: (Inspected | undefined)[] = []
  for (const summary of summaries.slice(0, MAX_INSPECTED)) inspected.push(await ifKnown(inspect(summary)))
  return inspected.filter(isThere)
}
