/** Reads images from registries, from the Docker of this machine and from archives, through Debian's skopeo. */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import {
  familiarReference,
  formatReference,
  repositoryName,
} from '../../../guest/vocabulary/image-reference.ts'
import { parseJson } from '../../../guest/vocabulary/json.ts'
import { isLoopback } from '../../../web/src/registry-client/registry-origin.ts'
import { ensureTools } from '../debian/host-tools.ts'
import { projectRoot } from '../paths.ts'
import { tryRun } from '../run.ts'
import { type ImageOrigin, formatOrigin } from './image-origin.ts'

/** Digests are pinned and checked by us; the platform is chosen in archives that hold several. */
const ALWAYS = ['--insecure-policy', '--override-os', 'linux', '--override-arch', '386']

/** The manifest or index, byte for byte. Rejects with EngineError `unavailable` in skopeo's words. */
export async function readManifest(origin: ImageOrigin): Promise<Uint8Array> {
  return skopeo(origin, ['inspect', ...plainHttp(origin, ''), '--raw', await sourceOf(origin)])
}

/** The configuration, byte for byte. @param digest of the manifest, where a registry has several under the name */
export async function readConfig(origin: ImageOrigin, digest?: Digest): Promise<Uint8Array> {
  const source = await sourceOf(origin, digest)
  return skopeo(origin, ['inspect', ...plainHttp(origin, ''), '--raw', '--config', source])
}

/** Writes `manifest.json` and each blob under its hexadecimal digest into a folder; a registry's stay as they are. */
export async function copyTo(folder: string, origin: ImageOrigin, digest?: Digest): Promise<void> {
  // What a Docker saves is not compressed.
  const how = origin.kind === 'registry' ? ['--preserve-digests'] : ['--dest-compress']
  const source = await sourceOf(origin, digest)
  await skopeo(origin, ['copy', ...plainHttp(origin, 'src-'), ...how, source, `dir:${folder}`])
}

async function skopeo(origin: ImageOrigin, args: string[]): Promise<Buffer> {
  await ensureTools('skopeo')
  const { status, stdout, stderr } = await tryRun('skopeo', [...ALWAYS, ...args], { cwd: projectRoot })
  if (status === 0) return stdout
  const from = origin.kind === 'registry' ? '' : ` from ${formatOrigin(origin)}`
  const what = familiarReference(origin.reference)
  throw new EngineError('unavailable', `${what} cannot be copied${from}: ${reasonIn(stderr)}`)
}

/** skopeo's last words, without their frame: `time="…" level=fatal msg="Error …: \"docker://…\": why"`. */
export function reasonIn(stderr: string): string {
  const [, quoted] = /level=fatal msg=("(?:[^"\\]|\\.)*")/.exec(stderr) ?? []
  if (quoted === undefined) return stderr.trim().split('\n').at(-1) || 'skopeo gives no reason'
  const said = parseJson(quoted, 'skopeo’s message') as string
  return said.replace(/^(Error [^":]*"[^"]*": )+/, '')
}

/** Plain HTTP is for registries of this machine only, as Docker has it. */
function plainHttp(origin: ImageOrigin, side: '' | 'src-'): string[] {
  const plain = origin.kind === 'registry' && isLoopback(origin.reference.domain)
  return plain ? [`--${side}tls-verify=false`] : []
}

/** https://github.com/containers/image/blob/main/docs/containers-transports.5.md */
async function sourceOf(origin: ImageOrigin, digest?: Digest): Promise<string> {
  const { reference } = origin
  switch (origin.kind) {
    case 'registry':
      return `docker://${digest === undefined ? formatReference(reference) : `${repositoryName(reference)}@${digest}`}`
    case 'docker':
      return `docker-daemon:${formatReference(reference)}`
    case 'archive':
      return archiveSource(origin.path, formatReference(reference))
  }
}

/** `docker save` writes manifest.json, and with it what OCI archives have; those alone have index.json only. */
async function archiveSource(path: string, name: string): Promise<string> {
  const images = await member(path, 'manifest.json')
  if (Array.isArray(images)) return `docker-archive:${path}${images.length > 1 ? `:${name}` : ''}`
  const index = await member(path, 'index.json')
  const manifests = isRecord(index) ? index['manifests'] : undefined
  if (!Array.isArray(manifests))
    throw new EngineError(
      'invalid',
      `${path} is no archive of images: it has neither manifest.json nor index.json; \`docker save\` makes one`,
    )
  if (manifests.length === 1) return `oci-archive:${path}`
  throw new EngineError(
    'invalid',
    `${path} holds ${manifests.length} images: give an OCI archive of one, or one of \`docker save\``,
  )
}

/** A JSON file of an archive; undefined when the archive has none of that name. */
async function member(path: string, name: string): Promise<unknown> {
  const { status, stdout, stderr } = await tryRun('tar', ['-xOf', path, name], { cwd: projectRoot })
  if (status === 0) return parseJson(stdout.toString(), `${name} of ${path}`)
  if (/Not found in archive/.test(stderr)) return undefined
  throw new EngineError('invalid', `${path} cannot be read as an archive: ${stderr.trim().split('\n')[0]}`)
}
