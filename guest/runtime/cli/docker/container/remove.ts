/** `docker rm`. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { isNotFound } from '../../shared/api-error.ts'
import { containerPath, forEachName } from '../../shared/for-each.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export function remove(context: CliContext<ContainerFlags['rm']>): Promise<number> {
  const { flags, session, api } = context
  const flag = (name: 'volumes' | 'link' | 'force'): number | undefined => (flags.bool(name) ? 1 : undefined)
  const query = { v: flag('volumes'), link: flag('link'), force: flag('force') }
  const removeOne = async (given: string): Promise<void> => {
    const name = given.replace(/^\/+|\/+$/g, '')
    if (name === '') throw new CliError('container name cannot be empty')
    await api.run('DELETE', containerPath(name), { query })
  }
  return forEachName(context, context.args, removeOne, {
    tolerate: async (error) => {
      if (!flags.bool('force') || !isNotFound(error)) return false
      await session.stderr.write(`${error.message}\n`)
      return true
    },
  })
}
