/** Two shells in which `docker` means the same engine: Debian's unmodified client on the host, and the guest's own. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianPrograms } from '../../../scripts/lib/debian/debian-programs.ts'
import type { HeadlessMachine } from '../../../scripts/lib/machine/headless-machine.ts'
import { serveEngineSocket } from '../../../scripts/lib/machine/serve-engine-socket.ts'
import type { Said } from './transcript-file.ts'

export interface DockerShell {
  /** Where commands run, and what they may name in full. */
  folder: string
  /** Empties that folder. */
  clear(): Promise<void>
  /** Runs a shell command; nothing is on its standard input. */
  run(command: string): Promise<Said>
  close(): Promise<void>
}

/** Where the guest's commands run. */
const GUEST_FOLDER = '/root/work'

export async function hostShell(machine: HeadlessMachine): Promise<DockerShell> {
  const programs = await debianPrograms(['docker-cli'], { docker: 'usr/bin/docker' })
  const home = await mkdtemp(join(tmpdir(), 'transcripts-'))
  const socket = await serveEngineSocket(machine, join(home, 'engine.sock'))
  const cwd = join(home, 'work')
  const env = {
    HOME: home,
    TZ: 'UTC',
    PATH: `${join(programs, 'bin')}:${process.env.PATH}`,
    DOCKER_HOST: `unix://${socket.path}`,
  }
  return {
    folder: cwd,
    async clear() {
      await rm(cwd, { recursive: true, force: true })
      await mkdir(cwd)
    },
    run: (command) => runOnHost(command, cwd, env),
    async close() {
      await socket.close()
      await rm(home, { recursive: true })
    },
  }
}

function runOnHost(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    child.stdout.on('data', (bytes: Buffer) => output.stdout.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => output.stderr.push(bytes))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({
        stdout: Buffer.concat(output.stdout).toString(),
        stderr: Buffer.concat(output.stderr).toString(),
        code: code ?? -1,
      }),
    )
  })
}

export function guestShell(machine: HeadlessMachine): DockerShell {
  return {
    folder: GUEST_FOLDER,
    async clear() {
      await machine.exec(`rm -rf ${GUEST_FOLDER} && mkdir -p ${GUEST_FOLDER}`)
    },
    run: (command) => machine.exec(`cd ${GUEST_FOLDER}\n${command}`),
    close: () => Promise.resolve(),
  }
}
