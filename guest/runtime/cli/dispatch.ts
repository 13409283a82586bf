/** Runs `docker` with the words after it: finds the command, parses its flags, prints help and errors. */
import { EngineError } from '../../protocol/errors.ts'
import { CliError } from './shared/cli-error.ts'
import type { CommandSpec } from './shared/command.ts'
import type { CliServices } from './shared/services.ts'
import { ApiError, engineFor } from './shared/api-error.ts'
import { experimentalCommand, refuseExperimental } from './shared/experimental.ts'
import { FlagError, HelpRequested, parseFlags } from './shared/parse-flags.ts'
import { positionalError } from './shared/positional.ts'
import { SignalEnd, type CliSession } from './shared/session.ts'
import { globalFlags } from './docker/table/global-flags.ts'
import { findCommand, findGroup } from './docker/table/table.ts'
import { TemplateError } from './shared/template/ast.ts'
import { commandHelp, groupHelp, rootHelp, usageLine } from './docker/usage.ts'
import { CLIENT_VERSION } from './shared/version.ts'

/** Docker's exit codes: 125 a wrong flag, 1 any other refusal. */
const FLAG_ERROR_CODE = 125

/** @returns the exit code; never throws for anything the user or the engine did */
export async function runDocker(session: CliSession, services: CliServices): Promise<number> {
  try {
    return await dispatch(session, services)
  } catch (thrown) {
    const { message, exitCode } = describeFailure(session, thrown)
    if (message !== '') await session.stderr.write(`${message}\n`)
    return exitCode
  }
}

function describeFailure(session: CliSession, thrown: unknown): { message: string; exitCode: number } {
  const reason: unknown = session.ended.aborted ? session.ended.reason : undefined
  if (reason !== undefined)
    return { message: '', exitCode: reason instanceof SignalEnd ? reason.exitCode : 1 }
  if (thrown instanceof CliError) return { message: thrown.message, exitCode: thrown.exitCode }
  if (thrown instanceof ApiError || thrown instanceof TemplateError)
    return { message: thrown.message, exitCode: 1 }
  if (thrown instanceof EngineError) return { message: thrown.message, exitCode: 1 }
  // A stack trace tells where this defect of ours is.
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return { message: `docker: internal error: ${text}`, exitCode: 1 }
}

async function dispatch(session: CliSession, services: CliServices): Promise<number> {
  const argv = session.argv
  const first = argv[0]
  if (first === undefined)
    return printUsage(session, rootHelp(globalFlags(session.env.HOME ?? '/root'), columns(session)))
  // Most command lines have no global flags.
  if (!first.startsWith('-')) return findAndRun(session, services, argv)
  const flagSpecs = globalFlags(session.env.HOME ?? '/root')
  const help = (): string => rootHelp(flagSpecs, columns(session))
  const parsed = await parsedOrHelp(session, () => parseFlags(flagSpecs, argv, false), 'docker', help())
  if (parsed === 'help') return printHelp(session, help())
  if (parsed.flags.bool('version'))
    return print(session, `Docker version ${CLIENT_VERSION.version}, build porthole\n`)
  if (parsed.flags.changed('host') || parsed.flags.changed('context')) {
    throw new CliError('docker: --host and --context cannot be used here: this client belongs to one engine')
  }
  if (parsed.args.length === 0) return printUsage(session, help())
  return findAndRun(session, services, parsed.args)
}

const columns = (session: CliSession): number => (session.stdin.isTerminal ? session.size().columns : 0)

async function print(session: CliSession, text: string): Promise<number> {
  await session.stdout.write(text)
  return 0
}

/** Docker's template of help texts begins with an empty line. */
const printHelp = (session: CliSession, text: string): Promise<number> => print(session, `\n${text}`)

/** Docker writes the help text to stderr when no command was given. */
async function printUsage(session: CliSession, text: string): Promise<number> {
  await session.stderr.write(`\n${text}`)
  return 0
}

async function findAndRun(
  session: CliSession,
  services: CliServices,
  argv: readonly string[],
): Promise<number> {
  const [first, ...rest] = argv
  if (first === 'help') return help(session, rest)
  if (first === 'compose') return (await import('./compose/main.ts')).runCompose(session, services, rest)
  if (first === 'completion') return (await import('./completion/scripts.ts')).printScript(session, rest)
  if (first === '__complete' || first === '__completeNoDesc') {
    const { complete } = await import('./completion/complete.ts')
    return complete(session, services, rest, first === '__complete')
  }
  const unsupported = experimentalCommand(argv)
  if (unsupported !== undefined) {
    if (rest.includes('--help')) return print(session, `${unsupported}\n`)
    throw new CliError(unsupported)
  }
  const command = findCommand(first!)
  if (command !== undefined) return runCommand(session, services, command, `docker ${first}`, rest)
  if (findGroup(first!) === undefined) {
    throw new CliError(`docker: '${first}' is not a docker command.\nSee 'docker --help'`)
  }
  const path = `docker ${first}`
  if (rest.length === 0) return printUsage(session, groupHelp(first!))
  if (rest[0]!.startsWith('-')) {
    const parsed = await parsedOrHelp(session, () => parseFlags([], rest, false), path, groupHelp(first!))
    if (parsed === 'help') return printHelp(session, groupHelp(first!))
    rest.splice(0, rest.length, ...parsed.args)
  }
  const member = findCommand(`${first} ${rest[0]}`)
  if (member !== undefined) return runCommand(session, services, member, `${path} ${rest[0]}`, rest.slice(1))
  await printUsage(session, groupHelp(first!))
  return 1
}

function help(session: CliSession, words: readonly string[]): Promise<number> {
  const path = words.join(' ')
  if (path === '')
    return printHelp(session, rootHelp(globalFlags(session.env.HOME ?? '/root'), columns(session)))
  const command = findCommand(path)
  if (command !== undefined)
    return printHelp(session, commandHelp(command, `docker ${path}`, columns(session)))
  if (findGroup(path) !== undefined) return printHelp(session, groupHelp(path))
  const unsupported = experimentalCommand(words)
  if (unsupported !== undefined) return print(session, `${unsupported}\n`)
  throw new CliError(`unknown help topic: ${path}`)
}

/** @param help the help text of a command with subcommands, which Docker prints after the complaint */
async function parsedOrHelp<Parsed>(
  session: CliSession,
  parse: () => Parsed,
  path: string,
  help?: string,
): Promise<Parsed | 'help'> {
  try {
    return parse()
  } catch (error) {
    if (error instanceof HelpRequested) {
      if (error.deprecatedShorthand)
        await session.stdout.write('Flag shorthand -h has been deprecated, please use --help\n')
      return 'help'
    }
    if (!(error instanceof FlagError)) throw error
    const usage = help === undefined ? '' : `\n\n${help}`
    throw new CliError(`${error.message}\nSee '${path} --help'.${usage}`, FLAG_ERROR_CODE)
  }
}

async function runCommand(
  session: CliSession,
  services: CliServices,
  command: CommandSpec,
  commandPath: string,
  argv: readonly string[],
): Promise<number> {
  const usage = usageLine(command, commandPath)
  const parsed = await parsedOrHelp(session, () => command.parse(argv), commandPath)
  if (parsed === 'help') return printHelp(session, commandHelp(command, commandPath, columns(session)))
  refuseExperimental(command.flags, parsed.given)
  const wrong = positionalError(command.positional, parsed.args.length, commandPath, usage, command.summary)
  if (wrong !== undefined) throw new CliError(wrong)
  const api = engineFor(services.transport, session.ended)
  const { files, dial, now } = services
  return parsed.run({ session, api, files, dial, now })
}
