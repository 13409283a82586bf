/** `docker port`. */
import type { ContainerInspect, PortBinding } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath } from '../../shared/for-each.ts'
import { naturalOrder } from '../../shared/format/natural-order.ts'

const address = ({ HostIp, HostPort }: PortBinding): string =>
  `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`

export async function port({ args, api, session }: CliContext): Promise<number> {
  const [name, wanted] = args as [string, string?]
  const { NetworkSettings } = await api.json('GET', `${containerPath(name)}/json`)
  const lines = wanted === undefined ? all(NetworkSettings.Ports) : one(NetworkSettings.Ports, wanted, name)
  if (lines.length > 0) await session.stdout.write(`${lines.sort(naturalOrder).join('\n')}\n`)
  return 0
}

function all(ports: ContainerInspect['NetworkSettings']['Ports']): string[] {
  return Object.entries(ports ?? {}).flatMap(([inside, bindings]) =>
    (bindings ?? []).map((binding) => `${inside} -> ${address(binding)}`),
  )
}

function one(ports: ContainerInspect['NetworkSettings']['Ports'], wanted: string, name: string): string[] {
  const [number, protocol] = wanted.split('/') as [string, string?]
  if (!/^\d+$/.test(number) || Number(number) > 65535) {
    const reason = /^\d+$/.test(number) ? 'value out of range' : 'invalid syntax'
    throw new CliError(
      `Error: invalid port (${number}): strconv.ParseUint: parsing ${JSON.stringify(number)}: ${reason}`,
    )
  }
  const bindings = ports?.[`${number}/${protocol || 'tcp'}`] ?? []
  if (bindings.length === 0) throw new CliError(`Error: No public port '${wanted}' published for ${name}`)
  return bindings.map(address)
}
