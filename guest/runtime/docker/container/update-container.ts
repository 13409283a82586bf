/** Updates, renames and resizes a container. */
import { nextState } from '../../../protocol/states/container-states.ts'
import type { ContainerUpdateRequest, Resources } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { cgroupFiles } from '../../oci/process/cgroup-resources.ts'
import { UndoStack } from '../../../vocabulary/undo-stack.ts'
import type { Container } from '../state/container.ts'
import { checkedName } from '../state/container-store.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { defaultResources } from '../config/host-config-defaults.ts'
import { cgroupOf } from '../state/cgroup.ts'
import { etcFiles } from '../config/container-spec.ts'
import { blockDevices } from '../config/spec-lookups.ts'
import { specLimits } from '../config/spec-resources.ts'
import { validateRestartPolicy } from '../config/validate-config.ts'
import { validateResources } from '../config/validate-resources.ts'

/** The limits that the request sets. Zero leaves a limit as it is; for the number of processes it means no limit. */
function changedResources(request: ContainerUpdateRequest): Partial<Resources> {
  const known = Object.keys(defaultResources())
  const changes = Object.entries(request).filter(
    ([key, value]) =>
      known.includes(key) &&
      value !== null &&
      (value !== 0 || key === 'PidsLimit') &&
      value !== '' &&
      value !== undefined,
  )
  return Object.fromEntries(changes.filter(([, value]) => !Array.isArray(value) || value.length > 0))
}

/** Refuses a memory limit above the present swap limit (container_unix.go, UpdateContainer). */
function checkSwap(id: string, current: Resources, changes: Partial<Resources>): void {
  const { Memory: memory = 0, MemorySwap: swap = 0 } = changes
  if (memory > 0 && swap === 0 && current.MemorySwap > 0 && memory > current.MemorySwap)
    throw new EngineError(
      'conflict',
      `Cannot update container ${id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
    )
}

async function apply(
  context: EngineContext,
  container: Container,
  changes: Partial<Resources>,
): Promise<void> {
  const limits = specLimits(
    { ...defaultResources(), ...changes },
    await blockDevices(context, { ...defaultResources(), ...changes }),
  )
  for (const { file, value } of cgroupFiles(limits))
    await context.files.write(`${cgroupOf(context, container)}/${file}`, value)
}

/** Applies limits to a running container; a container that ends in this moment gets them at its next start. */
async function applyUnlessEnded(
  context: EngineContext,
  container: Container,
  changes: Partial<Resources>,
): Promise<void> {
  await container.task?.whileAlive(() => apply(context, container, changes))
}

/**
 * Updates limits and restart policy. The live cgroup changes first, so that a limit that the kernel refuses is not
 * recorded.
 * @param find called once the request is known to make sense
 */
export async function updateContainer(
  context: EngineContext,
  find: () => Container,
  request: ContainerUpdateRequest,
): Promise<string[]> {
  const changes = changedResources(request)
  const warnings = validateResources({ ...defaultResources(), ...changes }, context.facts, true)
  const policy = request.RestartPolicy
  if (policy) validateRestartPolicy(policy)
  const container = find()
  if (policy?.Name && container.record.hostConfig.AutoRemove && policy.Name !== 'no')
    throw new EngineError(
      'conflict',
      `Cannot update container ${container.id}: Restart policy cannot be updated because AutoRemove is enabled for the container`,
    )
  container.checkLeaving('update')
  await container.lock.run(async () => {
    nextState(container.view, 'update')
    const { record } = container
    checkSwap(record.id, record.hostConfig, changes)
    // Memory and swap are written together: in cgroup v2 swap is a limit of its own, derived from both.
    const merged = { ...changes }
    if (merged.MemorySwap !== undefined && merged.Memory === undefined && record.hostConfig.Memory > 0)
      merged.Memory = record.hostConfig.Memory
    if (merged.Memory !== undefined && merged.MemorySwap === undefined && record.hostConfig.MemorySwap !== 0)
      merged.MemorySwap = record.hostConfig.MemorySwap
    try {
      await applyUnlessEnded(context, container, merged)
    } catch (thrown) {
      throw EngineError.wrap(`Cannot update container ${container.id}`, thrown, 'internal')
    }
    record.hostConfig = { ...record.hostConfig, ...changes, ...(policy?.Name && { RestartPolicy: policy }) }
    await context.containers.save(container)
    publishContainerEvent(context, container, 'update')
  })
  return warnings
}

/**
 * Gives the container a new name in memory, and returns the old one. Throws `docker rename`'s sentence for a name that
 * it can't have.
 */
function takeWanted(context: EngineContext, container: Container, wanted: string): string {
  const name = wanted.startsWith('/') ? wanted : `/${wanted}`
  if (name === container.record.name)
    throw new EngineError('invalid', 'Renaming a container with the same name as its current name')
  try {
    return takeName(context, container, checkedName(name))
  } catch (thrown) {
    throw EngineError.wrap('Error when allocating new name', thrown)
  }
}

/** Reserves a name, gives the old one up, and returns the old one. Changes memory alone. */
function takeName({ containers }: EngineContext, { record }: Container, name: string): string {
  const oldName = record.name
  containers.reserveName(name, record.id)
  record.name = name
  containers.releaseName(oldName, record.id)
  return oldName
}

export async function renameContainer(
  context: EngineContext,
  container: Container,
  wanted: string,
): Promise<void> {
  // A container whose removal holds the lock takes the name in memory alone, as its record is about to go.
  if (container.status === 'removing') return void takeWanted(context, container, wanted)
  await container.lock.run(async () => {
    nextState(container.view, 'rename')
    // The container may have been removed while this waited.
    context.containers.find(container.id)
    const { record } = container
    const oldName = takeWanted(context, container, wanted)
    const undo = new UndoStack()
    try {
      undo.push('its name', async () => void takeName(context, container, oldName))
      undo.push('its name in networks', () => context.networks.rename(record.id, oldName.slice(1)))
      await context.networks.rename(record.id, container.plainName)
      await context.containers.save(container)
    } catch (error) {
      for (const failure of await undo.unwind())
        context.report(`the undoing of the renaming of ${oldName}`, failure)
      throw error
    }
    await refreshHosts(context, container)
    publishContainerEvent(context, container, 'rename', { oldName })
  })
}

/**
 * Rewrites the hosts file of a running container after a change of networks or names. Never rejects: the change is
 * made, whatever becomes of the file.
 */
export async function refreshHosts(context: EngineContext, container: Container): Promise<void> {
  const hosts = context.networks.hosts(container.id)
  if (hosts === undefined || !container.task) return
  try {
    await context.files.write(etcFiles(context, container.id).hosts, hosts)
  } catch (error) {
    context.report(`the hosts file of container ${container.id}`, error)
  }
}

/** Rewrites the hosts files of the containers that link to this one, which has started, maybe with another address. */
export async function refreshLinkingHosts(context: EngineContext, id: string): Promise<void> {
  for (const other of context.containers.all())
    if (other.record.links?.some((link) => link.id === id)) await refreshHosts(context, other)
}

export async function resizeContainer(
  container: Container,
  size: { rows: number; columns: number },
): Promise<void> {
  nextState(container.view, 'resize')
  await container.task?.resize(size)
}
