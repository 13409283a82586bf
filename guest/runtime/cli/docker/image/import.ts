/** `docker import`. */
import { CliError } from '../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { readArchive } from '../../shared/write-archive.ts'
import { displayProgress } from './progress.ts'
import { familiarRepository, parseReference } from '../../../../vocabulary/image-reference.ts'
import type { ImageFlags } from '../table/image-flags.ts'

export async function importImage(context: CliContext<ImageFlags['import']>): Promise<number> {
  const { flags, args, api, session } = context
  const [source, name] = args as [string, string?]
  const remote = /^https?:\/\//.test(source)
  if (!remote && source !== '-' && !(await context.files.exists(resolvePath(context, source)))) {
    throw new CliError(`open ${source}: no such file or directory`)
  }
  const reference = name === undefined ? undefined : parseReference(name)
  const query = {
    fromSrc: remote ? source : '-',
    repo: reference === undefined ? undefined : familiarRepository(reference),
    tag: reference?.tag,
    message: flags.string('message') || undefined,
    changes: flags.list('change'),
    platform: flags.string('platform') || undefined,
  }
  const upload = remote ? {} : { bytes: readArchive(context, source) }
  await displayProgress(session, api.values('POST', '/images/create', { query, ...upload }), session.stdout)
  return 0
}
