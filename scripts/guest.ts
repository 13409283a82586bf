/**
 * `npm run -s guest -- [options] <shell command>`: the guest without a browser.
 *
 *   <shell command>      runs in the guest as root; output, input and exit status are passed through
 *   --socket PATH        serves the Engine API on a unix socket of this host until interrupted
 *   --publish            with --socket: maps the containers' published ports to this host's loopback
 *   --console            runs the command in the rescue shell on the kernel's console: for a guest whose engine fails
 *   --cold               boots without the snapshot
 *   --memory MIB         size of the guest (a snapshot exists for the default only)
 *   --take FILE          after the command, writes what runs as a tar of a folder for another Docker
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EngineError } from '../guest/protocol/errors.ts'
import { execProcess, type ExecOutput } from '../web/src/client/exec-process.ts'
import { translate } from '../web/src/i18n/catalogue.ts'
import { leftSentence, type Translate } from '../web/src/take/readme.ts'
import { buildArtefacts } from './artefacts.ts'
import { runOnConsole } from './lib/machine/console-command.ts'
import { HeadlessMachine } from './lib/machine/headless-machine.ts'
import { takeFolder } from './lib/machine/take-folder.ts'
import { note } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { guestDir } from './lib/paths.ts'
import { publishPorts } from './lib/machine/publish-ports.ts'
import { serveEngineSocket } from './lib/machine/serve-engine-socket.ts'

interface GuestArguments {
  command: string
  socket?: string
  publish: boolean
  console: boolean
  cold: boolean
  memory?: number
  take?: string
}

const USAGE =
  'npm run -s guest -- [--cold] [--memory MIB] ([--take FILE] <shell command> | --console <shell command> | --socket PATH [--publish])'

export function parseGuestArguments(argv: string[]): GuestArguments {
  const { values, positionals } = parse(argv)
  const { socket, publish = false, console = false, cold = false, take } = values
  const command = positionals.join(' ')
  const memory = values.memory === undefined ? undefined : Number(values.memory)
  if (Number.isNaN(memory)) throw usage(`--memory takes a number of MiB, not ${values.memory}`)
  if ((command === '') === (socket === undefined)) throw usage('either a shell command or --socket is needed')
  if (publish && socket === undefined) throw usage('--publish goes with --socket')
  if (take !== undefined && (socket !== undefined || console)) throw usage('--take goes with a shell command')
  return { command, socket, publish, console, cold, memory, take }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        socket: { type: 'string' },
        publish: { type: 'boolean' },
        console: { type: 'boolean' },
        cold: { type: 'boolean' },
        memory: { type: 'string' },
        take: { type: 'string' },
      },
    })
  } catch (error) {
    throw usage((error as Error).message)
  }
}

function usage(what: string): EngineError {
  return new EngineError('invalid', `${what}\nusage: ${USAGE}`)
}

async function start(options: GuestArguments): Promise<HeadlessMachine> {
  if (!existsSync(join(guestDir, 'manifest.json'))) await buildArtefacts()
  return HeadlessMachine.start({
    cold: options.cold,
    memory: options.memory,
    waitForEngine: !options.console,
    onProgress: ({ notice }) => {
      if (notice !== undefined) note(`porthole: ${notice}`)
    },
  })
}

async function runCommand(machine: HeadlessMachine, command: string): Promise<number> {
  const output: ExecOutput = (name, bytes) =>
    new Promise((resolve, reject) =>
      process[name].write(bytes, (error) => (error ? reject(error) : resolve())),
    )
  return execProcess(machine.transport, ['/bin/sh', '-c', command], output, { stdin: process.stdin })
}

async function take(machine: HeadlessMachine, path: string): Promise<void> {
  const { plan, archive } = await takeFolder(machine, { kind: 'running' })
  await writeFile(path, archive.stream())
  const sentence: Translate = (key, parameters) => translate('en', key, parameters)
  for (const left of plan.left) note(`porthole: ${leftSentence(left, sentence)}`)
}

async function serve(machine: HeadlessMachine, options: GuestArguments): Promise<number> {
  const server = await serveEngineSocket(machine, options.socket!)
  const ports = options.publish ? await publishPorts(machine) : null
  note(`porthole: DOCKER_HOST=unix://${server.path} (Ctrl-C ends it)`)
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  await ports?.close()
  await server.close()
  return 0
}

async function run(machine: HeadlessMachine, options: GuestArguments): Promise<number> {
  if (options.socket !== undefined) return serve(machine, options)
  if (!options.console) {
    const code = await runCommand(machine, options.command)
    if (options.take !== undefined && code === 0) await take(machine, options.take)
    return code
  }
  const { output, code } = await runOnConsole(machine.guest.machine.console, options.command)
  process.stdout.write(output)
  return code
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const options = parseGuestArguments(process.argv.slice(2))
    const machine = await start(options)
    try {
      process.exitCode = await run(machine, options)
    } finally {
      await machine.close()
      // A terminal that was read as stdin would keep the process alive.
      process.stdin.destroy()
    }
  })
}
