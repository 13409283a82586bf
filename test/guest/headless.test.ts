/** `npm run guest` as a developer's shell runs it: a process with streams, a status, a socket and ports. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, describe, expect, test } from 'vitest'
import { projectRoot } from '../../scripts/lib/paths.ts'

const PORT = 18080

let running: ChildProcessWithoutNullStreams | undefined

afterEach(() => void running?.kill('SIGKILL'))

function guest(...argv: string[]): ChildProcessWithoutNullStreams {
  const program = [join(projectRoot, 'scripts/bootstrap.mjs'), join(projectRoot, 'scripts/guest.ts')]
  running = spawn(process.execPath, [...program, ...argv], { cwd: projectRoot })
  return running
}

async function ended(child: ChildProcessWithoutNullStreams, input = '') {
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes: Buffer) => (said.stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (said.stderr += bytes.toString()))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, ...said }
}

/** Resolves once the process has said it on stderr. */
function says(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes(text)) resolve()
    })
    child.once('close', (code) => reject(new Error(`ended with ${code} before it said ${text}:\n${said}`)))
  })
}

/** Resolves once the server in the container listens: /proc/net/tcp or tcp6 has port 80 (0x50) in state LISTEN (0A). */
async function listens(container: Docker.Container): Promise<void> {
  const wait = 'until grep -qE ":0050 0+:0000 0A" /proc/net/tcp*; do :; done'
  const exec = await container.exec({ Cmd: ['sh', '-c', wait], AttachStdout: true })
  const output = await exec.start({})
  await new Promise((resolve) => output.on('end', resolve).resume())
}

describe('npm run guest', () => {
  test('passes input, both outputs and the exit status through', async () => {
    const answer = await ended(guest('cat; echo gone >&2; exit 3'), 'typed\n')
    expect(answer).toEqual({ code: 3, stdout: 'typed\n', stderr: 'gone\n' })
  })

  test('boots cold with the memory it is told', { timeout: 600_000 }, async () => {
    const answer = await ended(
      guest('--cold', '--memory', '192', 'awk "/MemTotal/ { print \\$2 }" /proc/meminfo'),
    )
    expect(answer).toMatchObject({ code: 0 })
    const mebibytes = Number(answer.stdout) / 1024
    expect(mebibytes).toBeGreaterThan(150)
    expect(mebibytes).toBeLessThan(192)
  })

  test('serves the engine on a socket and publishes ports on the loopback until it is interrupted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'porthole-'))
    const socketPath = join(folder, 'engine.sock')
    const child = guest('--socket', socketPath, '--publish')
    await says(child, `DOCKER_HOST=unix://${socketPath}`)
    const docker = new Docker({ socketPath })
    const pulled = await docker.pull('nginx:latest')
    await new Promise((resolve, reject) =>
      docker.modem.followProgress(pulled, (error) => (error ? reject(error) : resolve(null))),
    )
    const container = await docker.createContainer({
      Image: 'nginx',
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(PORT) }] } },
    })
    const published = says(child, `127.0.0.1:${PORT} is published`)
    await container.start()
    await published
    await listens(container)
    const answer = await fetch(`http://127.0.0.1:${PORT}/`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('nginx')
    const closed = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    expect(await closed).toBe(0)
    await expect(fetch(`http://127.0.0.1:${PORT}/`)).rejects.toThrow()
    await rm(folder, { recursive: true })
  })
})
