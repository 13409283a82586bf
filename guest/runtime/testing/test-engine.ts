/** An engine of fakes for unit tests: memory files, a still clock, a launcher that starts nothing, one image. */
import type { ImageRecord } from '../../protocol/api/content.ts'
import type { ContainerCreateRequest, EngineEvent, NetworkSettings } from '../../protocol/api/engine-api.ts'
import { EngineError } from '../../protocol/errors.ts'
import { FakeClock } from '../host/clock.ts'
import { enginePaths } from '../host/engine-paths.ts'
import type { LauncherClient } from '../host/launcher/launcher-api.ts'
import { FakeLauncherClient, FakeMachine } from './launcher-fake.ts'
import { memoryContent } from '../host/channel/memory-content.ts'
import { MemoryFiles } from './memory-files.ts'
import type { NetworkService } from '../docker/network/network-api.ts'
import { createVolumeService } from '../docker/volume/volume-service.ts'
import type { Container } from '../docker/state/container.ts'
import { ContainerStore } from '../docker/state/container-store.ts'
import type { EngineContext } from '../docker/state/context.ts'
import { createContainer } from '../docker/container/create-container.ts'
import { EventBus } from '../docker/events/event-bus.ts'
import { ExecStore } from '../docker/state/exec-store.ts'
import { SpareLease } from '../docker/state/spare-lease.ts'
import type { HostFacts } from '../docker/state/host-facts.ts'
import { recoverContainers } from '../docker/container/recover-containers.ts'

export const FACTS: HostFacts = {
  hostname: 'guest',
  cpus: 1,
  memory: 256 * 1024 * 1024,
  kernel: '6.12.0',
  machine: 'i686',
  operatingSystem: 'Debian GNU/Linux 13 (trixie)',
  osVersion: '13',
  controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
  capabilities: (1n << 41n) - 1n,
  cpuset: '0',
  buildId: 'test',
}

const LAYERS = ['sha256:aaaa', 'sha256:bbbb'] as const

export const IMAGE: ImageRecord = {
  id: `sha256:${'1'.repeat(64)}`,
  manifestDigest: `sha256:${'2'.repeat(64)}`,
  references: ['docker.io/library/busybox:latest'],
  config: {
    architecture: '386',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: ['sh'], Labels: { from: 'image' } },
    rootfs: { type: 'layers', diff_ids: [...LAYERS] },
  },
  layers: LAYERS.map((diffId) => ({
    digest: `${diffId}00`,
    diffId,
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    size: 10,
    unpackedSize: 100,
  })),
}

/** Networks that give every container the same address and remember who is connected. */
function stillNetworks(connected: Set<string>): NetworkService {
  const settings: NetworkSettings = {
    Bridge: '',
    SandboxID: 's',
    SandboxKey: '/run/netns/s',
    Ports: {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: '',
    Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: '172.17.0.2',
    IPPrefixLen: 16,
    IPv6Gateway: '',
    MacAddress: '',
    Networks: { bridge: { NetworkID: 'b'.repeat(64), IPAddress: '172.17.0.2' } },
  }
  const refuse = () => Promise.reject(new EngineError('not-supported', 'these networks never change'))
  return {
    validate: () => undefined,
    recover: async (ids) => ids.forEach((id) => connected.add(id)),
    async setUp({ containerId }) {
      connected.add(containerId)
      const steps = { setUp: [], tearDown: [] }
      return { netnsPath: '/run/netns/s', hosts: '127.0.0.1 localhost\n', resolvConf: '', ...steps }
    },
    tearDown: async (id) => void connected.delete(id),
    settings: (id) => (connected.has(id) ? settings : undefined),
    hosts: () => undefined,
    rename: async () => undefined,
    unlink: async () => undefined,
    resolve: async (_, query) => query,
    ...{
      list: refuse,
      inspect: refuse,
      create: refuse,
      remove: refuse,
      connect: refuse,
      disconnect: refuse,
      prune: refuse,
    },
  }
}

export interface TestEngine {
  context: EngineContext
  clock: FakeClock
  files: MemoryFiles
  machine: FakeMachine
  /** Ids of the containers that have a network sandbox now. */
  connected: Set<string>
  events: EngineEvent[]
  /** Failures that were reported because nobody waited for them. */
  reported: unknown[]
  /** Creates a container of the image. */
  create(request?: ContainerCreateRequest, name?: string): Promise<Container>
  /**
   * Starts the engine that follows when this one died: same files, same machine, with a launcher client that `change`
   * may spoil.
   */
  restart(change?: (launcher: LauncherClient) => void): Promise<TestEngine>
}

export function testEngine(
  machine = new FakeMachine(),
  files = new MemoryFiles({ '/proc/self/mountinfo': '' }),
  clock = new FakeClock(),
): TestEngine {
  let seed = 1
  const random = (count: number) =>
    Uint8Array.from({ length: count }, () => (seed = (seed * 75 + 74) % 65537) & 255)
  const connected = new Set<string>()
  const [reported, events]: [unknown[], EngineEvent[]] = [[], []]
  const paths = enginePaths()
  const bus = new EventBus(clock)
  const launcher = new FakeLauncherClient(machine)
  const context: EngineContext = {
    ...{ paths, files, clock, random, launcher, facts: FACTS, content: memoryContent([IMAGE]) },
    spareLease: new SpareLease({
      ...{ files, clock, paths },
      content: { release: (id) => context.content.release(id) },
      report: (_, error) => void reported.push(error),
    }),
    networks: stillNetworks(connected),
    volumes: createVolumeService({
      ...{ paths, launcher, files },
      report: (_, error) => void reported.push(error),
      randomHex: (count) => Buffer.from(random(count)).toString('hex'),
      now: () => new Date(0),
    }),
    images: {
      async find(reference) {
        if (['busybox', IMAGE.id].includes(reference)) return IMAGE
        throw new EngineError('not-found', `No such image: ${reference}:latest`)
      },
    },
    events: bus,
    containers: new ContainerStore(files, paths.containers),
    execs: new ExecStore(),
    report: (_, error) => void reported.push(error),
  }
  const publish = bus.publish
  Object.assign(bus, {
    publish: (...event: Parameters<typeof publish>) => {
      const [Type, Action, ID, Attributes = {}] = event
      events.push({ Type, Action, Actor: { ID, Attributes }, scope: 'local', time: 0, timeNano: 0 })
      publish(...event)
    },
  })
  return {
    ...{ context, clock, files, machine, connected, events, reported },
    async create(request = {}, name) {
      const { Id } = await createContainer(context, { Image: 'busybox', ...request }, { name })
      return context.containers.find(Id)
    },
    async restart(change = () => undefined) {
      const next = testEngine(machine, files, clock)
      change(next.context.launcher)
      await recoverContainers(next.context)
      return next
    },
  }
}
