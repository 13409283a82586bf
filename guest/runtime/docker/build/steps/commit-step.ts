/** Makes the image of a step. */
import type { ImageRecord, OciImageConfig } from '../../../../protocol/api/content.ts'
import { shortId } from '../../state/ids.ts'
import type { LayerBlob } from '../build-host.ts'
import type { BuildResources } from '../build-options.ts'
import type { Build, StageState } from '../build-state.ts'
import { nopCommand, storedConfig, type RunConfig } from '../run-config.ts'
import { stepKey } from './step-key.ts'

/** The parent's configuration with the changes of the step, as docker's NewChildImage makes it. */
function childConfig(
  state: StageState,
  step: RunConfig,
  layer: LayerBlob | undefined,
  created: string,
): OciImageConfig {
  const parent = state.image?.config
  const author = state.maintainer !== '' && { author: state.maintainer }
  const entry = {
    created,
    created_by: step.Cmd!.join(' '),
    ...author,
    ...(!layer && { empty_layer: true }),
  }
  return {
    created,
    ...author,
    architecture: state.architecture,
    os: state.os,
    config: storedConfig(state.config),
    rootfs: {
      type: 'layers',
      diff_ids: [...(parent?.rootfs.diff_ids ?? []), ...(layer ? [layer.diffId] : [])],
    },
    history: [...(parent?.history ?? []), entry],
  }
}

/**
 * Makes the image of a step from the stage's state.
 * @param step the configuration that the cache will find the image by
 */
export async function commitImage(
  { host }: Build,
  state: StageState,
  step: RunConfig,
  layer: LayerBlob | undefined,
): Promise<void> {
  const config = childConfig(state, step, layer, host.now())
  const layers = [
    ...(state.image?.layers ?? []).map(({ digest }) => digest),
    ...(layer ? [layer.digest] : []),
  ]
  state.image = await host.createImage(config, layers, { parent: state.image?.id ?? '', key: stepKey(step) })
}

/**
 * Looks in the cache for the step's image, and takes it into the state.
 * @returns whether the image is there already
 */
export async function probeCache(build: Build, state: StageState, step: RunConfig): Promise<boolean> {
  const cached: ImageRecord | undefined = await build.cache.probe(state.image, step, state.config)
  if (!cached) return false
  await build.output.stdout(' ---> Using cache\n')
  state.image = cached
  return true
}

function hostConfig(resources: BuildResources) {
  const { networkMode } = resources
  return {
    CgroupParent: resources.cgroupParent,
    CpuShares: resources.cpuShares,
    CpuPeriod: resources.cpuPeriod,
    CpuQuota: resources.cpuQuota,
    CpusetCpus: resources.cpusetCpus,
    CpusetMems: resources.cpusetMems,
    Memory: resources.memory,
    MemorySwap: resources.memorySwap,
    Ulimits: resources.ulimits,
    ShmSize: resources.shmSize,
    NetworkMode: networkMode === '' || networkMode === 'default' ? 'bridge' : networkMode,
    ExtraHosts: resources.extraHosts,
    // The output is the build's alone, so no log of it is kept.
    LogConfig: { Type: 'none', Config: {} },
  }
}

/** @returns the container's id */
export async function createStepContainer(
  build: Build,
  state: StageState,
  config: RunConfig,
  binds: string[] = [],
): Promise<string> {
  const { id, warnings } = await build.host.create({
    ...config,
    Image: state.image?.id ?? '',
    HostConfig: { ...hostConfig(build.options.resources), ...(binds.length > 0 && { Binds: binds }) },
  })
  build.containers.add(id)
  for (const warning of warnings) await build.output.stdout(` ---> [Warning] ${warning}\n`)
  await build.output.stdout(` ---> Running in ${shortId(id)}\n`)
  return id
}

/** Commits a step that changes the configuration alone; its container is never started. */
export async function commitConfig(build: Build, state: StageState, comment: string): Promise<void> {
  const step = { ...state.config, Cmd: nopCommand(state.config, comment) }
  if (await probeCache(build, state, step)) return
  await createStepContainer(build, state, step)
  await commitImage(build, state, step, undefined)
}

export async function removeStepContainers({ host, output, containers }: Build): Promise<void> {
  for (const id of containers) {
    await host.remove(id)
    containers.delete(id)
    await output.stdout(` ---> Removed intermediate container ${shortId(id)}\n`)
  }
}
