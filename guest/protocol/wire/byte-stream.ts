/**
 * The one stream type of the project: a full-duplex, flow-controlled byte pipe with half-close.
 * A channel's streams, the page's terminals, hijacked API connections and previews are all ByteStreams.
 */
export interface ByteStream {
  /**
   * The next chunk (never empty); `null` once the peer has ended its side. Consuming a chunk returns the
   * window credit for it. Rejects with EngineError `unavailable` after a reset or when the channel closed.
   * One read at a time.
   */
  read(): Promise<Uint8Array | null>
  /** Resolves when the whole chunk has been accepted within the peer's window; may be called without waiting, order is kept. */
  write(chunk: Uint8Array): Promise<void>
  /** Half-close: nothing more will be written; reading goes on. */
  end(): Promise<void>
  /** Abandons both directions at once; the peer's pending calls reject with `reason`. */
  reset(reason: string): void
  /** Resolves when both directions have ended in order; rejects on reset or loss of the channel. */
  readonly closed: Promise<void>
}

/** What a stream is for; the first thing its opener sends. `engine` and `tcp` run page → guest, `content`, `registry` and `volumes` guest → page. */
export type StreamOpen =
  /** Raw HTTP/1.1 bytes of the Engine API, exactly as on /run/docker.sock (so Upgrade and hijack work too). */
  | { service: 'engine' }
  /** A TCP connection made inside the guest to `host:port` (default host 127.0.0.1), as published ports need. */
  | { service: 'tcp'; port: number; host?: string }
  /** A call of the page's content store: see content.ts. */
  | { service: 'content'; request: import('../api/content.ts').ContentRequest }
  /** A request to the page's registry: see registry.ts. */
  | { service: 'registry'; request: import('../api/registry.ts').RegistryRequestHead }
  /** A call of the page's shelf of volumes: see volumes.ts. */
  | { service: 'volumes'; request: import('../api/volumes.ts').VolumesRequest }

/**
 * Serves a stream that the peer opens. Throwing (or rejecting) before the stream was used refuses it with that error, later
 * it resets the stream; the peer's `open` resolves when the stream is first used or the handler is done.
 */
export type StreamHandler = (open: StreamOpen, stream: ByteStream) => void | Promise<void>

/** A multiplexed session between the page's machine and the guest's engine. SPEC.md describes its frames. */
export interface Channel {
  /** Rejects with the peer's EngineError when it refuses the stream. */
  open(open: StreamOpen): Promise<ByteStream>
  /** Rejects never; resolves with why the session ended. Every pending call and stream has been rejected by then. */
  readonly closed: Promise<import('../errors.ts').EngineError>
  close(reason: string): void
}
