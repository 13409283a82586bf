/** `docker network rm`. */
import type { CliContext } from '../../shared/context.ts'
import { isNotFound } from '../../shared/api-error.ts'
import { messageOf } from '../../shared/for-each.ts'
import type { NetworkFlags } from '../table/network-flags.ts'

export async function remove({ flags, args, api, session }: CliContext<NetworkFlags['rm']>): Promise<number> {
  let failed = false
  for (const name of args) {
    try {
      await api.run('DELETE', `/networks/${encodeURIComponent(name)}`)
      await session.stdout.write(`${name}\n`)
    } catch (error) {
      if (flags.bool('force') && isNotFound(error)) continue
      await session.stderr.write(`${messageOf(error)}\n`)
      failed = true
    }
  }
  return failed ? 1 : 0
}
