/** The container of a RUN: started, listened to, waited for. */
import { deferred } from '../../../../protocol/wire/deferred.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { ShimAttachment } from '../../../host/launcher/launcher-api.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { removeContainer } from '../../container/remove-container.ts'
import { startContainer } from '../../container/start-container.ts'
import type { BuildOutput } from '../build-output.ts'

async function forward(attachment: ShimAttachment, output: BuildOutput): Promise<void> {
  // A character may come in two pieces.
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  for await (const { stream, bytes } of attachment.output) {
    const text = decoders[stream].decode(bytes, { stream: true })
    if (text !== '') await output[stream](text)
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const rest = decoders[stream].decode()
    if (rest !== '') await output[stream](rest)
  }
}

/**
 * All of its output is written when it resolves, with the exit code. When the signal is aborted the container goes, and
 * this rejects with `unavailable`.
 */
export async function runStep(
  context: EngineContext,
  container: Container,
  output: BuildOutput,
  signal: AbortSignal,
): Promise<number> {
  const attachment = deferred<ShimAttachment | undefined>()
  container.pending.add({ stdin: false, attachment })
  const forwarded = attachment.promise.then((attached) => attached && forward(attached, output))
  // It is awaited below; when the container does not start, the start tells why.
  forwarded.catch(() => undefined)
  const cancel = () =>
    void removeContainer(context, container, { force: true, volumes: true }).catch((error: unknown) =>
      context.report(`the container of a cancelled build, ${container.id}`, error),
    )
  await startContainer(context, container)
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    await forwarded
    const { StatusCode } = await container.wait('not-running')
    if (signal.aborted) throw new EngineError('unavailable', 'Build cancelled')
    return StatusCode
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
