/** Every route of the engine: the API reference is generated from this table. */
import type { ImageService } from '../image/image-service.ts'
import type { RegistryService } from '../image/registry-service.ts'
import type { EngineContext } from '../state/context.ts'
import type { Route } from './api-types.ts'
import { archiveRoutes } from './routes/archives.ts'
import { buildRoutes, type BuildDeps } from './routes/build.ts'
import { containerRoutes } from './routes/containers.ts'
import { imageArchiveRoutes } from './routes/image-archives.ts'
import { imageRoutes } from './routes/images.ts'
import { networkRoutes } from './routes/networks.ts'
import { pluginRoutes } from './routes/plugins.ts'
import { portholeRoutes } from './routes/porthole.ts'
import { refusedRoutes } from './routes/refused.ts'
import { registryRoutes } from './routes/registry.ts'
import { streamRoutes } from './routes/streams.ts'
import { swarmRoutes } from './routes/swarm.ts'
import { systemRoutes } from './routes/system.ts'
import { volumeRoutes } from './routes/volumes.ts'

export function engineApiRoutes(
  context: EngineContext,
  images: ImageService,
  registry: RegistryService,
  builds: BuildDeps['builds'],
): Route[] {
  return [
    ...systemRoutes(context, images),
    // These paths are more special than `DELETE /containers/{id*}`, whose id may be a link's name with a slash, so they
    // come first.
    ...refusedRoutes(),
    ...containerRoutes(context),
    ...archiveRoutes(context),
    ...imageArchiveRoutes(context, images),
    ...streamRoutes(context),
    ...imageRoutes(images),
    ...registryRoutes(registry, images),
    ...buildRoutes({ builds, publish: context.events.publish }),
    ...networkRoutes(context),
    ...volumeRoutes(context.volumes),
    ...pluginRoutes(),
    ...swarmRoutes(),
    ...portholeRoutes(context),
  ]
}
