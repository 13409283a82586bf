import type { JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** A failure before the first line rejects, so that it is an error response; later it is a line of the stream. */
export async function withErrorLine(
  lines: AsyncGenerator<JsonProgress, void>,
): Promise<AsyncGenerator<JsonProgress>> {
  const first = await lines.next()
  return rest(first, lines)
}

async function* rest(
  first: IteratorResult<JsonProgress, void>,
  lines: AsyncGenerator<JsonProgress, void>,
): AsyncGenerator<JsonProgress> {
  if (first.done) return
  yield first.value
  try {
    yield* lines
  } catch (thrown) {
    const { message } = EngineError.from(thrown)
    yield { errorDetail: { message }, error: message }
  }
}
