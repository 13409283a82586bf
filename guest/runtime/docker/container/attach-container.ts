/**
 * `POST /containers/{id}/attach` and its WebSocket: joins a client's stream with the container's first process, running
 * or yet to be started.
 */
import type { DirectAttach } from '../../../protocol/api/direct-attach.ts'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { nextState } from '../../../protocol/states/container-states.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import type { ShimAttachment } from '../../host/launcher/launcher-api.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { requestedKeys } from '../stream/requested-keys.ts'
import { logFrames } from '../stream/log-stream.ts'
import { pipeAttachment, type PipeOptions } from '../../task/pipe-attachment.ts'
import { SocketLoan } from '../../task/socket-loan.ts'
import type { Task } from '../../task/task.ts'

export interface AttachOptions {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** Passes live output on; without it, only the past output of `logs` is sent. */
  stream: boolean
  /** Sends the output so far, before the live one. */
  logs: boolean
  detachKeys?: string
  /** Sends raw bytes even without a terminal, both outputs in one stream. */
  raw?: boolean
  /** The client's name for the container: an id, its beginning, or a name. */
  calledBy?: string
  /** The client attaches by the shim's socket, in place of its stream. */
  direct?: DirectAttach
}

export interface PreparedAttach {
  /** Serves the client until the process ends or the client leaves. */
  run(stream: ByteStream): Promise<void>
}

/** Joins the process of the next start, before it writes anything; resolves with undefined when no process comes. */
export function joinAtStart<Joined>(
  container: Container,
  join: (task: Task) => Promise<Joined>,
): Promise<Joined | undefined> {
  const joined = deferred<Joined | undefined>()
  container.pending.add({
    settle: async (task) => {
      if (task) await join(task).then(joined.resolve, joined.reject)
      else joined.resolve(undefined)
    },
  })
  return joined.promise
}

/** Resolves with undefined when there is no process to attach to, or no longer. */
async function attachmentOf(
  container: Container,
  { stdin, direct }: { stdin: boolean; direct: boolean },
): Promise<ShimAttachment | SocketLoan | undefined> {
  const { task } = container
  const join = async (joined: Task): Promise<ShimAttachment | SocketLoan> =>
    direct ? joined.lendSocket() : joined.attach({ stdin })
  if (!task) return joinAtStart(container, join)
  const attached = await task.whileAlive(() => join(task))
  return attached === 'ended' ? undefined : attached
}

async function serve(
  context: EngineContext,
  container: Container,
  options: AttachOptions,
  live: Promise<ShimAttachment | SocketLoan | undefined> | undefined,
  stream: ByteStream,
): Promise<void> {
  const { config } = container.record
  const raw = options.raw ?? false
  if (options.logs) {
    for await (const frame of logFrames(context, container, {
      stdout: options.stdout,
      stderr: options.stderr,
      raw,
    }))
      await stream.write(frame)
  }
  const attachment = await live
  if (!attachment) return stream.end()
  const { task } = container
  const pipe: PipeOptions = {
    stdin: options.stdin && config.OpenStdin,
    stdout: options.stdout,
    stderr: options.stderr,
    multiplex: !config.Tty && !raw,
    closeStdin: config.StdinOnce && !config.Tty,
    detachKeys: requestedKeys(options.detachKeys, 'detach'),
    // A client that has seen the end must find the container ended. The exit takes the lock first, so waiting for the
    // lock is enough.
    ended: task?.exited.then(() => container.lock.run(() => Promise.resolve())),
  }
  const end =
    attachment instanceof SocketLoan
      ? await attachment.serve(stream, options.direct!, pipe)
      : await pipeAttachment(stream, attachment, pipe)
  if (end === 'detached') publishContainerEvent(context, container, 'detach')
}

/** Checks the request before the connection is hijacked, and queues the attachment before a start that follows at once. */
export function prepareAttach(
  context: EngineContext,
  container: Container,
  options: AttachOptions,
): PreparedAttach {
  nextState(container.calledBy(options.calledBy ?? container.plainName), 'attach')
  requestedKeys(options.detachKeys, 'detach')
  const live = options.stream
    ? attachmentOf(container, {
        stdin: options.stdin && container.record.config.OpenStdin,
        direct: options.direct !== undefined,
      })
    : undefined
  // `run` tells of a failure, and may be called later than the failure happens.
  live?.catch(() => undefined)
  publishContainerEvent(context, container, 'attach')
  return { run: (stream) => serve(context, container, options, live, stream) }
}
