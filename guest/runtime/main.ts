/**
 * The engine's process: real effects, services, sockets. Supervised by init, which starts it again when it ends; what it
 * needs to go on is in the records, the shims and the kernel.
 *
 * PORTHOLE_ROOT comes before every path, PORTHOLE_CGROUP_ROOT replaces the cgroup hierarchy's and PORTHOLE_IMAGES names a
 * JSON file of image records in place of the page's content store: for running the engine on a developer's machine.
 */
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { startupSnapshot } from 'node:v8'
import type { ByteStream, StreamOpen } from '../protocol/wire/byte-stream.ts'
import type { ImageRecord } from '../protocol/api/content.ts'
import { EngineError } from '../protocol/errors.ts'
import { GUEST_SERVICES } from '../protocol/api/guest-network.ts'
import { httpServer } from './docker/api/http-adapter.ts'
import { serveCli } from './cli/cli-server.ts'
import { composeEngine, type Engine } from './compose-engine.ts'
import { openChannelDevice } from './host/channel/channel-device.ts'
import { nodeCliFiles } from './host/files/cli-files.ts'
import { listenForCli } from './host/net/cli-listener.ts'
import { systemClock } from './host/clock.ts'
import { channelContentClient, type ContentClient } from './host/channel/content-client.ts'
import { enginePaths, type EnginePaths } from './host/engine-paths.ts'
import { readHostFacts } from './host/host-facts-reader.ts'
import { kernelRandom } from './host/kernel-random.ts'
import { forwardDns } from './host/net/dns-forwarder.ts'
import { listenForDns } from './host/net/dns-listener.ts'
import { SocketLauncherClient } from './host/launcher/launcher-client.ts'
import { memoryContent } from './host/channel/memory-content.ts'
import { nodeFiles } from './host/files/node-files.ts'
import { duplexOf } from './host/net/node-stream.ts'
import { PortProxy } from './host/net/port-proxy.ts'
import { listenOn, registryServer, type OpenRegistryStream } from './host/net/registry-listener.ts'
import { relayTcp } from './host/net/tcp-relay.ts'
import { connectToUnixSocket } from './host/net/unix-connection.ts'
import { listenOnUnixSocket } from './host/net/unix-listener.ts'
import { channelVolumesClient, type VolumesClient } from './host/channel/volumes-client.ts'
import { answerGuestQuery } from './docker/network/names/guest-names.ts'

/** Init keeps this output as the engine's log. */
function report(what: string, thrown: unknown): void {
  const error = EngineError.from(thrown)
  const cause = error.code === 'internal' && error.stack ? `\n${error.stack}` : ''
  console.error(`engine: ${what}: ${error.message}${cause}`)
}

function die(what: string, thrown: unknown): never {
  report(what, thrown)
  process.exit(1)
}

/** Streams that the page opens. */
function serveStream(server: Server, open: StreamOpen, stream: ByteStream): void | Promise<void> {
  switch (open.service) {
    case 'engine':
      server.emit('connection', duplexOf(stream))
      return
    case 'tcp':
      return relayTcp(open, stream)
    case 'content':
    case 'registry':
    case 'volumes':
      throw new EngineError('invalid', `${open.service} is the page’s: the engine serves none`)
  }
}

interface Link {
  content: ContentClient
  shelf?: VolumesClient
  openRegistry: OpenRegistryStream
  /** Begins to take the page's streams. */
  serve(server: Server, engine: Engine): void
}

function channelLink(paths: EnginePaths, buildId: string): Link {
  type Target = { server: Server; engine: Engine }
  let target: Target | undefined
  let begin!: (ready: Target) => void
  const ready = new Promise<Target>((resolve) => (begin = resolve))
  const device = openChannelDevice(paths.channelDevice, {
    buildId,
    // Recovery itself needs the channel, for the content store, so the page may be earlier than the engine is ready.
    onStream: async (open, stream) => serveStream((await ready).server, open, stream),
    // A new page may hold other images than the last one did, and volumes.
    onSession: () => {
      target?.engine.images.invalidate()
      void target?.engine.context.spareLease.release()
      void target?.engine.context.volumes.keeping?.adopt()
    },
  })
  return {
    content: channelContentClient(() => device.session(), paths.uploads),
    shelf: channelVolumesClient(() => device.session()),
    openRegistry: async (request) => (await device.session()).open({ service: 'registry', request }),
    serve: (server, engine) => {
      target = { server, engine }
      // The session may be older than the engine is ready.
      void engine.context.volumes.keeping?.adopt()
      begin(target)
    },
  }
}

function standaloneLink(imagesFile: string): Link {
  const images = JSON.parse(readFileSync(imagesFile, 'utf8')) as ImageRecord[]
  const none = () => Promise.reject(new EngineError('unavailable', 'there is no page with a registry'))
  return { content: memoryContent(images, images), openRegistry: none, serve: () => undefined }
}

/** What containers reach by the network. Without it the engine does all else, so a failure is reported only. */
async function serveGuest(openRegistry: OpenRegistryStream): Promise<void> {
  const { address, registryPort, dnsPort } = GUEST_SERVICES
  const onError = (error: unknown) => report('the guest’s services', error)
  await listenOn(registryServer(openRegistry), address, registryPort).catch(onError)
  await listenForDns(address, dnsPort, answerGuestQuery, onError).catch(onError)
}

async function main(): Promise<void> {
  const { PORTHOLE_ROOT, PORTHOLE_CGROUP_ROOT, PORTHOLE_IMAGES } = process.env
  const paths = enginePaths(PORTHOLE_ROOT, PORTHOLE_CGROUP_ROOT)
  const facts = readHostFacts(paths)
  const link = PORTHOLE_IMAGES ? standaloneLink(PORTHOLE_IMAGES) : channelLink(paths, facts.buildId)
  const launcher = new SocketLauncherClient({ socketPath: paths.launcherSocket, shimDir: paths.shims })
  const engine = composeEngine({
    paths,
    files: nodeFiles(),
    clock: systemClock(),
    random: kernelRandom,
    facts,
    launcher,
    content: link.content,
    ...(link.shelf && { shelf: link.shelf }),
    forwardDns,
    portProxy: new PortProxy(),
    report,
  })
  await engine.recover()
  const server = httpServer(engine.router, report)
  await listenOnUnixSocket(server, paths.dockerSocket)
  await serveCli({
    transport: engine.transport,
    files: nodeCliFiles(launcher),
    dial: () => connectToUnixSocket(paths.dockerSocket),
    listen: (accept) => listenForCli(paths.cliSocket, accept),
    onError: (error) => report('the docker command', error),
  })
  await serveGuest(link.openRegistry)
  link.serve(server, engine)
  console.error(`engine: ready after ${Math.round(process.uptime() * 1000)} ms`)
}

function start(): void {
  process.on('uncaughtException', (error) => die('an error that nobody handled', error))
  process.on('unhandledRejection', (error) => die('a failure that nobody handled', error))
  main().catch((error: unknown) => die('start-up', error))
}

// What has been evaluated up to here is what scripts/build-engine-snapshot.ts keeps.
if (startupSnapshot.isBuildingSnapshot()) startupSnapshot.setDeserializeMainFunction(start)
else start()
