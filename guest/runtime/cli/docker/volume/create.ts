/** `docker volume create`. */
import type { VolumeCreateRequest } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { keyValues } from '../run/key-values.ts'
import type { VolumeFlags } from '../table/volume-flags.ts'

export async function create({
  flags,
  args,
  api,
  session,
}: CliContext<VolumeFlags['create']>): Promise<number> {
  if (args.length === 1 && flags.string('name') !== '') {
    throw new CliError(
      'conflicting options: cannot specify a volume-name through both --name and as a positional arg',
    )
  }
  const json: VolumeCreateRequest = {
    Name: args[0] ?? flags.string('name'),
    Driver: flags.string('driver'),
    // docker/cli leaves these out when they were not given: inspect shows null then, and an empty map otherwise.
    ...(flags.changed('opt') && { DriverOpts: keyValues(flags.list('opt')) }),
    ...(flags.changed('label') && { Labels: keyValues(flags.list('label')) }),
  }
  const { Name } = await api.json('POST', '/volumes/create', { json })
  await session.stdout.write(`${Name}\n`)
  return 0
}
