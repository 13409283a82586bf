/** `DELETE /containers/{parent}/{alias}?link=1`. Source: moby, daemon/delete.go, rmLink. */
import { EngineError } from '../../../protocol/errors.ts'
import type { EngineContext } from '../state/context.ts'
import { saveOrReport } from './exit-container.ts'
import { refreshHosts } from './update-container.ts'

/**
 * Removes a link, with its lines of the container's hosts file. Both containers stay.
 * @param name `parent/alias`, or the same with a slash in front
 */
export async function removeLink(context: EngineContext, name: string): Promise<void> {
  const full = name.startsWith('/') ? name : `/${name}`
  const parentName = full.slice(0, full.lastIndexOf('/'))
  if (parentName === '')
    throw new EngineError('internal', 'Conflict, cannot remove the default link name of the container')
  const { containers, networks } = context
  const found = containers.findLink(full)
  if (found === undefined)
    throw new EngineError('internal', `Cannot get parent ${parentName} for link name ${full}`)
  const { parent, link } = found
  await parent.lock.run(async () => {
    const { record } = parent
    const before = record.links
    let saved = false
    try {
      record.links = before?.filter((one) => one !== link)
      await containers.save(parent)
      saved = true
      await networks.unlink(parent.id, link.alias)
    } catch (error) {
      record.links = before
      if (saved) await saveOrReport(context, parent)
      throw error
    }
    await refreshHosts(context, parent)
  })
}
