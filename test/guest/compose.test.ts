/**
 * A project of three services with our own `docker compose` in the guest, and with Debian's docker-compose from the host
 * through the Engine API: both make the same containers, and each takes the other's as its own.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerInspect } from '../../guest/protocol/api/engine-api.ts'
import { dockerCompose } from '../../scripts/lib/debian/docker-compose.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { serveEngineSocket } from '../../scripts/lib/machine/serve-engine-socket.ts'

const FILE = join(import.meta.dirname, '../fixtures/compose/shop/compose.yaml')
const PROJECT = '/root/shop'

let machine: HeadlessMachine
let host: string
let theirCompose: string
let socket: Awaited<ReturnType<typeof serveEngineSocket>>

interface Said {
  stdout: string
  stderr: string
}

beforeAll(async () => {
  theirCompose = await dockerCompose()
  host = await mkdtemp(join(tmpdir(), 'compose-guest-'))
  await mkdir(join(host, 'shop'))
  machine = await HeadlessMachine.start()
  socket = await serveEngineSocket(machine, join(host, 'engine.sock'))
  await writeProject(await readFile(FILE, 'utf8'))
})

afterAll(async () => {
  await socket.close()
  await machine.close()
  await rm(host, { recursive: true, force: true })
})

/** The same file at both ends. */
async function writeProject(text: string): Promise<void> {
  await writeFile(join(host, 'shop/compose.yaml'), text)
  await guest(`mkdir -p ${PROJECT} && cat > ${PROJECT}/compose.yaml <<'EOF'\n${text}\nEOF`)
}

/** A failing command is an error with all it said. */
async function guest(command: string): Promise<Said> {
  const { code, stdout, stderr } = await machine.exec(command)
  if (code !== 0) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
  return { stdout: stdout.trim(), stderr: stderr.trim() }
}

const ours = (args: string): Promise<Said> => guest(`cd ${PROJECT} && docker compose ${args}`)

function theirs(...args: string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const env = { HOME: host, PATH: process.env.PATH, DOCKER_HOST: `unix://${socket.path}` }
    execFile(theirCompose, args, { cwd: join(host, 'shop'), env }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${args.join(' ')}: ${error.message}\n${stdout}${stderr}`))
      else resolve({ stdout: stdout.trim(), stderr: stderr.trim() })
    })
  })
}

async function inspect(...names: string[]): Promise<ContainerInspect[]> {
  return JSON.parse((await guest(`docker inspect ${names.join(' ')}`)).stdout) as ContainerInspect[]
}

const ids = async (): Promise<Record<string, string>> => {
  const { stdout } = await ours(`ps -a --format '{{.Name}} {{.ID}}'`)
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(' ') as [string, string]))
}

/** Events in any order, as services are worked on at once. */
const events = ({ stderr }: Said): string[] => stderr.split('\n').map((line) => line.trim())

const CONTAINERS = ['shop-cache-1', 'shop-web-1', 'shop-worker-1']

describe('our own docker compose', () => {
  afterAll(() => ours('down -v -t 1'))

  test('brings up what the file says, dependencies first', async () => {
    const said = events(await ours('up -d'))
    expect(said).toContain('Network shop_front  Created')
    expect(said).toContain('Volume "shop_data"  Created')
    for (const name of CONTAINERS) expect(said).toContain(`Container ${name}  Started`)
    expect(said.indexOf('Container shop-cache-1  Healthy')).toBeLessThan(
      said.indexOf('Container shop-web-1  Starting'),
    )
    const names = (await ours('ps --services')).stdout.split('\n')
    expect(names).toEqual(['cache', 'web', 'worker'])
  })

  test('leaves alone what is as the file says', async () => {
    const before = await ids()
    const said = events(await ours('up -d'))
    for (const name of CONTAINERS) expect(said).toContain(`Container ${name}  Running`)
    expect(await ids()).toEqual(before)
  })

  test('recreates only what has changed', async () => {
    const before = await ids()
    const { stderr } = await guest(`cd ${PROJECT} && GREETING=other docker compose up -d`)
    expect(stderr).toContain('Container shop-worker-1  Recreated')
    expect(stderr).toContain('Container shop-web-1  Running')
    const after = await ids()
    expect(after['shop-cache-1']).toBe(before['shop-cache-1'])
    expect(after['shop-worker-1']).not.toBe(before['shop-worker-1'])
    const { stdout } = await ours(`exec -T worker sh -c 'echo $GREETING'`)
    expect(stdout).toBe('other')
  })

  test('reaches services by their names and aliases', async () => {
    expect((await ours('exec -T web getent hosts store')).stdout).toMatch(/store$/)
    expect((await ours('exec -T cache redis-cli -h cache set greeting hello')).stdout).toBe('OK')
  })

  test('scales a service up and down', async () => {
    await ours('up -d --scale worker=3 --no-recreate')
    expect((await ours('ps -q worker')).stdout.split('\n')).toHaveLength(3)
    await ours('scale worker=1')
    expect((await ours(`ps worker --format '{{.Name}}'`)).stdout).toBe('shop-worker-1')
  })

  test('shows logs with the names of the containers before the lines', async () => {
    await expect
      .poll(async () => (await ours('logs worker')).stdout, { timeout: 60_000, interval: 1000 })
      .toBe('worker-1  | worker begins')
    expect((await ours('logs --no-log-prefix --tail 1 worker')).stdout).toBe('worker begins')
  })

  test('runs one command in a container of its own', async () => {
    const { stdout, stderr } = await ours(`run --rm -T worker python3 -c 'print(6 * 7)'`)
    expect(stdout).toBe('42')
    // Compose tells of what the service depends on, not of the container that the caller asked for.
    expect(stderr).toContain('Container shop-cache-1  Running')
    const { code } = await machine.exec(
      `cd ${PROJECT} && docker compose run --rm -T --no-deps worker sh -c 'exit 7'`,
    )
    expect(code).toBe(7)
    expect((await ours('ps -aq')).stdout.split('\n')).toHaveLength(3)
  })

  test('stops, starts and lists the project', async () => {
    await ours('stop -t 1')
    expect((await guest('docker compose ls -a')).stdout).toMatch(
      /^shop +exited\(3\) +\/root\/shop\/compose\.yaml$/m,
    )
    await ours('start')
    expect((await guest('docker compose ls')).stdout).toMatch(/^shop +running\(3\)/m)
  })

  test('takes everything down, volumes too', async () => {
    const said = events(await ours('down -v -t 1'))
    expect(said).toContain('Network shop_back  Removed')
    expect(said).toContain('Volume shop_data  Removed')
    expect(said.indexOf('Container shop-web-1  Removed')).toBeLessThan(
      said.indexOf('Container shop-cache-1  Stopping'),
    )
    expect(
      (await guest('docker ps -aq; docker volume ls -q; docker network ls -q --filter type=custom')).stdout,
    ).toBe('')
  })

  test('says what is wrong, with the codes of the original', async () => {
    const refused = async (command: string) => {
      const { code, stderr } = await machine.exec(`cd ${PROJECT} && docker compose ${command}`)
      return [code, stderr.trim()]
    }
    expect(await refused('up nope')).toEqual([1, 'no such service: nope'])
    expect(await refused('exec web true')).toEqual([1, 'service "web" is not running'])
    expect(await refused('--file /nope.yaml ps')).toEqual([14, 'open /nope.yaml: no such file or directory'])
    expect(await refused('--frobnicate')).toEqual([16, 'unknown flag: --frobnicate'])
  })
})

/** What two ways of making the same container have in common. */
function comparable({ Name, Config, HostConfig, Mounts, NetworkSettings }: ContainerInspect) {
  const sorted = (list: string[] | null | undefined) => [...(list ?? [])].sort()
  const { 'com.docker.compose.project.working_dir': _dir, ...labels } = Config.Labels
  delete labels['com.docker.compose.project.config_files']
  return {
    Name,
    Config: { ...Config, Hostname: '', Env: sorted(Config.Env), Labels: labels },
    HostConfig,
    Mounts: Mounts.map(({ Type, Name: name, Destination, RW }) => ({ Type, name, Destination, RW })).sort(
      (a, b) => (a.Destination < b.Destination ? -1 : 1),
    ),
    Networks: Object.fromEntries(
      Object.entries(NetworkSettings.Networks).map(([name, { Aliases, DNSNames, IPAMConfig }]) => [
        name,
        // The short id is one of the names.
        {
          Aliases: sorted(Aliases),
          names: sorted(DNSNames).filter((one) => !/^[0-9a-f]{12}$/.test(one)),
          IPAMConfig,
        },
      ]),
    ),
  }
}

describe("Debian's docker-compose", () => {
  afterAll(() => theirs('down', '-v', '-t', '1'))

  test('makes the same containers from the same file', async () => {
    await ours('create')
    const mine = (await inspect(...CONTAINERS)).map(comparable)
    await ours('down -v')
    await theirs('create')
    const other = (await inspect(...CONTAINERS)).map(comparable)
    expect(mine).toEqual(other)
  })

  test('starts, scales, shows and stops what it has made', async () => {
    await theirs('up', '-d')
    await theirs('up', '-d', '--scale', 'worker=2', '--no-recreate')
    expect((await theirs('ps', '-q')).stdout.split('\n')).toHaveLength(4)
    expect((await theirs('logs', 'worker', '--no-log-prefix')).stdout).toContain('worker begins')
    expect((await theirs('exec', '-T', 'worker', 'echo', 'inside')).stdout).toBe('inside')
  })

  test('and ours take the same containers for their own', async () => {
    await theirs('up', '-d', '--scale', 'worker=1')
    const before = await ids()
    for (const name of CONTAINERS) expect(events(await ours('up -d'))).toContain(`Container ${name}  Running`)
    expect(await ids()).toEqual(before)
    const { stderr } = await theirs('up', '-d')
    for (const name of CONTAINERS) expect(stderr).toContain(`Container ${name}  Running`)
    expect(await ids()).toEqual(before)
  })

  test('takes down what ours have made', async () => {
    await theirs('down', '-v', '-t', '1')
    await ours('up -d')
    await theirs('down', '-v', '-t', '1')
    expect((await guest('docker ps -aq; docker volume ls -q')).stdout).toBe('')
  })
})

describe('the shell of the guest', () => {
  const completed = async (line: string): Promise<string[]> => {
    const words = line.split(' ')
    const script = [
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length - 1}`,
      '__docker_load',
      '__docker_complete',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]
    return (await guest(`bash -ic "$(cat <<'EOF'\n${script.join('\n')}\nEOF\n)"`)).stdout.split('\n')
  }

  test('completes commands, flags and names of images', async () => {
    expect(await completed('docker unp')).toEqual(['unpause'])
    expect(await completed('docker logs --ti')).toEqual(['--timestamps'])
    expect(await completed('docker run --rm red')).toEqual(['redis:latest'])
    expect(await completed('docker compose up w')).toEqual([''])
  })
})
