/** `docker compose push`. */
import { CliError } from '../../shared/cli-error.ts'
import { messageOf } from '../../shared/for-each.ts'
import { parseReference, repositoryName } from '../../../../vocabulary/image-reference.ts'
import { encodeAuth, registryAuth } from '../../docker/image/registry-auth.ts'
import { toProject, type ComposeContext } from '../context.ts'
import { allOrFirstFailure } from '../engine/lifecycle/dependency-order.ts'
import { withProgress } from '../engine/output/progress.ts'
import { withSelectedServices, type Project } from '../model/project.ts'
import type { ComposeFlags } from '../flags.ts'

export async function push(context: ComposeContext<ComposeFlags['push']>): Promise<number> {
  const { args, flags } = context
  let project = await toProject(context, args)
  if (!flags.bool('include-deps')) project = withSelectedServices(project, args, 'none')
  await pushImages(context, project, {
    ignoreFailures: flags.bool('ignore-push-failures'),
    quiet: flags.bool('quiet'),
  })
  return 0
}

/** Pushes every service that is built and names its image. @throws CliError */
export async function pushImages(
  context: ComposeContext,
  project: Project,
  { ignoreFailures, quiet }: { ignoreFailures: boolean; quiet: boolean },
): Promise<void> {
  const shown = quiet ? { ...context, progress: 'quiet' as const } : context
  await withProgress(shown, 'Pushing', (progress) =>
    allOrFirstFailure(
      Object.entries(project.services).map(async ([name, { build, image }]) => {
        if (build === undefined || image === undefined) {
          progress.event({ id: name, status: 'done', text: 'Skipped' })
          return
        }
        progress.event({ id: name, status: 'working', text: `Pushing ${name}` })
        try {
          for (const text of await pushImage(context, image))
            progress.event({ id: name, status: 'working', text: `Pushing ${name}`, statusText: text })
          progress.event({ id: name, status: 'done', text: `Pushed ${name}` })
        } catch (error) {
          progress.event({ id: name, status: 'error', text: `Pushing ${name}`, statusText: messageOf(error) })
          if (!ignoreFailures) throw error
        }
      }),
    ),
  )
}

/** @returns what the engine said. @throws CliError, ApiError */
async function pushImage(context: ComposeContext, image: string): Promise<string[]> {
  const reference = parseReference(image)
  const auth = await registryAuth(context, reference.domain)
  const headers = auth.headers ?? encodeAuth({})
  const said: string[] = []
  const path = `/images/${repositoryName(reference)}/push` as const
  const query = { tag: reference.tag ?? 'latest' }
  for await (const { error, errorDetail, status } of context.api.values('POST', path, {
    query,
    headers,
  })) {
    const problem = errorDetail?.message ?? error
    if (problem !== undefined) throw new CliError(problem)
    if (status !== undefined) said.push(status)
  }
  return said.slice(-1)
}
