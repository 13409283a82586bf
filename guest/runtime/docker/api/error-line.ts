import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** A failure before the first line rejects, so that it is an error response; later it is a line of the stream. */
export async function withErrorLine(
  lines: AsyncGenerator<JsonProgress, void>,
): Promise<AsyncGenerator<JsonProgress>> {
  const first = await lines.next()
  return rest(first, lines)
}

/** As Docker's `images/load`, which has answered before it reads: every failure is a line, the first one too. */
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
  const { message } = EngineError.from(thrown)
  return { errorDetail: { message }, error: message }
}

async function* rest(
  first: IteratorResult<JsonProgress, void>,
  lines: AsyncGenerator<JsonProgress, void>,
): AsyncGenerator<JsonProgress> {
  if (first.done) return
  yield first.value
  yield* alwaysErrorLine(lines)
}
