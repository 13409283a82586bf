/** `down --rmi`: chooses the images to remove. */
import { formatFilters } from '../../../../../vocabulary/filters.ts'
import type { ComposeContext } from '../../context.ts'
import type { Project } from '../../model/project.ts'
import { imageFacts } from './images.ts'
import { imageName } from './image-name.ts'
import { LABEL } from '../labels.ts'

/** `local` chooses images that the file gives no name; `all` every image that a service uses. */
export async function imagesToRemove(
  { api }: ComposeContext,
  project: Project,
  mode: 'all' | 'local',
): Promise<string[]> {
  const query = {
    all: 1,
    filters: formatFilters({ label: [`${LABEL.project}=${project.name}`], dangling: ['false'] }),
  }
  const built = await api.json('GET', '/images/json', { query })
  const names = new Set<string>()
  for (const [name, { image }] of Object.entries(project.services)) {
    if (mode === 'local' && image !== undefined) continue
    names.add(imageName(project, name))
  }
  if (mode === 'all') built.flatMap(({ RepoTags }) => RepoTags).forEach((tag) => names.add(tag))
  const present = await imageFacts(api, [...names])
  // Gives an image one name, whether it was written in short or in full.
  const canonical = (name: string): string => (/:[^/]+$/.test(name) ? name : `${name}:latest`)
  return [
    ...new Map(
      [...names].filter((name) => present.has(name)).map((name) => [canonical(name), canonical(name)]),
    ).values(),
  ]
}
