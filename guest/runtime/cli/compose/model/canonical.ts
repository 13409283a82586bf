/** Turns short forms into long ones and fills in defaults (compose-go's transform package). */
import { posix } from 'node:path'
import { parsePorts } from '../../docker/run/ports.ts'
import { ModelError } from './compose-error.ts'
import { parseVolume } from './parse-volume.ts'
import type { ServicePort } from './types.ts'
import { byText, goType, isDict, PathTable, pathText, type Dict, type TreePath } from './yaml/tree.ts'

/** @param lenient true without interpolation: what can't be read yet stays as it is */
type Transform = (value: unknown, path: TreePath, lenient: boolean) => unknown

const badType = (path: TreePath, value: unknown, what: string): ModelError =>
  new ModelError(`${pathText(path)}: invalid type ${goType(value)} for ${what}`)

function children(value: unknown, path: TreePath, lenient: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item, [...path, '[]'], lenient))
  if (!isDict(value)) return value
  for (const key of Object.keys(value)) value[key] = canonical(value[key], [...path, key], lenient)
  return value
}

/** `8080:80` → the long form, one entry per port of a range. @throws ModelError with Docker's sentence */
export function parsePort(text: string): ServicePort[] {
  let bindings: ReturnType<typeof parsePorts>['bindings']
  try {
    bindings = parsePorts([text], []).bindings
  } catch (error) {
    throw new ModelError((error as Error).message)
  }
  return Object.keys(bindings)
    .sort(byText)
    .flatMap((key) => {
      const [target, protocol] = key.split('/') as [string, string]
      return bindings[key]!.map(({ HostIp, HostPort }) => ({
        mode: 'ingress',
        ...(HostIp !== '' && { host_ip: HostIp }),
        target: Number(target),
        ...(HostPort !== '' && { published: HostPort }),
        protocol,
      }))
    })
}

const ports: Transform = (value, path, lenient) => {
  if (!Array.isArray(value)) throw badType(path, value, 'port')
  const list: unknown[] = []
  for (const entry of value as unknown[]) {
    if (isDict(entry)) list.push(entry)
    else if (typeof entry === 'number' || typeof entry === 'string') {
      try {
        list.push(...parsePort(String(entry)))
      } catch (error) {
        if (lenient) return value
        throw error
      }
    } else throw badType(path, entry, 'port')
  }
  return list
}

const volume: Transform = (value, path, lenient) => {
  if (isDict(value)) return value
  if (typeof value !== 'string') throw badType(path, value, 'service volume mount')
  try {
    const mount = parseVolume(value)
    return {
      ...mount,
      target: mount.target === '' ? '' : posix.normalize(mount.target).replace(/(.)\/$/, '$1'),
    }
  } catch (error) {
    if (lenient) return value
    throw error
  }
}

const device: Transform = (value, path, lenient) => {
  if (isDict(value)) return value
  if (typeof value !== 'string') throw badType(path, value, 'service volume mount')
  const parts = value.split(':')
  if (parts.length > 3 && !lenient)
    throw new ModelError(`confusing device mapping, please use long syntax: ${value}`)
  const [source = '', target, permissions = 'rwm'] = parts.length > 3 ? [] : parts
  return { source, target: target === undefined || target === '' ? source : target, permissions }
}

const fileMount: Transform = (value, path) => {
  if (isDict(value)) return value
  if (typeof value === 'string') return { source: value }
  throw new ModelError(`${pathText(path)}: unsupported type ${goType(value)}`)
}

const dependsOn: Transform = (value, path) => {
  if (Array.isArray(value)) {
    return Object.fromEntries(
      (value as string[]).map((name) => [name, { condition: 'service_started', required: true }]),
    )
  }
  if (!isDict(value)) throw badType(path, value, 'depend_on')
  for (const [name, entry] of Object.entries(value)) {
    if (!isDict(entry))
      throw new ModelError(`${pathText(path)}.${name}: unsupported value ${JSON.stringify(value)}`)
    entry.condition ??= 'service_started'
    entry.required ??= true
  }
  return value
}

const envFileEntry = (entry: unknown): unknown =>
  typeof entry === 'string' ? { path: entry, required: true } : { required: true, ...(entry as Dict) }

const envFile: Transform = (value, path) => {
  if (typeof value === 'string') return [envFileEntry(value)]
  if (Array.isArray(value)) return value.map(envFileEntry)
  throw badType(path, value, 'env_file')
}

const keyValues: Transform = (value, path, lenient) => {
  if (isDict(value)) return value
  if (!Array.isArray(value)) throw new ModelError(`${pathText(path)}: invalid type ${goType(value)}`)
  const entries: [string, string][] = []
  for (const entry of value as string[]) {
    const at = entry.indexOf('=')
    if (at < 0) {
      if (lenient) return value
      throw new ModelError(`${pathText(path)}: invalid value ${entry}, expected key=value`)
    }
    entries.push([entry.slice(0, at), entry.slice(at + 1)])
  }
  return Object.fromEntries(entries)
}

const sshKeys: Transform = (value, path) => {
  if (isDict(value)) return value
  if (!Array.isArray(value)) throw badType(path, value, 'ssh')
  return Object.fromEntries(
    (value as unknown[]).map((entry) => {
      if (typeof entry !== 'string') throw new ModelError(`invalid ssh key type ${goType(entry)}`)
      const at = entry.indexOf('=')
      if (at < 0 && entry !== 'default') throw new ModelError(`invalid ssh key ${JSON.stringify(entry)}`)
      return at < 0 ? [entry, null] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

const maybeExternal: Transform = (value, path, lenient) => {
  if (!isDict(value)) return null
  const resource = children(value, path, lenient) as Dict
  const { external } = resource
  if (!isDict(external)) return resource
  resource.external = true
  if (external.name === undefined) return resource
  if (resource.name !== undefined && resource.name !== external.name) {
    throw new ModelError(`${pathText(path)}: name and external.name conflict; only use name`)
  }
  resource.name = external.name
  return resource
}

const listOf: Transform = (value) => (typeof value === 'string' ? [value] : value)
const orDescend =
  (ofText: (text: string) => unknown, what: string): Transform =>
  (value, path, lenient) => {
    if (typeof value === 'string') return ofText(value)
    if (!isDict(value) && !Array.isArray(value)) throw badType(path, value, what)
    return children(value, path, lenient)
  }

const ulimit: Transform = (value, path) => {
  if (isDict(value) || Number.isInteger(value)) return value
  throw badType(path, value, 'external')
}

const networks: Transform = (value) =>
  Array.isArray(value) ? Object.fromEntries((value as string[]).map((name) => [name, null])) : value

const TRANSFORMS = new PathTable<Transform>({
  'services.*.build.secrets.*': fileMount,
  'services.*.build.additional_contexts': keyValues,
  'services.*.depends_on': dependsOn,
  'services.*.env_file': envFile,
  'services.*.label_file': listOf,
  'services.*.extends': orDescend((service) => ({ service }), 'extends'),
  'services.*.gpus': orDescend(() => [{ count: 'all' }], 'gpus'),
  'services.*.networks': networks,
  'services.*.volumes.*': volume,
  'services.*.dns': listOf,
  'services.*.devices.*': device,
  'services.*.secrets.*': fileMount,
  'services.*.configs.*': fileMount,
  'services.*.ports': ports,
  'services.*.build': orDescend((context) => ({ context }), 'build'),
  'services.*.build.ssh': sshKeys,
  'services.*.ulimits.*': ulimit,
  'services.*.build.ulimits.*': ulimit,
  'volumes.*': maybeExternal,
  'networks.*': maybeExternal,
  'secrets.*': maybeExternal,
  'configs.*': maybeExternal,
  'include.*': orDescend((path) => ({ path }), 'external'),
})

/** Changes and returns the tree. @throws ModelError */
export function canonical(value: unknown, path: TreePath, lenient: boolean): unknown {
  const transform = TRANSFORMS.find(path)
  return transform === undefined ? children(value, path, lenient) : transform(value, path, lenient)
}

/** Empty entries of `dns` mean nothing. */
export function dropEmptyDns(dict: Dict): void {
  for (const service of Object.values(isDict(dict.services) ? dict.services : {})) {
    if (isDict(service) && Array.isArray(service.dns))
      service.dns = service.dns.filter((entry) => entry !== null && entry !== '')
  }
}
