/** `docker pull`. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { pullImage } from './pull-image.ts'
import {
  familiarReference,
  familiarRepository,
  parseReference,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import type { ImageFlags } from '../table/image-flags.ts'

export async function pull(context: CliContext<ImageFlags['pull']>): Promise<number> {
  const { flags, args, session } = context
  const reference = parseReference(args[0]!)
  const all = flags.bool('all-tags')
  const quiet = flags.bool('quiet')
  const named = reference.tag !== undefined || reference.digest !== undefined
  if (all && named) throw new CliError("tag can't be used with --all-tags/-a")
  if (!all && !named && !quiet) await session.stdout.write('Using default tag: latest\n')
  const options = { platform: flags.string('platform'), output: quiet ? undefined : session.stdout, all }
  await pullImage(context, args[0]!, options)
  const name = all
    ? familiarRepository(reference)
    : familiarReference(withDefaultTag(reference)).slice(familiarRepository(reference).length)
  const prefix = `${reference.domain}/${reference.path}`
  await session.stdout.write(`${all ? prefix : prefix + name}\n`)
  return 0
}
