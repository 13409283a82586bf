/** `POST /containers/create`: validates the request, merges it with the image, resolves its mounts, writes the record. */
import type { Digest, ImageRecord, Platform } from '../../../protocol/api/content.ts'
import type {
  ContainerCreateRequest,
  ContainerCreateResponse,
  EndpointSettings,
  HostConfig,
} from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatTime, ZERO_TIME } from '../../host/clock.ts'
import { Container } from '../state/container.ts'
import type { ContainerRecord, StateRecord } from '../state/container-record.ts'
import { checkedName } from '../state/container-store.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { copyUpVolumes } from '../layer/copy-up.ts'
import { completeHostConfig } from '../config/host-config-defaults.ts'
import { randomId, shortId } from '../state/ids.ts'
import { commandOf, mergeConfig } from '../config/merge-config.ts'
import { legacyLinks } from '../config/legacy-links.ts'
import { beginHoldingLayers, releaseLayers } from '../layer/layer-lease.ts'
import { removeMountedTree } from '../layer/remove-mounted-tree.ts'
import { UndoStack } from '../../../vocabulary/undo-stack.ts'
import { randomName } from '../state/random-name.ts'
import { parseSecurityOptions } from '../config/spec-security.ts'
import { checkImagePlatform, platformWarnings } from '../image/image-platform.ts'
import { mountedImages, mountsRequest, required } from './create-mounts.ts'
import { validateContainerConfig, validateHostConfig } from '../config/validate-config.ts'
import { validateResources } from '../config/validate-resources.ts'

const NAME_ATTEMPTS = 6

export const NEW_STATE: Readonly<StateRecord> = {
  status: 'created',
  pid: 0,
  startTime: 0,
  exitCode: 0,
  error: '',
  startedAt: ZERO_TIME,
  finishedAt: ZERO_TIME,
  oomKilled: false,
}

function chooseName({ containers, random }: EngineContext, wanted: string | undefined, id: string): string {
  if (wanted) return checkedName(wanted)
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    const name = `/${randomName(random, attempt)}`
    if (containers.isNameFree(name)) return name
  }
  return `/${shortId(id)}`
}

/**
 * Finds the container that a mode names; undefined when it does not exist, which only the start refuses (moby
 * daemon/start.go).
 */
function named({ containers }: EngineContext, name: string): Container | undefined {
  try {
    return containers.find(name)
  } catch (thrown) {
    if (EngineError.from(thrown).code === 'not-found') return undefined
    throw thrown
  }
}

/** Replaces names in `container:<name>` modes by ids, so that a rename does not break them. */
function pinSharedNamespaces(context: EngineContext, config: HostConfig): void {
  for (const field of ['NetworkMode', 'IpcMode', 'PidMode'] as const) {
    const other = /^container:(.+)$/.exec(config[field])?.[1]
    if (other !== undefined) config[field] = `container:${named(context, other)?.id ?? other}`
  }
}

/**
 * Refuses a joined namespace whose owner does not exist: SELinux labels are shared with namespaces, so dockerd asks the
 * owner for them at creation (moby daemon/create.go, generateSecurityOpt).
 */
function checkJoinedNamespaces(context: EngineContext, config: HostConfig): void {
  const { IpcMode, PidMode, Privileged, SecurityOpt } = config
  if (SecurityOpt?.some((option) => option.split('=')[0] === 'label')) return
  if (IpcMode === 'host' || PidMode === 'host' || Privileged) return
  for (const mode of [IpcMode, PidMode]) {
    const other = /^container:(.+)$/.exec(mode)?.[1]
    if (other !== undefined) required(context, other)
  }
}

/** The request's endpoints by network. */
function endpointsOf(
  request: ContainerCreateRequest,
  hostConfig: HostConfig,
): Record<string, EndpointSettings> {
  const endpoints: Record<string, EndpointSettings> = {}
  for (const [network, endpoint] of Object.entries(request.NetworkingConfig?.EndpointsConfig ?? {})) {
    if (endpoint === null) {
      throw new EngineError('invalid', `invalid config for network ${network}: EndpointsConfig is nil`)
    }
    endpoints[network === 'default' ? 'bridge' : network] = endpoint
  }
  const main = hostConfig.NetworkMode === 'default' ? 'bridge' : hostConfig.NetworkMode
  // The endpoint is named from the start, so that a network that is connected later comes beside it, not in its place.
  if (Object.keys(endpoints).length === 0 && !main.startsWith('container:')) endpoints[main] = {}
  return endpoints
}

function hostnameFor(context: EngineContext, id: string, hostConfig: HostConfig): string {
  if (hostConfig.UTSMode === 'host' || hostConfig.NetworkMode === 'host') return context.facts.hostname
  const other = /^container:(.+)$/.exec(hostConfig.NetworkMode)?.[1]
  const joined = other === undefined ? undefined : named(context, other)
  return joined?.record.config.Hostname ?? shortId(id)
}

interface Checked {
  hostConfig: HostConfig
  warnings: string[]
}

/** Checks the request by itself, before its image is looked for. */
function check(context: EngineContext, request: ContainerCreateRequest): Checked {
  const hostConfig = completeHostConfig(request.HostConfig ?? {})
  if (request.NetworkDisabled) hostConfig.NetworkMode = 'none'
  validateContainerConfig(request)
  const warnings = validateHostConfig(hostConfig)
  return { hostConfig, warnings: [...warnings, ...validateResources(hostConfig, context.facts)] }
}

function draft(
  context: EngineContext,
  request: ContainerCreateRequest,
  hostConfig: HostConfig,
  image: ImageRecord | undefined,
): ContainerRecord {
  const id = randomId(context.random)
  const endpoints = endpointsOf(request, hostConfig)
  context.networks.validate(endpoints)
  pinSharedNamespaces(context, hostConfig)
  checkJoinedNamespaces(context, hostConfig)
  const config = mergeConfig(request, image?.config.config ?? {}, hostnameFor(context, id, hostConfig))
  parseSecurityOptions(hostConfig.SecurityOpt)
  const layers = (image?.layers ?? []).map(({ diffId }): Digest => diffId).reverse()
  return {
    version: 1,
    id,
    name: '',
    created: formatTime(context.clock.now()),
    ...commandOf(config),
    image: image?.id ?? '',
    layers,
    config,
    hostConfig,
    endpoints,
    mounts: [],
    links: legacyLinks(context, hostConfig),
    state: { ...NEW_STATE },
    restartCount: 0,
    manuallyStopped: false,
  }
}

export interface CreateOptions {
  name?: string
  /** The id of the build of which the container is a step. */
  build?: string
  /** The platform that the image must be made for. */
  platform?: Platform
  /** Read-only binds leave the mounts below their sources writable, as clients before API 1.44 expect. */
  readOnlyNonRecursive?: boolean
}

/** Makes everything that a container has beside its record, the undo of each thing pushed before it is made. */
async function furnish(
  context: EngineContext,
  container: Container,
  undo: UndoStack,
  mounts: { images: ReadonlyMap<string, ImageRecord>; readOnlyNonRecursive: boolean },
): Promise<void> {
  const { record } = container
  const directory = `${context.paths.overlay}/${record.id}`
  undo.push('its name', async () => context.containers.releaseName(record.name, record.id))
  undo.push('its record', () => context.containers.remove(container))
  // Volumes are filled from the image, which is mounted in this directory meanwhile.
  undo.push('its writable layer', () => removeMountedTree(context, directory))
  await context.files.makeDirectory(`${directory}/diff`)
  await context.files.makeDirectory(`${directory}/work`, 0o700)
  const request = mountsRequest(context, record, mounts.images, mounts.readOnlyNonRecursive)
  undo.push('its layers', () => releaseLayers(context, container))
  beginHoldingLayers(context, container)
  undo.push('its volumes', () => context.volumes.release(record.id, true))
  record.mounts = await context.volumes.resolveMounts(request)
  await copyUpVolumes(context, record)
  await context.containers.add(container)
}

/** Creates a container. Nothing is left behind when it fails; when it returns, the container's record is on disk. */
export async function createContainer(
  context: EngineContext,
  request: ContainerCreateRequest,
  { name, build, platform, readOnlyNonRecursive = false }: CreateOptions = {},
): Promise<ContainerCreateResponse> {
  const { hostConfig, warnings } = check(context, request)
  const image = request.Image ? await context.images.find(request.Image) : undefined
  if (image && platform) checkImagePlatform(request.Image!, image, platform)
  else if (image) warnings.push(...platformWarnings(image))
  const images = await mountedImages(context, hostConfig)
  const record = draft(context, request, hostConfig, image)
  if (build !== undefined) record.build = build
  record.name = chooseName(context, name, record.id)
  context.containers.reserveName(record.name, record.id)
  const container = new Container(record)
  const undo = new UndoStack()
  try {
    await furnish(context, container, undo, { images, readOnlyNonRecursive })
  } catch (error) {
    for (const failure of await undo.unwind())
      context.report(`the undoing of the creation of ${record.name}`, failure)
    throw error
  }
  publishContainerEvent(context, container, 'create')
  return { Id: record.id, Warnings: warnings }
}
