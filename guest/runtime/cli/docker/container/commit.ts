/** `docker commit`. */
import type { CliContext } from '../../shared/context.ts'
import { familiarRepository, parseReference } from '../../../../vocabulary/image-reference.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export async function commit({
  args,
  flags,
  api,
  session,
}: CliContext<ContainerFlags['commit']>): Promise<number> {
  const [container, name] = args as [string, string?]
  const reference = name === undefined ? undefined : parseReference(name)
  const query = {
    container,
    repo: reference === undefined ? undefined : familiarRepository(reference),
    tag: reference?.tag,
    comment: flags.string('message') || undefined,
    author: flags.string('author') || undefined,
    pause: flags.bool('pause') ? undefined : 0,
    changes: flags.list('change'),
  }
  const { Id } = await api.json('POST', '/commit', { query, json: null })
  await session.stdout.write(`${Id}\n`)
  return 0
}
