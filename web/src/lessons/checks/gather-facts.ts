/** Fetches what checks need, and no more: the engine's objects that they name, and one process for all that the guest knows. */
import { ifKnown } from '../../../../guest/protocol/errors.ts'
import type { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import { conditionsOf, type Check, type Condition, type Subject, type Thing } from '../format/check.ts'
import { probeContainer } from './container-probes.ts'
import { containerThings, imageThingsOf, networkThings, volumeThings } from './engine-facts.ts'
import { isListed, probeKey, type Facts } from './facts.ts'
import { guestProbe } from './guest-probes.ts'
import { askGuest } from './guest-questions.ts'
import type { LessonGuest } from './lesson-guest.ts'
import { processQuestions, processThings } from './process-things.ts'

/** The last line that was typed into a shell of a terminal. */
export interface TypedLine {
  terminal: string
  line: string
  /** Its exit status; undefined while it runs. */
  status: number | undefined
}

/** @param typed the last line of each terminal. Rejects with EngineError when the machine cannot be asked. */
export async function gatherFacts(
  guest: LessonGuest,
  checks: readonly Check[],
  typed: readonly TypedLine[],
): Promise<Facts> {
  const conditions = checks.flatMap(conditionsOf)
  const about = (kind: Subject): Condition[] => conditions.filter((condition) => condition.kind === kind)
  const container = await containerThings(guest.api, about('container'))
  const image = await imageThingsOf(guest.api, about('image'))
  const network = await networkThings(guest.api, about('network'))
  const volume = await volumeThings(guest.api, about('volume'))
  const inContainers = await probeContainers(guest, conditions)
  const { process, probes } = await askTheGuest(guest, conditions, about('process'))
  return {
    things: { container, image, network, volume, process, typed: typed.map((line) => ({ ...line })) },
    probes: new Map([...inContainers, ...probes]),
  }
}

const isInContainer = ({ query }: Condition): boolean => query.in !== undefined

/** Conditions about one certain thing, those that ask the same one time. */
function probed(conditions: readonly Condition[]): [key: string, condition: Condition][] {
  const single = conditions.filter(({ kind }) => !isListed(kind))
  return [...new Map(single.map((condition) => [probeKey(condition), condition]))]
}

async function probeContainers(
  guest: LessonGuest,
  conditions: readonly Condition[],
): Promise<Map<string, Thing>> {
  const probes = new Map<string, Thing>()
  for (const [key, condition] of probed(conditions.filter(isInContainer))) {
    const thing = await probeContainer(guest, condition)
    if (thing !== undefined) probes.set(key, thing)
  }
  return probes
}

/** All that the guest knows, in one process. */
async function askTheGuest(
  guest: LessonGuest,
  conditions: readonly Condition[],
  ofProcesses: readonly Condition[],
): Promise<{ process: Thing[]; probes: Map<string, Thing> }> {
  const cgroups = await containerCgroups(guest.api, conditions)
  const singles = probed(conditions.filter((condition) => !isInContainer(condition))).map(
    ([key, condition]) => ({ key, probe: guestProbe(condition, cgroups) }),
  )
  const listing = processQuestions(ofProcesses)
  const questions = [...listing, ...singles.map(({ probe }) => probe.question)]
  const { asker, answers } = await askGuest(guest, questions)
  const probes = new Map<string, Thing>()
  singles.forEach(({ key, probe }, at) => {
    const thing = probe.read(answers[listing.length + at]!)
    if (thing !== undefined) probes.set(key, thing)
  })
  const said = Object.fromEntries(listing.map(({ about }, at) => [about, answers[at]!.output]))
  return { process: processThings(said, asker, await containerNames(guest.api, ofProcesses)), probes }
}

/** Paths below /sys/fs/cgroup of the containers that conditions name. */
async function containerCgroups(
  api: EngineApi,
  conditions: readonly Condition[],
): Promise<Map<string, string>> {
  const names = new Set(
    conditions.flatMap(({ kind, query }) => (kind === 'cgroup' ? (query.container ?? []) : [])),
  )
  const paths = new Map<string, string>()
  for (const name of names) {
    const inspected = await ifKnown(api.json('GET', `/containers/${encodeURIComponent(name)}/json`))
    if (inspected !== undefined) paths.set(name, `docker/${inspected.Id}`)
  }
  return paths
}

/** Names by id, when a condition asks for a process's container. */
async function containerNames(
  api: EngineApi,
  conditions: readonly Condition[],
): Promise<Map<string, string>> {
  if (!conditions.some(({ fields }) => fields.some(([field]) => field === 'container'))) return new Map()
  const summaries = await api.json('GET', '/containers/json', { query: { all: true } })
  return new Map(summaries.map(({ Id, Names }) => [Id, (Names[0] ?? '').replace(/^\//, '')]))
}
