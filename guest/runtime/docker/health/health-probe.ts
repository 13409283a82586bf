/** Runs one probe of a health check. */
import type { HealthProbeResult } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatGoDuration } from '../../../vocabulary/go-duration.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { collectStream } from '../stream/collect-stream.ts'
import { createExec } from '../exec/exec-instance.ts'
import { startExec } from '../exec/exec-process.ts'
import { SIGKILL } from '../../task/signals.ts'

/** Bytes of a probe's output that are kept: daemon/health.go, maxOutputLen. */
const MAXIMUM_OUTPUT = 4096

/** Never rejects: a probe that cannot run has failed. */
export async function probe(
  context: EngineContext,
  container: Container,
  command: string[],
  timeout: number,
): Promise<Pick<HealthProbeResult, 'ExitCode' | 'Output'>> {
  const output = collectStream(MAXIMUM_OUTPUT)
  try {
    const request = { Cmd: command, AttachStdout: true, AttachStderr: true }
    const exec = context.execs.find(await createExec(context, container, request))
    const { run } = await startExec(context, exec, { detach: false })
    const served = run!(output.stream)
    // The time of the launch is not the probe's (daemon/health.go).
    await exec.launched.promise
    let late = false
    const cancel = context.clock.after(timeout, () => {
      late = true
      exec.task
        ?.signalUnlessEnded(SIGKILL)
        .catch((error: unknown) => context.report('a health check that is late', error))
    })
    await served
    const exitCode = await exec.ended.promise
    cancel()
    context.execs.remove(exec.id)
    const text = output.text()
    if (!late) return { ExitCode: exitCode, Output: text }
    const more = text && `: ${text}`
    const limit = formatGoDuration(Math.round(timeout * 1e6))
    return { ExitCode: -1, Output: `Health check exceeded timeout (${limit})${more}` }
  } catch (thrown) {
    return { ExitCode: -1, Output: EngineError.from(thrown).message }
  }
}
