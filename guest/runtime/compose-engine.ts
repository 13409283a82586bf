/** The engine's services put together: what main.ts does with real effects and tests do with fakes. */
import type { EngineTransport } from '../protocol/api/engine-transport.ts'
import { engineApiRoutes } from './docker/api/engine-api-routes.ts'
import { inProcessTransport } from './docker/api/in-process-transport.ts'
import { Router } from './docker/api/router.ts'
import type { Clock } from './host/clock.ts'
import type { ContentClient } from './host/channel/content-client.ts'
import type { EnginePaths } from './host/engine-paths.ts'
import type { Files } from './host/files/files.ts'
import type { LauncherClient } from './host/launcher/launcher-api.ts'
import type { VolumesClient } from './host/channel/volumes-client.ts'
import { ImageService } from './docker/image/image-service.ts'
import { RegistryService } from './docker/image/registry-service.ts'
import { ContainerStore } from './docker/state/container-store.ts'
import type { EngineContext } from './docker/state/context.ts'
import { EventBus } from './docker/events/event-bus.ts'
import { ExecStore } from './docker/state/exec-store.ts'
import { releasingFirst, SpareLease } from './docker/state/spare-lease.ts'
import type { HostFacts } from './docker/state/host-facts.ts'
import type { RandomBytes } from './docker/state/ids.ts'
import { initLayerPlan } from './docker/layer/init-layer.ts'
import { recoverContainers } from './docker/container/recover-containers.ts'
import { whileDown } from './docker/container/volume-users.ts'
import { isWritten, watchVolumes, whileStill } from './docker/container/volume-writers.ts'
import { createNetworkService } from './docker/network/network-service.ts'
import type { NetworkDeps } from './docker/network/network-deps.ts'
import { createVolumeService } from './docker/volume/volume-service.ts'

export interface EngineParts {
  paths: EnginePaths
  files: Files
  clock: Clock
  random: RandomBytes
  facts: HostFacts
  launcher: LauncherClient
  content: ContentClient
  /** Where volumes are kept over a reload; absent when there is no page. */
  shelf?: VolumesClient
  forwardDns?: NetworkDeps['forwardDns']
  portProxy: NetworkDeps['proxy']
  /** As NetworkDeps has it: when network namespaces are made ahead of need. */
  whenIdle?: NetworkDeps['whenIdle']
  report(what: string, error: unknown): void
}

export interface Engine {
  context: EngineContext
  images: ImageService
  router: Router
  /** For callers in this process. */
  transport: EngineTransport
  /** Takes over what an engine before this one left; before anything is served. */
  recover(): Promise<void>
}

const hex = (random: RandomBytes) => (count: number) => Buffer.from(random(count)).toString('hex')

function networkService(parts: EngineParts, events: EventBus) {
  return createNetworkService({
    paths: parts.paths,
    launcher: parts.launcher,
    files: parts.files,
    report: parts.report,
    hostId: parts.facts.buildId,
    proxy: parts.portProxy,
    randomHex: hex(parts.random),
    now: () => new Date(Number(parts.clock.now() / 1_000_000n)),
    ...(parts.forwardDns && { forwardDns: parts.forwardDns }),
    ...(parts.whenIdle && { whenIdle: parts.whenIdle }),
    onEvent: ({ action, networkId, networkName, driver, containerId }) =>
      events.publish('network', action, networkId, {
        name: networkName,
        type: driver,
        ...(containerId !== undefined && { container: containerId }),
      }),
  })
}

function volumeService(parts: EngineParts, events: EventBus, context: () => EngineContext) {
  const { shelf, clock, report } = parts
  return createVolumeService({
    ...(shelf && {
      keeping: {
        ...{ shelf, clock, report },
        isWritten: (name) => isWritten(context(), name),
        whileStill: (name, work) => whileStill(context(), name, work),
        whileDown: (name, work) => whileDown(context(), name, work),
      },
    }),
    paths: parts.paths,
    launcher: parts.launcher,
    files: parts.files,
    report: parts.report,
    randomHex: hex(parts.random),
    now: () => new Date(Number(parts.clock.now() / 1_000_000n)),
    onEvent: ({ action, name, driver, containerId }) =>
      events.publish('volume', action, name, {
        driver,
        ...(containerId !== undefined && { container: containerId }),
      }),
  })
}

/** Calls `load` at the first use. */
function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => (loaded ??= load())
}

export function composeEngine(parts: EngineParts): Engine {
  const { paths, files, clock, random, facts, launcher, report } = parts
  const spareLease = new SpareLease({ content: parts.content, files, clock, paths, report })
  const content = releasingFirst(parts.content, spareLease)
  const events = new EventBus(clock)
  const containers = new ContainerStore(files, paths.containers)
  const images = new ImageService({
    content,
    paths,
    publish: events.publish,
    now: () => clock.now(),
    users: (image) =>
      containers
        .all()
        .filter(({ record }) => record.image === image || record.imageMounts?.[image] !== undefined)
        .map(({ id, isRunning, record }) => ({
          ...{ containerId: id, running: isRunning },
          ...(record.image !== image && { mounts: true }),
        })),
  })
  const context: EngineContext = {
    ...{ paths, files, clock, random, facts, launcher, content, report, events, containers, images },
    spareLease,
    networks: networkService(parts, events),
    volumes: volumeService(parts, events, () => context),
    execs: new ExecStore(),
  }
  watchVolumes(context)
  const registry = new RegistryService({ content, images, publish: events.publish })
  const builds = loadOnce(async () => {
    const { BuildService } = await import('./docker/build/build-service.ts')
    return new BuildService(context, images)
  })
  const router = new Router(engineApiRoutes(context, images, registry, builds), ({ method, path }, error) =>
    report(`${method} ${path}`, error),
  )
  return {
    context,
    images,
    router,
    transport: inProcessTransport(router, (error) => report('a hijacked stream', error)),
    async recover() {
      await files.makeDirectory(paths.emptyLayer)
      await files.makeDirectory(paths.shellsCgroup)
      await context.launcher.run(initLayerPlan(paths))
      await recoverContainers(context)
      // Builds that died with the engine before this one have left their places behind.
      if (await files.exists(`${paths.dataRoot}/tmp`)) await (await builds()).recover()
    },
  }
}
