/** `docker diff`: A added, C changed, D deleted. */
import type { CliContext } from '../../shared/context.ts'
import { containerPath } from '../../shared/for-each.ts'

const KINDS = ['C', 'A', 'D'] as const

export async function diff({ args, api, session }: CliContext): Promise<number> {
  const changes = await api.json('GET', `${containerPath(args[0]!)}/changes`)
  await session.stdout.write((changes ?? []).map(({ Kind, Path }) => `${KINDS[Kind]} ${Path}\n`).join(''))
  return 0
}
