/** A container's OCI runtime configuration, with the look-ups that it needs. */
import type { Digest } from '../../../protocol/api/content.ts'
import type { BindSource } from '../../oci/rootfs/bind-steps.ts'
import type { OciSpec } from '../../oci/spec.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { layerDirectories } from '../layer/layered-root.ts'
import type { ResolvedMount } from '../volume/volume-api.ts'
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

function imageLayers(
  { paths }: EngineContext,
  { imageMounts = {} }: ContainerRecord,
): Record<Digest, string[]> {
  return Object.fromEntries(
    Object.entries(imageMounts).map(([image, layers]) => [image, layerDirectories(paths, layers)]),
  )
}

/** The source that a mount of a container is bound from. */
export function bindSource(
  context: EngineContext,
  record: ContainerRecord,
  { source, subpath, image }: ResolvedMount,
): BindSource {
  return { source, subpath, layers: image && imageLayers(context, record)[image] }
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
    imageLayers: imageLayers(context, record),
    linkVariables: [],
  }
}

/**
 * The configuration of a running container; it is made again from the record when the engine was restarted since the
 * start.
 */
export async function specOf(context: EngineContext, container: Container): Promise<OciSpec> {
  const host = container.record.hostConfig.NetworkMode === 'host'
  const netns = host ? undefined : `/proc/${container.record.state.pid}/ns/net`
  container.spec ??= generateSpec(await specInput(context, container.record, netns))
  return container.spec
}
