/** `docker update`. */
import type { ContainerUpdateRequest } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath, messageOf } from '../../shared/for-each.ts'
import { parseRestartPolicy } from '../run/create-request.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

function requestOf({ flags }: CliContext<ContainerFlags['update']>): ContainerUpdateRequest {
  return {
    BlkioWeight: flags.number('blkio-weight'),
    CpusetCpus: flags.string('cpuset-cpus'),
    CpusetMems: flags.string('cpuset-mems'),
    CpuShares: flags.number('cpu-shares'),
    Memory: flags.number('memory'),
    MemoryReservation: flags.number('memory-reservation'),
    MemorySwap: flags.number('memory-swap'),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpuRealtimePeriod: flags.number('cpu-rt-period'),
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime'),
    NanoCpus: flags.number('cpus'),
    ...(flags.number('pids-limit') !== 0 && { PidsLimit: flags.number('pids-limit') }),
    RestartPolicy: parseRestartPolicy(flags.string('restart')),
  }
}

export async function update(context: CliContext<ContainerFlags['update']>): Promise<number> {
  const { flags, args, api, session } = context
  if (flags.given.length === 0)
    throw new CliError('you must provide one or more flags when using this command')
  let json: ContainerUpdateRequest
  try {
    json = requestOf(context)
  } catch (error) {
    throw new CliError(messageOf(error))
  }
  const warnings: string[] = []
  const messages: string[] = []
  for (const name of args) {
    try {
      const answer = await api.json('POST', `${containerPath(name)}/update`, {
        json,
      })
      warnings.push(...(answer.Warnings ?? []))
      await session.stdout.write(`${name}\n`)
    } catch (error) {
      messages.push(messageOf(error))
    }
  }
  if (warnings.length > 0) await session.stdout.write(`${warnings.join('\n')}\n`)
  if (messages.length > 0) throw new CliError(messages.join('\n'))
  return 0
}
