/** Completion below `docker compose`: its commands, their flags, the services of the project. */
import { NOTHING, type Completer, type Completion, type Level } from './levels.ts'
import { FULL_MODEL, loadProject } from '../compose/model/load-project.ts'
import { locateProject, type ProjectSource } from '../compose/model/locate-project.ts'
import { ModelError } from '../compose/model/compose-error.ts'
import { serviceNames } from '../compose/model/project.ts'
import { ROOT_FLAGS } from '../compose/flags.ts'
import { COMPOSE_COMMANDS, findComposeCommand } from '../compose/table.ts'

/** Commands whose arguments are not services. */
const NO_SERVICES = ['ls', 'version', 'down']

/** Commands that take one service and then something else. */
const ONE_SERVICE = ['attach', 'exec', 'run', 'port']

function source({ session, services }: Completer): ProjectSource {
  return {
    files: services.files,
    cwd: session.cwd,
    home: session.env.HOME ?? '/root',
    warn: () => undefined,
    environment: session.env,
    readStdin: () => Promise.resolve(''),
    ...{ configPaths: [], envFiles: [], projectName: '', projectDirectory: '', profiles: ['*'] },
  }
}

/** Proposes none where there is no project, or a broken one: completion prints no errors. */
async function projectServices(completer: Completer): Promise<string[]> {
  try {
    if ((await locateProject(source(completer))).configPaths.length === 0) return []
    const options = { ...FULL_MODEL, environmentResolution: false, consistency: false }
    const { project } = await loadProject(source(completer), options)
    return serviceNames(project)
  } catch (error) {
    if (error instanceof ModelError) return []
    throw error
  }
}

export function composeLevel(completer: Completer): Level {
  return {
    flags: ROOT_FLAGS,
    interspersed: false,
    commands: COMPOSE_COMMANDS.map(({ name, summary }) => ({ text: name, description: summary })),
    enter: (name) => {
      const command = findComposeCommand(name)
      if (command === undefined) return undefined
      return {
        flags: command.flags,
        interspersed: command.interspersed !== false,
        argument: (given) => services(completer, command.name, given),
      }
    },
  }
}

async function services(
  completer: Completer,
  command: string,
  given: readonly string[],
): Promise<Completion> {
  if (NO_SERVICES.includes(command)) return NOTHING
  if (given.length > 0 && ONE_SERVICE.includes(command)) return { proposals: [], directive: 0 }
  const names = (await projectServices(completer)).filter((name) => !given.includes(name))
  return { ...NOTHING, proposals: names.map((text) => ({ text })) }
}
