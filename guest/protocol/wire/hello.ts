import { EngineError } from '../errors.ts'

/** Raised whenever frames change so that an older peer would misread them. */
export const PROTOCOL_VERSION = 1

/** The first frame after a SYNC: SPEC.md, "Handshake". */
export interface Hello {
  protocol: number
  /** A terminal that echoes would otherwise answer for the guest. */
  from: 'page' | 'guest'
  /** What the sender was built from; page and guest must agree. */
  buildId: string
  /**
   * The page names its session with a fresh random value; the guest repeats it to accept. `null` is the guest's
   * knock: a new engine, or one that lost its session, asks the page to begin one.
   */
  epoch: string | null
  /** Why the guest has no session; in a knock only. */
  reason?: string
}

export function parseHello(value: unknown): Hello {
  if (typeof value === 'object' && value !== null) {
    const { protocol, from, buildId, epoch, reason } = value as Record<string, unknown>
    if (
      typeof protocol === 'number' &&
      (from === 'page' || from === 'guest') &&
      typeof buildId === 'string' &&
      (epoch === null || typeof epoch === 'string') &&
      (reason === undefined || typeof reason === 'string')
    ) {
      return { protocol, from, buildId, epoch, reason }
    }
  }
  throw new EngineError('corrupt', 'channel: a hello without protocol, sender, build id or epoch')
}

/** Throws when the peer cannot be talked to; `peer` says which side that is. */
export function checkHello(hello: Hello, buildId: string, peer: 'page' | 'guest'): void {
  if (hello.protocol !== PROTOCOL_VERSION) {
    throw new EngineError(
      'not-supported',
      `the ${peer} speaks channel protocol ${hello.protocol}, this side ${PROTOCOL_VERSION}: reload the page or rebuild the guest`,
      { peer: hello.protocol, own: PROTOCOL_VERSION },
    )
  }
  if (hello.buildId !== buildId) {
    throw new EngineError(
      'conflict',
      `the ${peer} comes from build ${hello.buildId}, this side from ${buildId}: reload the page or rebuild the guest`,
      { peer: hello.buildId, own: buildId },
    )
  }
}
