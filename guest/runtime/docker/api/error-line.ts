import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

/**
 * Rejects when the first line fails, so that the failure is an error response; a later failure becomes a line of the
 * stream.
 */
export async function withErrorLine(
  lines: AsyncGenerator<JsonProgress, void>,
): Promise<AsyncGenerator<JsonProgress>> {
  const first = await lines.next()
  return rest(first, lines)
}

/** Makes every failure a line, the first one too: Docker's `images/load` has answered before it reads its body. */
export async function* alwaysErrorLine(
  lines: AsyncIterable<JsonProgress>,
): AsyncGenerator<JsonProgress, void> {
  try {
    yield* lines
  } catch (thrown) {
    yield errorLine(thrown)
  }
}

function errorLine(thrown: unknown): JsonProgress {
  const { message, details } = EngineError.from(thrown)
  const { code } = details
  return { errorDetail: { ...(typeof code === 'number' && { code }), message }, error: message }
}

async function* rest(
  first: IteratorResult<JsonProgress, void>,
  lines: AsyncGenerator<JsonProgress, void>,
): AsyncGenerator<JsonProgress> {
  if (first.done) return
  try {
    yield first.value
    yield* alwaysErrorLine(lines)
  } finally {
    // A client that leaves after the first line ends the work too.
    await lines.return()
  }
}
