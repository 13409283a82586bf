/** `docker logs`. */
import { SHARED_FRAMES } from '../../../../protocol/api/porthole.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath } from '../../shared/for-each.ts'
import { timestamp } from '../../shared/format/durations.ts'
import { StdcopyDecoder } from '../../../../vocabulary/stdcopy.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export async function logs({
  args,
  flags,
  api,
  session,
  now,
}: CliContext<ContainerFlags['logs']>): Promise<number> {
  const { Id: id, Config } = await api.json('GET', `${containerPath(args[0]!)}/json`)
  const flag = (name: 'timestamps' | 'details' | 'follow'): number | undefined =>
    flags.bool(name) ? 1 : undefined
  const time = (name: 'since' | 'until') =>
    timestamp(flags.string(name), now(), `invalid value for "${name}": `)
  const query = {
    stdout: 1,
    stderr: 1,
    since: time('since'),
    until: time('until'),
    timestamps: flag('timestamps'),
    details: flag('details'),
    follow: flag('follow'),
    tail: flags.string('tail'),
  }
  const { body } = await api.send('GET', `/containers/${id}/logs`, {
    query,
    headers: { [SHARED_FRAMES.name]: SHARED_FRAMES.value },
  })
  const decoder = Config.Tty ? undefined : new StdcopyDecoder()
  for await (const chunk of body) {
    if (decoder === undefined) await session.stdout.write(chunk)
    else for (const { stream, bytes } of decoder.push(chunk)) await session[stream].write(bytes)
  }
  return 0
}
