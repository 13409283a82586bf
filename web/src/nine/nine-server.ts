/**
 * A 9P2000.L server (https://github.com/chaos/diod/blob/master/protocol.md) whose peer is Linux's net/9p. Its trees are
 * read-only but for files that take an upload. It answers every request: changes with EROFS, unknown requests with
 * EOPNOTSUPP, broken ones with EINVAL or EPROTO; without an answer the guest would hang for good. Requests may overlap; it
 * answers at once what is in memory.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isPromise, type FileTree, type MaybePromise } from '../trees/file-tree.ts'
import type { SavedFid } from './nine-fids.ts'
import type { InodeRange } from '../trees/inode-numbers.ts'
import { NineOperations } from './nine-operations.ts'
import type { Call } from './nine-replies.ts'
import {
  ERRNO,
  HEADER_SIZE,
  MessageReader,
  MessageWriter,
  NINE,
  NO_TAG,
  NineError,
  errorReply,
} from './nine-wire.ts'

/** The largest message either side may send; the guest's mount asks for the same. */
export const MSIZE = 524_288

export interface NineState {
  format: 1
  msize: number
  fids: SavedFid[]
  inodes: InodeRange[]
}

type Reply = (reply: Uint8Array) => void

export interface NineServer {
  /**
   * Takes one whole request and returns one whole reply: within the call when all it needs is in memory. Even a promise
   * that is resolved would wait for the end of the machine's time slice (milliseconds when the guest is busy).
   */
  respond(request: Uint8Array, reply: Reply): void
  /** Does the same and always returns a promise, which never rejects. */
  handle(request: Uint8Array): Promise<Uint8Array>
  /** Resolves when no request is under way: the moment to save a snapshot. */
  idle(): Promise<void>
  save(): NineState
  /** @throws EngineError `corrupt` */
  restore(state: NineState): void
}

export interface NineServerOptions {
  /** Called when a file's content can't be had, which the guest only sees as EIO. */
  onError?: (error: EngineError) => void
}

interface Pending extends Call {
  abandon(): void
}

class Server implements NineServer {
  private readonly operations: NineOperations
  private readonly onError: (error: EngineError) => void
  private readonly pending = new Map<number, Pending>()
  private idleWaiters: (() => void)[] = []

  constructor(root: FileTree, options: NineServerOptions) {
    this.operations = new NineOperations(root, MSIZE)
    this.onError = options.onError ?? (() => undefined)
  }

  handle(request: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => this.respond(request, resolve))
  }

  respond(request: Uint8Array, reply: Reply): void {
    const size = messageSize(request)
    if (size < HEADER_SIZE || size > request.length) return reply(errorReply(NO_TAG, ERRNO.EPROTO))
    const call: Call = { type: request[4]!, tag: request[5]! | (request[6]! << 8), abandoned: false }
    const message = size === request.length ? request : request.subarray(0, size)
    let answer: MaybePromise<Uint8Array>
    try {
      answer = this.dispatch(call, new MessageReader(message))
    } catch (error) {
      answer = this.failure(call, error)
    }
    if (isPromise(answer)) this.track(call, answer, reply)
    else reply(answer)
  }

  idle(): Promise<void> {
    if (this.pending.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.idleWaiters.push(resolve))
  }

  save(): NineState {
    return { format: 1, ...this.operations.save() }
  }

  restore(state: NineState): void {
    if (state.format !== 1)
      throw new EngineError('corrupt', 'the saved state of the 9P server has an unknown format')
    this.abandonAll()
    this.operations.restore(state)
  }

  private dispatch(call: Call, reader: MessageReader): MaybePromise<Uint8Array> {
    if (call.type === NINE.Tflush) {
      // The old request is answered first: the client frees its buffers once it has Rflush.
      this.pending.get(reader.u16())?.abandon()
      return new MessageWriter(NINE.Tflush + 1, call.tag, 0).bytes
    }
    if (call.type === NINE.Tversion) this.abandonAll()
    return this.operations.run(call, reader)
  }

  private track(call: Call, answer: Promise<Uint8Array>, reply: Reply): void {
    const settle = (bytes: Uint8Array): void => {
      if (call.abandoned) return
      call.abandoned = true
      if (this.pending.get(call.tag) === pending) this.pending.delete(call.tag)
      reply(bytes)
      if (this.pending.size === 0) for (const waiter of this.idleWaiters.splice(0)) waiter()
    }
    const abandon = (): void => settle(errorReply(call.tag, ERRNO.EINTR))
    const pending: Pending = Object.assign(call, { abandon })
    this.pending.set(call.tag, pending)
    answer.then(settle, (error: unknown) => settle(this.failure(call, error)))
  }

  private abandonAll(): void {
    for (const pending of [...this.pending.values()]) pending.abandon()
  }

  private failure(call: Call, error: unknown): Uint8Array {
    if (error instanceof NineError) return errorReply(call.tag, error.errno)
    if (!call.abandoned) this.onError(EngineError.from(error))
    return errorReply(call.tag, ERRNO.EIO)
  }
}

function messageSize(request: Uint8Array): number {
  if (request.length < HEADER_SIZE) return 0
  return new DataView(request.buffer, request.byteOffset, 4).getUint32(0, true)
}

export function createNineServer(root: FileTree, options: NineServerOptions = {}): NineServer {
  return new Server(root, options)
}
