/** `docker network connect` and `disconnect`. */
import type { NetworkConnectRequest, NetworkDisconnectRequest } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { cut } from '../run/checks.ts'
import type { NetworkFlags } from '../table/network-flags.ts'

function driverOptions(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [key, value] = cut(entry, '=')
      if (value === undefined || key.trim() === '')
        throw new CliError('invalid key/value pair format in driver options')
      return [key.trim(), value.trim()]
    }),
  )
}

const orNull = (list: string[]): string[] | null => (list.length === 0 ? null : list)

export async function connect({ flags, args, api }: CliContext<NetworkFlags['connect']>): Promise<number> {
  const [network, container] = args as [string, string]
  const linkLocal = flags.list('link-local-ip')
  const json: NetworkConnectRequest = {
    Container: container,
    EndpointConfig: {
      IPAMConfig: {
        ...(flags.string('ip') !== '' && { IPv4Address: flags.string('ip') }),
        ...(flags.string('ip6') !== '' && { IPv6Address: flags.string('ip6') }),
        ...(linkLocal.length > 0 && { LinkLocalIPs: linkLocal }),
      },
      Links: orNull(flags.list('link')),
      Aliases: orNull(flags.list('alias')),
      DriverOpts: driverOptions(flags.list('driver-opt')),
      ...(flags.number('gw-priority') !== 0 && { GwPriority: flags.number('gw-priority') }),
    },
  }
  await api.run('POST', `/networks/${encodeURIComponent(network)}/connect`, { json })
  return 0
}

export async function disconnect({
  flags,
  args,
  api,
}: CliContext<NetworkFlags['disconnect']>): Promise<number> {
  const [network, container] = args as [string, string]
  const json: NetworkDisconnectRequest = { Container: container, Force: flags.bool('force') }
  await api.run('POST', `/networks/${encodeURIComponent(network)}/disconnect`, { json })
  return 0
}
