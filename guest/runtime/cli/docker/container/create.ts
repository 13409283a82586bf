/** `docker create`: prints the id of the new container. */
import type { CliContext } from '../../shared/context.ts'
import { createContainer, parseOrFail } from '../run/create-container.ts'
import type { CreateFlags } from '../table/create-flags.ts'

export async function create(context: CliContext<CreateFlags>): Promise<number> {
  const command = await parseOrFail(context, 'create')
  const id = await createContainer(context, command)
  await context.session.stdout.write(`${id}\n`)
  return 0
}
