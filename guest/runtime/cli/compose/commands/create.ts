/** `docker compose create`. */
import { toProject, type ComposeContext } from '../context.ts'
import { createProject } from '../engine/create/create.ts'
import { withProgress } from '../engine/output/progress.ts'
import type { ComposeFlags } from '../flags.ts'
import { applyCreateFlags, checkCreateFlags, createOptions } from './create-options.ts'

export async function create(context: ComposeContext<ComposeFlags['create']>): Promise<number> {
  checkCreateFlags(context)
  const project = await toProject(context, context.args)
  applyCreateFlags(context, project)
  await withProgress(context, 'Creating', (progress) =>
    createProject(context, project, createOptions(context, project), progress),
  )
  return 0
}
