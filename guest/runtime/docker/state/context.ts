/**
 * The one object that the container services work with. compose-engine.ts makes it; testing/test-engine.ts makes one of
 * fakes.
 */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import type { Clock } from '../../host/clock.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import type { Files } from '../../host/files/files.ts'
import type { LauncherClient } from '../../host/launcher/launcher-api.ts'
import type { NetworkService } from '../network/network-api.ts'
import type { CreatedVolumeService } from '../volume/volume-service.ts'
import type { Container } from './container.ts'
import type { ContainerStore } from './container-store.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { ExecStore } from './exec-store.ts'
import type { HostFacts } from './host-facts.ts'
import type { RandomBytes } from './ids.ts'
import type { SpareLease } from './spare-lease.ts'

/** The part of the image service that containers need. */
export interface ImageLookup {
  /** Finds an image by reference, id or prefix. Throws `not-found`: `No such image: x:latest`. */
  find(reference: string): Promise<ImageRecord>
}

export interface EngineContext {
  paths: EnginePaths
  files: Files
  clock: Clock
  random: RandomBytes
  facts: HostFacts
  launcher: LauncherClient
  content: ContentClient
  spareLease: SpareLease
  networks: NetworkService
  volumes: CreatedVolumeService
  images: ImageLookup
  events: EventBus
  containers: ContainerStore
  execs: ExecStore
  /** Reports a failure that nobody waits for: an exit that could not be handled, a health probe. */
  report(what: string, error: unknown): void
}

/** Publishes a container's event with Docker's attributes: image, name and labels, and what the action adds. */
export function publishContainerEvent(
  context: EngineContext,
  { record }: Container,
  action: string,
  attributes: Record<string, string> = {},
): void {
  context.events.publish('container', action, record.id, {
    ...record.config.Labels,
    ...attributes,
    image: record.config.Image,
    name: record.name.slice(1),
  })
}

/**
 * Publishes events of the container's volumes: `mount` as it starts, `unmount` once it has ended (moby
 * daemon/volumes_unix.go, container/container.go).
 */
export function publishVolumeEvents(
  { events }: EngineContext,
  { record }: Container,
  action: 'mount' | 'unmount',
): void {
  for (const { point } of record.mounts) {
    if (point.Type !== 'volume' || point.Name === undefined) continue
    events.publish('volume', action, point.Name, {
      container: record.id,
      driver: point.Driver ?? 'local',
      ...(action === 'mount' && {
        destination: point.Destination,
        propagation: point.Propagation,
        'read/write': String(point.RW),
      }),
    })
  }
}
