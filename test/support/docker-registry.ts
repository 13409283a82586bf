/** Debian's docker-registry (github.com/distribution/distribution) on this machine's loopback, its data in a scratch folder. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'

const run = promisify(execFile)

export interface DockerRegistry {
  /** `127.0.0.1:<port>`. */
  domain: string
  close(): Promise<void>
}

export interface DockerRegistryOptions {
  /** Name and password of the only user. */
  user?: { username: string; password: string }
  /** Headers of every answer, as CORS wants them. */
  headers?: Record<string, string>
}

/** What lets any page read, push and log in: https://distribution.github.io/distribution/about/configuration/#headers */
export const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'Accept, Authorization, Content-Type, Content-Range, Range',
  'Access-Control-Expose-Headers': 'Docker-Content-Digest, Location, Range, WWW-Authenticate',
}

export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  await ensureTools('docker-registry')
  const scratch = await mkdtemp(join(tmpdir(), 'porthole-registry-'))
  const config = join(scratch, 'config.yml')
  // YAML is a superset of JSON.
  await writeFile(config, JSON.stringify(await configuration(scratch, options)))
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async (): Promise<void> => {
    child.kill()
    await ended
    await rm(scratch, { recursive: true, force: true })
  }
  const lines = createInterface(child.stderr)
  const port = await new Promise<string>((resolve, reject) => {
    const seen: string[] = []
    lines.on('line', (line) => {
      seen.push(line)
      const match = /listening on 127\.0\.0\.1:(\d+)/.exec(line)
      if (match) resolve(match[1]!)
    })
    child.once('error', reject)
    void ended.then(() => reject(new Error(`docker-registry ended:\n${seen.join('\n')}`)))
  })
  return { domain: `127.0.0.1:${port}`, close }
}

async function configuration(scratch: string, { user, headers }: DockerRegistryOptions): Promise<object> {
  const listed = Object.entries(headers ?? {}).map(([name, value]) => [name, [value]])
  return {
    version: '0.1',
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(scratch, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', headers: Object.fromEntries(listed) as object },
    ...(user && { auth: { htpasswd: { realm: 'test', path: await passwordFile(scratch, user) } } }),
  }
}

async function passwordFile(
  scratch: string,
  { username, password }: { username: string; password: string },
): Promise<string> {
  await ensureTools('htpasswd')
  const path = join(scratch, 'htpasswd')
  // Cost 4: the least that bcrypt has.
  const { stdout } = await run('htpasswd', ['-Bbn', '-C', '4', username, password])
  await writeFile(path, stdout)
  return path
}
