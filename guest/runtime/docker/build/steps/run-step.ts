/** Runs the container of a RUN, and passes its output on. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { ShimAttachment } from '../../../host/launcher/launcher-api.ts'
import { joinAtStart } from '../../container/attach-container.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { removeContainer } from '../../container/remove-container.ts'
import { startContainer } from '../../container/start-container.ts'
import type { BuildOutput } from '../build-output.ts'

async function forward(attachment: ShimAttachment, output: BuildOutput): Promise<void> {
  // A character may arrive in two pieces, which the decoders join.
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
 * Runs the container. Resolves with the exit code when all output has been written. When the signal is aborted, removes
 * the container and rejects with `unavailable`.
 */
export async function runStep(
  context: EngineContext,
  container: Container,
  output: BuildOutput,
  signal: AbortSignal,
): Promise<number> {
  const attachment = joinAtStart(container, (task) => task.attach({ stdin: false }))
  const forwarded = attachment.then((attached) => attached && forward(attached, output))
  // The promise is awaited below; when the container does not start, the start tells why.
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
