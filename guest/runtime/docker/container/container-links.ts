/** Links of the default bridge (`--link`): a container is also known as `/parent/alias`. Source: moby, daemon/delete.go. */
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { refreshHosts } from './update-container.ts'

const aliasOf = (link: string) => link.split(':')[1] ?? link

/** `docker rm --link /parent/alias`: the parent no longer knows the other by that name; neither container goes. */
export async function removeLink(context: EngineContext, name: string): Promise<void> {
  const path = name.startsWith('/') ? name : `/${name}`
  const at = path.lastIndexOf('/')
  const [parentName, alias] = [path.slice(0, at), path.slice(at + 1)]
  if (parentName === '') {
    context.containers.find(name)
    throw new EngineError('internal', 'Conflict, cannot remove the default link name of the container')
  }
  const parent = context.containers.all().find(({ record }) => record.name === parentName)
  const link = parent?.record.endpoints['bridge']?.Links?.find((one) => aliasOf(one) === alias)
  if (!parent || link === undefined)
    throw new EngineError('not-found', `No such container: ${name}`, { reference: name })
  await parent.lock.run(() => unlink(context, parent, link))
}

async function unlink(context: EngineContext, parent: Container, link: string): Promise<void> {
  const { record } = parent
  const without = (links: string[] | null | undefined) =>
    links?.filter((one) => aliasOf(one) !== aliasOf(link)) ?? null
  record.endpoints['bridge'] = {
    ...record.endpoints['bridge'],
    Links: without(record.endpoints['bridge']?.Links),
  }
  record.hostConfig = { ...record.hostConfig, Links: without(record.hostConfig.Links) }
  await context.containers.save(parent)
  await context.networks.unlink(parent.id, link)
  await refreshHosts(context, parent)
}
