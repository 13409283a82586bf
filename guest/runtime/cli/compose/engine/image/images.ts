/** The images of a project: finds those that are there, pulls and builds those that are needed. */
import { CliError } from '../../../shared/cli-error.ts'
import type { EngineApi } from '../../../../../vocabulary/engine-client/engine-api.ts'
import { familiarRepository, parseReference } from '../../../../../vocabulary/image-reference.ts'
import type { ComposeContext } from '../../context.ts'
import type { Project } from '../../model/project.ts'
import type { Service } from '../../model/types.ts'
import { buildServices, type BuildOptions } from './build.ts'
import { allOrFirstFailure } from '../lifecycle/dependency-order.ts'
import { imageName } from './image-name.ts'
import { inspectImage } from './inspect-image.ts'
import { LABEL } from '../labels.ts'
import { withProgress } from '../output/progress.ts'
import { pullServiceImage } from './pull.ts'

export interface ImageFacts {
  id: string
  repository: string
  tag: string
  size: number
}

export async function imageFacts(api: EngineApi, names: readonly string[]): Promise<Map<string, ImageFacts>> {
  const facts = new Map<string, ImageFacts>()
  await Promise.all(
    [...new Set(names)].map(async (name) => {
      const image = await inspectImage(api, name)
      if (image === undefined) return
      const reference = image.RepoTags[0] === undefined ? undefined : parseReference(image.RepoTags[0])
      facts.set(name, {
        id: image.Id,
        repository: reference === undefined ? '' : familiarRepository(reference),
        tag: reference?.tag ?? '',
        size: image.Size,
      })
    }),
  )
  return facts
}

/** Image name → id, of the images that the engine has. */
export async function localImages(api: EngineApi, project: Project): Promise<Map<string, string>> {
  const names = Object.keys(project.services).map((name) => imageName(project, name))
  const facts = await imageFacts(api, names)
  return new Map([...facts].map(([name, { id }]) => [name, id]))
}

function needsPull(
  { image, pull_policy: policy = '' }: Service,
  images: ReadonlyMap<string, string>,
): boolean {
  if (image === undefined || policy === 'never' || policy === 'build') return false
  return policy === 'always' || !images.has(image)
}

const isBuilt = (service: Service, project: Project): boolean =>
  service.build !== undefined ||
  Object.values(project.services).some(({ image, build }) => image === service.image && build !== undefined)

async function pullRequired(
  context: ComposeContext,
  project: Project,
  images: Map<string, string>,
  quiet: boolean,
): Promise<void> {
  const needed = Object.entries(project.services).filter(([, service]) => needsPull(service, images))
  if (needed.length === 0) return
  await withProgress(context, 'Running', (progress) =>
    allOrFirstFailure(
      needed.map(async ([name, service]) => {
        try {
          images.set(service.image!, await pullServiceImage(context, progress, name, service, quiet))
        } catch (error) {
          if (!(error instanceof CliError) || !isBuilt(service, project)) throw error
        }
      }),
    ),
  )
}

/** @param build nothing is built when undefined. @throws CliError */
export async function ensureImages(
  context: ComposeContext,
  project: Project,
  build: BuildOptions | undefined,
  quiet: boolean,
): Promise<void> {
  const images = await localImages(context.api, project)
  await pullRequired(context, project, images, quiet)
  if (build !== undefined) {
    for (const [name, id] of await buildServices(context, project, build, images)) images.set(name, id)
  }
  for (const name of Object.keys(project.services)) {
    const id = images.get(imageName(project, name))
    if (id !== undefined) project.customLabels[name] = { ...project.customLabels[name], [LABEL.image]: id }
  }
}
