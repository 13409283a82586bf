/** Copies secrets and configs whose content is a variable or stands in the file into the container once it is made. */
import { pack } from 'tar-stream'
import { CliError } from '../../../shared/cli-error.ts'
import type { ComposeContext } from '../../context.ts'
import type { Project } from '../../model/project.ts'
import type { FileObject, FileReference, Service } from '../../model/types.ts'
import { fileTarget } from './mounts.ts'

interface InjectedFile {
  reference: FileReference
  target: string
  content: string
}

/** @throws CliError for a variable that isn't set */
function contentOf(object: FileObject, { environment }: Project): string | undefined {
  if (object.environment === undefined) return object.content
  const value = environment[object.environment]
  if (value !== undefined) return value
  throw new CliError(
    `environment variable "${object.environment}" required by file "${object.name}" is not set`,
  )
}

function filesOf(
  project: Project,
  references: readonly FileReference[],
  objects: Record<string, FileObject>,
  folder: string,
): InjectedFile[] {
  return references.flatMap((reference) => {
    const object = objects[reference.source]!
    const content = object.file === undefined ? contentOf(object, project) : undefined
    if (content === undefined || content === '') return []
    return [{ reference, target: fileTarget(reference, folder), content }]
  })
}

export async function injectFiles(
  { api, now }: ComposeContext,
  project: Project,
  service: Service,
  containerId: string,
): Promise<void> {
  const files = [
    ...filesOf(project, service.secrets ?? [], project.secrets, '/run/secrets/'),
    ...filesOf(project, service.configs ?? [], project.configs, '/'),
  ]
  for (const { reference, target, content } of files) {
    const { uid, gid, mode = 0o444 } = reference
    const archive = pack()
    archive.entry(
      { name: target, mode, uid: Number(uid ?? 0), gid: Number(gid ?? 0), mtime: new Date(now()) },
      content,
    )
    archive.finalize()
    const owned = uid !== undefined || gid !== undefined
    const query = { path: '/', noOverwriteDirNonDir: 'true', ...(owned && { copyUIDGID: 'true' }) }
    await api.run('PUT', `/containers/${containerId}/archive`, {
      query,
      bytes: archive as AsyncIterable<Uint8Array>,
    })
  }
}
