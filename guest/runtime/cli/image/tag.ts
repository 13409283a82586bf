/** `docker tag`. */
import type { CliContext } from '../context.ts'
import { familiarRepository, parseReference } from './reference.ts'

export async function tag({ args, api }: CliContext): Promise<number> {
  const [source, target] = args as [string, string]
  const reference = parseReference(target)
  const query = { repo: familiarRepository(reference), tag: reference.tag ?? 'latest' }
  await api.run('POST', `/images/${encodeURIComponent(source)}/tag`, { query })
  return 0
}
