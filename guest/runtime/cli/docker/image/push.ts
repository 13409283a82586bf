/** `docker push`. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { displayProgress } from './progress.ts'
import { encodeAuth, registryAuth } from './registry-auth.ts'
import {
  familiarReference,
  familiarRepository,
  parseReference,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import { platformQuery } from '../../shared/platform-query.ts'
import type { ImageFlags } from '../table/image-flags.ts'

export async function push(context: CliContext<ImageFlags['push']>): Promise<number> {
  const { flags, args, api, session } = context
  const reference = parseReference(args[0]!)
  const all = flags.bool('all-tags')
  const quiet = flags.bool('quiet')
  if (all && (reference.tag !== undefined || reference.digest !== undefined)) {
    throw new CliError("tag can't be used with --all-tags/-a")
  }
  if (!all && reference.tag === undefined && !quiet) await session.stdout.write('Using default tag: latest\n')
  const auth = await registryAuth(context, reference.domain)
  const messages = api.values('POST', `/images/${encodeURIComponent(familiarRepository(reference))}/push`, {
    query: {
      tag: all ? undefined : (reference.tag ?? 'latest'),
      platform: platformQuery(flags.string('platform')),
    },
    headers: auth.headers ?? encodeAuth({}),
  })
  await displayProgress(session, messages, quiet ? undefined : session.stdout)
  if (quiet)
    await session.stdout.write(
      `${reference.domain}/${reference.path}${all ? '' : familiarReference(withDefaultTag(reference)).slice(familiarRepository(reference).length)}\n`,
    )
  return 0
}
