/** `docker compose scale web=3`. */
import { CliError } from '../../shared/cli-error.ts'
import { toProject, type ComposeContext } from '../context.ts'
import { PLAIN_BUILD } from '../engine/image/build.ts'
import { createProject } from '../engine/create/create.ts'
import { withProgress } from '../engine/output/progress.ts'
import { startProject } from '../engine/lifecycle/start.ts'
import { withSelectedServices } from '../model/project.ts'
import { setScale } from './create-options.ts'
import type { ComposeFlags } from '../flags.ts'

function parseScale(text: string): [string, number] {
  const at = text.indexOf('=')
  const [name, count] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  if (at < 0 || name === '' || count === '') throw new CliError(`invalid scale specifier: ${text}`)
  if (!/^[+-]?\d+$/.test(count))
    throw new CliError(`invalid scale specifier: can't parse replica value as int: ${text}`)
  return [name, Number(count)]
}

export async function scale(context: ComposeContext<ComposeFlags['scale']>): Promise<number> {
  const counts = context.args.map(parseScale)
  const services = counts.map(([name]) => name)
  let project = await toProject(context, services)
  if (context.flags.bool('no-deps')) project = withSelectedServices(project, services, 'none')
  for (const [name, count] of counts) setScale(project, name, count)
  await withProgress(context, 'Scaling', async (progress) => {
    await createProject(
      context,
      project,
      {
        ...{ services, build: PLAIN_BUILD, removeOrphans: false, ignoreOrphans: false, quietPull: false },
        ...{ recreate: 'diverged', recreateDependencies: 'diverged', inherit: true, timeout: undefined },
      },
      progress,
    )
    await startProject(context, progress, project)
  })
  return 0
}
