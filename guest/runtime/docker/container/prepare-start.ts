/**
 * Prepares a start from the container's record to its launch plan: network sandbox, files of /etc, look-ups,
 * configuration.
 */
import type { Sandbox, SandboxRequest } from '../network/network-api.ts'
import type { CompileOptions } from '../../oci/compile-options.ts'
import { compilePlan } from '../../oci/compile-plan.ts'
import type { LaunchPlan } from '../../plan/plan.ts'
import type { OciSpec } from '../../oci/spec.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import { publishVolumeEvents, type EngineContext } from '../state/context.ts'
import { generateSpec } from '../config/generate-spec.ts'
import { cgroupOf } from '../state/cgroup.ts'
import { prepareCgroupParent } from './cgroup-parent.ts'
import { containerLayers } from '../layer/init-layer.ts'
import { logLimit, logPath } from '../stream/log-file.ts'
import { linkedEnvironment } from '../config/legacy-links.ts'
import { etcFiles, specInput } from '../config/container-spec.ts'
import { joinedContainer, namespaceFile, shareableShm } from '../config/spec-lookups.ts'

/** A shim has places for fifteen attachments (shim.h, MAX_CLIENTS). */
const MAX_HELD = 15

export function sandboxRequest(context: EngineContext, record: ContainerRecord): SandboxRequest {
  const { config, hostConfig } = record
  const other = joinedContainer(context, hostConfig.NetworkMode, 'network')
  return {
    containerId: record.id,
    name: record.name.slice(1),
    hostname: config.Hostname,
    domainname: config.Domainname,
    networkMode: hostConfig.NetworkMode,
    endpoints: record.endpoints,
    portBindings: hostConfig.PortBindings ?? {},
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    publishAllPorts: hostConfig.PublishAllPorts,
    dns: hostConfig.Dns ?? [],
    dnsSearch: hostConfig.DnsSearch ?? [],
    dnsOptions: hostConfig.DnsOptions ?? [],
    extraHosts: hostConfig.ExtraHosts ?? [],
    links: (record.links ?? []).map(({ alias, id }) => ({ alias, containerId: id })),
    ...(other && { joinPath: namespaceFile(other, 'net') }),
  }
}

/** Writes the files of /etc in place, never by replacing them, because they are bound into the container. */
async function writeEtc(context: EngineContext, record: ContainerRecord, hosts: string, resolvConf: string) {
  const etc = etcFiles(context, record.id)
  await context.files.write(etc.hostname, `${record.config.Hostname}\n`)
  await context.files.write(etc.hosts, hosts)
  await context.files.write(etc.resolvConf, resolvConf)
}

/** Mounts the shared memory for `--ipc shareable` outside the container, so that another container can bind it. */
async function mountShareableShm(context: EngineContext, record: ContainerRecord): Promise<void> {
  if (record.hostConfig.IpcMode !== 'shareable') return
  const target = shareableShm(context, record.id)
  await context.launcher.run({
    steps: [
      { op: 'mkdir', path: target, mode: 0o700, parents: true },
      {
        op: 'mount',
        source: 'shm',
        target,
        type: 'tmpfs',
        // The flags are MS_NOSUID, MS_NODEV and MS_NOEXEC.
        flags: 2 | 4 | 8,
        data: `mode=1777,size=${record.hostConfig.ShmSize}`,
      },
    ],
  })
}

async function unmountShareableShm(context: EngineContext, record: ContainerRecord): Promise<void> {
  if (record.hostConfig.IpcMode !== 'shareable') return
  const path = shareableShm(context, record.id)
  await context.launcher.run({ steps: [{ op: 'umount', path, flags: 2, tolerate: 'any' }] })
}

/** Pushes the undo of everything that a start sets up outside its plan. Both undos may run when there is nothing to undo. */
export function pushStartUndo(context: EngineContext, container: Container): void {
  if (!container.undo.isEmpty) return
  container.undo.push('the network sandbox', () =>
    context.networks.tearDown(container.id, container.cleanedUp),
  )
  container.undo.push('the shared memory', () => unmountShareableShm(context, container.record))
}

function compileOptions(context: EngineContext, container: Container, sandbox: Sandbox): CompileOptions {
  const { record } = container
  const { paths } = context
  const [rows, columns] = record.hostConfig.ConsoleSize
  const log = record.hostConfig.LogConfig.Type === 'none' ? {} : { logPath: logPath(context, record.id) }
  return {
    id: record.id,
    root: {
      overlay: {
        lower: containerLayers(paths, record.layers),
        upper: `${paths.overlay}/${record.id}/diff`,
        work: `${paths.overlay}/${record.id}/work`,
      },
    },
    cgroupPath: cgroupOf(context, container),
    shimDir: paths.shims,
    ...log,
    logMaxBytes: logLimit(record.hostConfig.LogConfig),
    stdin: record.config.OpenStdin,
    stdinOnce: record.config.StdinOnce,
    holdOutput: Math.min(container.pending.size, MAX_HELD),
    dnsListener: record.hostConfig.NetworkMode !== 'host' && record.hostConfig.NetworkMode !== 'none',
    createCwd: true,
    bundle: context.containers.directory(record.id),
    setUp: sandbox.setUp,
    tearDown: sandbox.tearDown,
    ...(rows > 0 && { consoleSize: { rows, columns } }),
  }
}

export interface PreparedStart {
  spec: OciSpec
  plan: LaunchPlan
  /** The number of steps at the plan's beginning that set up the network. */
  networkSteps: number
}

/**
 * Makes everything that the plan needs. On failure the caller unwinds the container's undo stack, which holds all undos
 * from the beginning.
 */
export async function prepareStart(context: EngineContext, container: Container): Promise<PreparedStart> {
  const { record } = container
  pushStartUndo(context, container)
  container.cleanedUp = false
  await prepareCgroupParent(context, container)
  const sandbox = await context.networks.setUp(sandboxRequest(context, record))
  await writeEtc(context, record, sandbox.hosts, sandbox.resolvConf)
  await mountShareableShm(context, record)
  const input = await specInput(context, record, sandbox.netnsPath)
  const spec = generateSpec({ ...input, linkVariables: linkedEnvironment(context, record) })
  publishVolumeEvents(context, container, 'mount')
  const plan = compilePlan(spec, compileOptions(context, container, sandbox))
  return { spec, plan, networkSteps: sandbox.setUp.length }
}
