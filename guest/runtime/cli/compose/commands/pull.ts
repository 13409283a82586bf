/** `docker compose pull`. */
import { CliError } from '../../shared/cli-error.ts'
import { toProject, type ComposeContext } from '../context.ts'
import { allOrFirstFailure } from '../engine/lifecycle/dependency-order.ts'
import { localImages } from '../engine/image/images.ts'
import { pullServiceImage } from '../engine/image/pull.ts'
import type { Progress } from '../engine/output/progress-events.ts'
import { withProgress } from '../engine/output/progress.ts'
import { serviceNames, withSelectedServices } from '../model/project.ts'
import type { Service } from '../model/types.ts'
import type { ComposeFlags } from '../flags.ts'

/** A name with a tag other than `latest` is taken as settled; `latest` may have moved on, so it is always pulled. */
const isSettled = (image: string): boolean => /:[^/]+$/.test(image) && !image.endsWith(':latest')

interface Pulls {
  images: ReadonlyMap<string, string>
  /** Image → the service that pulls it. */
  underway: Map<string, string>
}

/** The reason why a service's image isn't pulled; undefined when it is. */
function skipped(
  context: ComposeContext<ComposeFlags['pull']>,
  name: string,
  service: Service,
  { images, underway }: Pulls,
): string | undefined {
  const { image, pull_policy: policy } = service
  if (image === undefined) return 'Skipped - No image to be pulled'
  if (policy === 'never' || policy === 'build') return 'Skipped'
  if (policy === 'missing' && images.has(image) && isSettled(image))
    return 'Skipped - Image is already present locally'
  if (service.build !== undefined && context.flags.bool('ignore-buildable'))
    return 'Skipped - Image can be built'
  const other = underway.get(image)
  if (other !== undefined) return `Skipped - Image is already being pulled by ${other}`
  underway.set(image, name)
  return undefined
}

export async function pull(context: ComposeContext<ComposeFlags['pull']>): Promise<number> {
  const { args, flags, api } = context
  let project = await toProject(context, args)
  if (!flags.bool('include-deps')) project = withSelectedServices(project, args, 'none')
  const policy = flags.string('policy')
  const pulls: Pulls = { images: await localImages(api, project), underway: new Map() }
  const mustBuild: string[] = []
  const pullOne = async (name: string, progress: Progress): Promise<void> => {
    const own = project.services[name]!
    const service = policy !== '' && own.image !== undefined ? { ...own, pull_policy: policy } : own
    const reason = skipped(context, name, service, pulls)
    if (reason !== undefined) return progress.event({ id: name, status: 'done', text: reason })
    try {
      await pullServiceImage(context, progress, name, service, flags.bool('quiet'))
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      if (service.build !== undefined) mustBuild.push(name)
      else if (!flags.bool('ignore-pull-failures')) throw error
    }
  }
  const shown = flags.bool('quiet') ? { ...context, progress: 'quiet' as const } : context
  await withProgress(shown, 'Pulling', async (progress) => {
    await allOrFirstFailure(serviceNames(project).map((name) => pullOne(name, progress)))
    if (mustBuild.length > 0) {
      progress.tail(
        `WARNING: Some service image(s) must be built from source by running:\n    docker compose build ${mustBuild.join(' ')}`,
      )
    }
  })
  return 0
}
