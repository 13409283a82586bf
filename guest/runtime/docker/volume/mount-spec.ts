/** Checks `-v` strings and `--mount` requests as Docker does. Pure: mount-resolver.ts checks what exists on disk. */
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import type { MountRequest } from '../../../protocol/api/engine-api.ts'
import { invalidMode, invalidMount, invalidSpec } from './mount-errors.ts'
import { hasNoCopy, isMode, isReadOnly, PROPAGATIONS, propagationOf } from './mount-mode.ts'
import { tmpfsMountOptions } from './tmpfs-options.ts'

/** A checked request; `mode` is the raw third part of a `-v` string. */
export interface MountSpec extends MountRequest {
  mode: string
  /** A missing bind source is made, as `-v` does. */
  createSource: boolean
}

/** Parses `-v`. Throws `invalid volume specification: 'x'`, `invalid mode: x`, … */
export function parseBind(spec: string): MountSpec {
  const parts = splitSpec(spec)
  const [first, second, mode = ''] = parts
  if (first === undefined || first === '' || parts.length > 3) throw invalidSpec(spec)
  if (parts.length === 2 && isMode(second!)) throw invalidSpec(spec)
  if (!isMode(mode)) throw invalidMode(mode)
  const source = second === undefined ? '' : first
  const isBind = posix.isAbsolute(source)
  const propagation = propagationOf(mode)
  const request: MountRequest = {
    Type: isBind ? 'bind' : 'volume',
    Source: source,
    Target: second ?? first,
    ReadOnly: isReadOnly(mode),
    ...(propagation && { BindOptions: { Propagation: propagation } }),
    ...(!isBind && hasNoCopy(mode) && { VolumeOptions: { NoCopy: true } }),
  }
  try {
    checkMount(request)
  } catch (error) {
    throw invalidSpec(spec, EngineError.from(error).message)
  }
  const cleaned = clean(request)
  return { ...cleaned, mode, createSource: isBind }
}

/** Splits as Go's strings.SplitN(spec, ":", 4) does: all colons after the third stay in the last part. */
function splitSpec(spec: string): string[] {
  const parts = spec.split(':')
  return parts.length <= 4 ? parts : [...parts.slice(0, 3), parts.slice(3).join(':')]
}

export function parseMount(request: MountRequest): MountSpec {
  checkMount(request)
  return { ...clean(request), mode: '', createSource: request.BindOptions?.CreateMountpoint ?? false }
}

function clean(request: MountRequest): MountRequest {
  const target = posix.normalize(request.Target).replace(/(.)\/$/, '$1')
  const source =
    request.Type === 'bind' ? posix.normalize(request.Source!).replace(/(.)\/$/, '$1') : request.Source
  return { ...request, Target: target, Source: source }
}

function checkMount(request: MountRequest): void {
  const fail = (reason: string) => invalidMount(request.Type, reason)
  if (!request.Target) throw fail('field Target must not be empty')
  if (posix.normalize(request.Target) === '/') throw fail("invalid specification: destination can't be '/'")
  checkAbsolute(request.Target, fail)
  if (request.Type === 'bind') checkBind(request, fail)
  else if (request.Type === 'volume') checkVolume(request, fail)
  else if (request.Type === 'tmpfs') checkTmpfs(request, fail)
  else if (request.Type === 'image') checkImage(request, fail)
  else throw fail('mount type unknown')
}

type Fail = (reason: string) => EngineError

function checkAbsolute(path: string, fail: Fail): void {
  if (!posix.isAbsolute(path)) throw fail(`invalid mount path: '${path}' mount path must be absolute`)
}

function checkBind(request: MountRequest, fail: Fail): void {
  if (!request.Source) throw fail('field Source must not be empty')
  const propagation = request.BindOptions?.Propagation
  if (propagation && !PROPAGATIONS.includes(propagation))
    throw fail(`invalid propagation mode: ${propagation}`)
  refuseOptions(request, ['VolumeOptions', 'ImageOptions'], fail)
  checkAbsolute(request.Source, fail)
}

function refuseOptions(
  request: MountRequest,
  names: readonly ('BindOptions' | 'VolumeOptions' | 'ImageOptions')[],
  fail: Fail,
): void {
  const wrong = names.find((name) => request[name])
  if (wrong) throw fail(`field ${wrong} must not be specified`)
}

/** Refuses a subpath that leads out of its source by its text alone, as Go's filepath.IsLocal does. */
function checkSubpath(subpath: string, fail: Fail): void {
  const inside = posix.normalize(subpath)
  if (posix.isAbsolute(subpath) || inside === '..' || inside.startsWith('../'))
    throw fail('subpath must be a relative path within the volume')
}

function checkVolume(request: MountRequest, fail: Fail): void {
  refuseOptions(request, ['BindOptions', 'ImageOptions'], fail)
  const subpath = request.VolumeOptions?.Subpath
  if (subpath && !request.Source) throw fail('must not set Subpath when using anonymous volumes')
  if (subpath) checkSubpath(subpath, fail)
  if (request.ReadOnly && !request.Source)
    throw fail('must not set ReadOnly mode when using anonymous volumes')
}

function checkTmpfs(request: MountRequest, fail: Fail): void {
  refuseOptions(request, ['BindOptions', 'ImageOptions'], fail)
  if (request.Source) throw fail('field Source must not be specified')
  try {
    tmpfsMountOptions(request)
  } catch (error) {
    throw fail(EngineError.from(error).message)
  }
}

function checkImage(request: MountRequest, fail: Fail): void {
  refuseOptions(request, ['BindOptions', 'VolumeOptions'], fail)
  if (!request.Source) throw fail('field Source must not be empty')
  if (request.ImageOptions?.Subpath) checkSubpath(request.ImageOptions.Subpath, fail)
}
