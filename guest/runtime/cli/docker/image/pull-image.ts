/** Sends POST /images/create and shows its progress, for `pull` and for `run` when the image is missing. */
import type { CliContext } from '../../shared/context.ts'
import type { CliOutput } from '../../shared/session.ts'
import { displayProgress } from './progress.ts'
import { registryAuth } from './registry-auth.ts'
import { familiarRepository, parseReference } from '../../../../vocabulary/image-reference.ts'

export interface PullOptions {
  platform: string
  /** Nothing is printed when undefined. */
  output: CliOutput | undefined
  all?: boolean
}

/** @throws ApiError, CliError for a failure reported within the stream */
export async function pullImage(context: CliContext, image: string, options: PullOptions): Promise<void> {
  const reference = parseReference(image)
  const tag = options.all === true ? undefined : (reference.digest ?? reference.tag ?? 'latest')
  const query = {
    fromImage: familiarRepository(reference),
    tag,
    platform: options.platform || undefined,
  }
  const headers = await registryAuth(context, reference.domain)
  const messages = context.api.values('POST', '/images/create', { query, ...headers })
  await displayProgress(context.session, messages, options.output)
}
