/**
 * The needs of the network service, which the composition root fulfils; every effect of the service goes through one of
 * these.
 */
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { Files } from '../../host/files/files.ts'
import type { LauncherClient } from '../../host/launcher/launcher-api.ts'
import type { PortProxy } from '../../host/net/port-proxy.ts'

/** A network's entry in `docker events`. */
export interface NetworkEvent {
  action: 'create' | 'connect' | 'disconnect' | 'destroy'
  networkId: string
  networkName: string
  driver: string
  /** Set for connect and disconnect. */
  containerId?: string
}

export interface NetworkDeps {
  /** The id of this engine, from which its own IPv6 subnets are made. */
  hostId: string
  /** Serves published ports that address translation does not serve. */
  proxy: Pick<PortProxy, 'open' | 'close'>
  paths: Pick<EnginePaths, 'dataRoot' | 'netns'>
  launcher: Pick<LauncherClient, 'run' | 'ask'>
  files: Files
  /** `bytes` random bytes as lower-case hex. */
  randomHex(bytes: number): string
  now(): Date
  onEvent?(event: NetworkEvent): void
  /**
   * Sends a DNS message to `server`:53 over UDP and resolves with the answer; rejects when none comes. Without it,
   * names outside the networks fail at once.
   */
  forwardDns?(query: Uint8Array, server: string): Promise<Uint8Array>
  /** Reports a failure that no caller waits for: the pool could not be filled, a record could not be read. */
  report(what: string, error: unknown): void
  /** Runs `work` once some time has passed, to see whether the engine is idle and the pool can be filled. Default: a second. */
  whenIdle?(work: () => void): void
}
