/** Makes and removes the kernel's side of networks: bridges, dummy parents, their addresses and firewall entries. */
import { EngineError } from '../../../protocol/errors.ts'
import { UndoStack } from '../../../vocabulary/undo-stack.ts'
import type { NetworkDeps } from './network-deps.ts'
import { addressPlan, firewallPlan, linkPlan, removeNetworkPlan, surveyPlan } from './plan/network-plan.ts'
import type { NetworkRecord } from './network-records.ts'
import { firewallPorts, type NetworkStore } from './network-store.ts'
import { addressesOf, readSurvey, sweepPlan, type Survey } from './recovery.ts'

type Deps = Pick<NetworkDeps, 'launcher' | 'randomHex' | 'report'>

export async function survey(deps: Deps): Promise<Survey> {
  return readSurvey(await deps.launcher.ask(surveyPlan()))
}

/** Makes the network's link, unless the kernel has it, and gives the network its index. */
export async function ensureLink(network: NetworkRecord, before: Survey, deps: Deps): Promise<Survey> {
  if (network.link === undefined) return before
  let now = before
  if (network.ownsLink === true && linkNamed(now, network.link) === undefined) {
    await deps.launcher.run(linkPlan(network, deps.randomHex(4)))
    now = await survey(deps)
  }
  const link = linkNamed(now, network.link)
  if (link !== undefined) network.linkIndex = link.index
  return now
}

function linkNamed(survey: Survey, name: string): Survey['links'][number] | undefined {
  return survey.links.find((link) => link.name === name)
}

/** Makes a new network in the kernel; nothing of it is left when this rejects. */
export async function raiseNetwork(network: NetworkRecord, before: Survey, deps: Deps): Promise<void> {
  if (network.ownsLink === true && linkNamed(before, network.link!) !== undefined) {
    const message = `cannot create network ${network.name}: interface ${network.link} exists; choose another name`
    throw new EngineError('conflict', message)
  }
  const undo = new UndoStack()
  try {
    undo.push('its link and its firewall', () => lowerNetwork(network, deps))
    await raise(network, before, deps)
  } catch (error) {
    for (const failure of await undo.unwind()) deps.report(`the undoing of network ${network.name}`, failure)
    throw error
  }
}

async function raise(network: NetworkRecord, before: Survey, deps: Deps): Promise<void> {
  await ensureLink(network, before, deps)
  if (network.linkIndex === undefined) {
    const message = `requested parent interface ${network.link} was not found on the Docker host`
    throw new EngineError('invalid', `failed to create the ${network.driver} port: ${message}`)
  }
  if (network.driver === 'bridge') await deps.launcher.run(addressPlan(network, []))
}

export async function lowerNetwork(network: NetworkRecord, deps: Deps): Promise<void> {
  const plan = removeNetworkPlan(network)
  if (plan.steps.length > 0) await deps.launcher.run(plan)
}

export interface RecoveryInput {
  store: NetworkStore
  survey: Survey
  netnsDir: string
  /** The names of the namespaces in `netnsDir`. */
  netnsNames: readonly string[]
  poolLinks: readonly string[]
  poolPaths: readonly string[]
}

/** Removes links and namespaces that no record has, and gives those of the records their addresses and the firewall. */
export async function reconcile(input: RecoveryInput, deps: Deps): Promise<void> {
  const { store } = input
  const networks = [...store.networks.values()]
  const sandboxes = [...store.sandboxes.values()]
  const present = input.netnsNames.map((name) => `${input.netnsDir}/${name}`)
  const sweep = sweepPlan(input.survey, present, {
    networks,
    sandboxes,
    hostLinks: input.poolLinks,
    netnsPaths: input.poolPaths,
  })
  if (sweep.steps.length > 0) await deps.launcher.run(sweep)
  await deps.launcher.run(firewallPlan(networks, sandboxes.flatMap(firewallPorts)))
  let now = input.survey
  for (const network of networks) {
    now = await ensureLink(network, now, deps)
    if (network.driver !== 'bridge') continue
    await deps.launcher.run(addressPlan(network, addressesOf(now, linkNamed(now, network.link!))))
  }
}
