/** A container's OCI runtime configuration, with what has to be looked up for it. */
import type { OciSpec } from '../../oci/spec.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { generateSpec } from './generate-spec.ts'
import type { SpecInput } from './spec-input.ts'
import { blockDevices, joinedContainer, namespaceFile, shmSource, specDevices } from './spec-lookups.ts'

export function etcFiles(context: EngineContext, id: string): SpecInput['etc'] {
  const directory = context.containers.directory(id)
  return {
    hostname: `${directory}/hostname`,
    hosts: `${directory}/hosts`,
    resolvConf: `${directory}/resolv.conf`,
  }
}

export async function specInput(
  context: EngineContext,
  record: ContainerRecord,
  netnsPath: string | undefined,
): Promise<SpecInput> {
  const { hostConfig } = record
  const ipc = joinedContainer(context, hostConfig.IpcMode, 'IPC')
  const pid = joinedContainer(context, hostConfig.PidMode, 'PID')
  const shm = shmSource(context, record)
  return {
    record,
    ...(netnsPath !== undefined && { netnsPath }),
    etc: etcFiles(context, record.id),
    join: { ...(ipc && { ipc: namespaceFile(ipc, 'ipc') }), ...(pid && { pid: namespaceFile(pid, 'pid') }) },
    ...(shm !== undefined && { shmSource: shm }),
    devices: await specDevices(context, record),
    blockDevices: await blockDevices(context, hostConfig),
    capabilities: context.facts.capabilities,
    initBinary: context.paths.launcher,
    linkVariables: [],
  }
}

/** Of a running container; made again from its record when the engine was restarted since its start. */
export async function specOf(context: EngineContext, container: Container): Promise<OciSpec> {
  const host = container.record.hostConfig.NetworkMode === 'host'
  const netns = host ? undefined : `/proc/${container.record.state.pid}/ns/net`
  container.spec ??= generateSpec(await specInput(context, container.record, netns))
  return container.spec
}
