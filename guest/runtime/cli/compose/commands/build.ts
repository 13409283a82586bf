/** `docker compose build`. */
import { CliError } from '../../shared/cli-error.ts'
import { toProject, type ComposeContext } from '../context.ts'
import { buildServices } from '../engine/image/build.ts'
import { pushImages } from './push.ts'
import type { ComposeFlags } from '../flags.ts'

export async function build(context: ComposeContext<ComposeFlags['build']>): Promise<number> {
  const { flags, args } = context
  if (flags.string('ssh') !== '') throw new CliError('--ssh needs BuildKit, which is not there')
  const project = await toProject(context, args, { environmentResolution: false })
  const entries = flags.list('build-arg').map((entry): [string, string | null] => {
    const at = entry.indexOf('=')
    return at < 0 ? [entry, null] : [entry.slice(0, at), entry.slice(at + 1)]
  })
  await buildServices(
    context,
    project,
    {
      ...{ services: args, pull: flags.bool('pull'), noCache: flags.bool('no-cache') },
      ...{ quiet: flags.bool('quiet'), dependencies: flags.bool('with-dependencies') },
      ...{ arguments: Object.fromEntries(entries), memory: flags.number('memory') },
    },
    new Map(),
  )
  if (flags.bool('push'))
    await pushImages(context, project, { ignoreFailures: false, quiet: flags.bool('quiet') })
  return 0
}
