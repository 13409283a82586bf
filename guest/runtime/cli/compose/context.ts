/** The context of a handler of `docker compose`: the parsed command line of its command, and that of `compose` itself. */
import { resolvePath, type CliContext, type CliEnvironment, type NoFlags } from '../shared/context.ts'
import type { ParsedFlags } from '../shared/parse-flags.ts'
import { findCommand } from '../docker/table/table.ts'
import { EXIT, ModelError } from './model/compose-error.ts'
import { FULL_MODEL, loadProject, type LoadedProject, type ModelOptions } from './model/load-project.ts'
import type { ProjectSource } from './model/locate-project.ts'
import { withEnvironmentResolved } from './model/service-environment.ts'
import {
  profilesFor,
  withoutUnnecessaryResources,
  withProfiles,
  withSelectedServices,
  type Project,
} from './model/project.ts'
import { LABEL } from './engine/labels.ts'
import type { RootFlags } from './flags.ts'
import { COMPOSE_VERSION } from './version.ts'

export type ProgressMode = 'auto' | 'tty' | 'plain' | 'quiet'

/** The part of a handler's context that does not depend on its own command line. */
export interface ComposeEnvironment extends CliEnvironment {
  /** Flags before the command: `-f`, `-p`, `--profile` … */
  root: ParsedFlags<RootFlags>
  progress: ProgressMode
  /** Colours in log prefixes. */
  colour: boolean
  warn: (message: string) => void
}

/** @typeParam Types the flags that are read, name → type; see `TypesOf` */
export type ComposeContext<Types = NoFlags> = ComposeEnvironment & CliContext<Types>

export type ComposeHandler<Types = NoFlags> = (context: ComposeContext<Types>) => Promise<number>

async function readStdin({ session }: CliEnvironment): Promise<string> {
  const chunks: Uint8Array[] = []
  for (let chunk = await session.stdin.read(); chunk !== null; chunk = await session.stdin.read())
    chunks.push(chunk)
  session.stdin.stop()
  return Buffer.concat(chunks).toString()
}

export function projectSource(context: ComposeEnvironment): ProjectSource {
  const { root, session, files, warn } = context
  return {
    files,
    cwd: session.cwd,
    home: session.env.HOME ?? '/root',
    warn,
    environment: session.env,
    readStdin: () => readStdin(context),
    configPaths: root.list('file'),
    envFiles: root.list('env-file').map((path) => resolvePath(context, path)),
    projectName: root.string('project-name'),
    projectDirectory: root.string('project-directory') || root.string('workdir'),
    profiles: root.list('profile'),
  }
}

/** Labels that every container of a service gets. */
function customLabels(context: ComposeEnvironment, project: Project): Project['customLabels'] {
  const envFiles = projectSource(context).envFiles
  const common = {
    [LABEL.project]: project.name,
    [LABEL.version]: COMPOSE_VERSION,
    [LABEL.workingDir]: project.workingDir,
    [LABEL.configFiles]: project.composeFiles.join(','),
    [LABEL.oneOff]: 'False',
    ...(envFiles.length > 0 && { [LABEL.environmentFile]: envFiles.join(',') }),
  }
  return Object.fromEntries(
    Object.keys(project.services).map((name) => [name, { ...common, [LABEL.service]: name }]),
  )
}

/** The project narrowed to the services named, with what they need. @throws ModelError, CliError */
export async function toProject(
  context: ComposeEnvironment,
  names: readonly string[],
  options: Partial<ModelOptions> = {},
): Promise<Project> {
  return (await toLoadedProject(context, names, options)).project
}

export async function toLoadedProject(
  context: ComposeEnvironment,
  names: readonly string[],
  options: Partial<ModelOptions> = {},
): Promise<LoadedProject> {
  const loaded = await loadProject(projectSource(context), { ...FULL_MODEL, ...options })
  let { project } = loaded
  if (names.some((name) => !(name in project.services) && name in project.disabled)) {
    project = withProfiles(project, profilesFor(project, names))
    project = await withEnvironmentResolved(project, projectSource(context))
  }
  project = { ...project, customLabels: customLabels(context, project) }
  project = withSelectedServices(withoutUnnecessaryResources(project), names)
  return { ...loaded, project }
}

export interface NamedProject {
  name: string
  /** Undefined when only `-p` or COMPOSE_PROJECT_NAME names the project. */
  project: Project | undefined
}

/** Reads the files only when no name is given: a command on running containers doesn't need them. @throws ModelError */
export async function projectOrName(
  context: ComposeEnvironment,
  names: readonly string[] = [],
): Promise<NamedProject> {
  const { root, session } = context
  const given = root.string('project-name')
  if (given !== '' && root.list('file').length === 0) return { name: given.toLowerCase(), project: undefined }
  try {
    const project = await toProject(context, names)
    return { name: project.name, project }
  } catch (error) {
    const fromEnvironment = session.env.COMPOSE_PROJECT_NAME ?? ''
    if (fromEnvironment === '' || !(error instanceof ModelError)) throw error
    return { name: fromEnvironment.toLowerCase(), project: undefined }
  }
}

/** @throws ModelError */
export async function projectName(context: ComposeEnvironment): Promise<string> {
  const given = context.root.string('project-name') || context.session.env.COMPOSE_PROJECT_NAME
  return given !== undefined && given !== '' ? given.toLowerCase() : (await toProject(context, [])).name
}

/** Runs one of the plain `docker` commands with these words. */
export async function runDockerCommand(
  context: CliEnvironment,
  path: string,
  words: readonly string[],
): Promise<number> {
  const command = findCommand(path)
  if (command === undefined) throw new ModelError(`docker ${path} is not there yet`, EXIT.syntax)
  return command.parse(words).run(context)
}
