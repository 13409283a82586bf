/** `docker tag`. */
import type { CliContext } from '../../shared/context.ts'
import { CliError } from '../../shared/cli-error.ts'
import {
  type ImageReference,
  familiarRepository,
  parseReference,
} from '../../../../vocabulary/image-reference.ts'

function parseTarget(name: string): ImageReference {
  try {
    return parseReference(name)
  } catch (error) {
    const reason = (error as Error).message
    throw new CliError(
      `Error parsing reference: ${JSON.stringify(name)} is not a valid repository/tag: ${reason}`,
    )
  }
}

export async function tag({ args, api }: CliContext): Promise<number> {
  const [source, target] = args as [string, string]
  const reference = parseTarget(target)
  const query = { repo: familiarRepository(reference), tag: reference.tag ?? 'latest' }
  await api.run('POST', `/images/${encodeURIComponent(source)}/tag`, { query })
  return 0
}
