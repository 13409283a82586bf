import { expect, test } from 'vitest'
import type { EngineRequest, EngineTransport } from '../../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import { makeTar } from '../../../../test/support/make-tar.ts'
import type { Check } from '../format/check.ts'
import { check } from '../format/decode-check.ts'
import { Place } from '../format/decoder.ts'
import { evaluate } from './evaluate.ts'
import { gatherFacts } from './gather-facts.ts'
import type { LessonGuest } from './lesson-guest.ts'

const parsed = (value: unknown): Check => check(value, new Place((_path, message) => expect.fail(message)))!

const WEB = 'a1'.repeat(32)
const OLD = 'b2'.repeat(32)

const inspected = (name: string, status: string) => ({
  Name: `/${name}`,
  Id: name === 'web' ? WEB : OLD,
  Path: 'nginx',
  Args: ['-g', 'daemon off;'],
  RestartCount: 0,
  State: { Status: status, ExitCode: 0, OOMKilled: false },
  Config: {
    Image: 'nginx',
    User: '',
    Hostname: 'h',
    WorkingDir: '/',
    Env: ['A=b'],
    Labels: { tier: 'front' },
  },
  HostConfig: {
    ...{
      Memory: 33_554_432,
      NanoCpus: 500_000_000,
      PidsLimit: null,
      ReadonlyRootfs: false,
      Privileged: false,
    },
    ...{
      RestartPolicy: { Name: '' },
      NetworkMode: 'bridge',
      PidMode: '',
      CapAdd: ['CAP_NET_ADMIN'],
      CapDrop: null,
    },
    SecurityOpt: null,
  },
  NetworkSettings: {
    Networks: { bridge: {} },
    Ports: { '80/tcp': [{ HostPort: '8080' }, { HostPort: '8080' }], '443/tcp': null },
  },
  Mounts: [{ Type: 'volume', Name: 'data', Source: '/x', Destination: '/data', RW: true }],
})

const ANSWERS: Record<string, unknown> = {
  '/containers/json': [
    { Id: WEB, Names: ['/web'] },
    { Id: OLD, Names: ['/old'] },
  ],
  [`/containers/${WEB}/json`]: inspected('web', 'running'),
  [`/containers/${OLD}/json`]: inspected('old', 'exited'),
  '/containers/web/json': inspected('web', 'running'),
  '/images/json': [
    { Id: 'sha256:1', RepoTags: ['app:1', 'app:latest'] },
    { Id: 'sha256:2', RepoTags: [] },
  ],
  '/images/sha256:1/json': {
    ...{
      RepoTags: ['app:1', 'app:latest'],
      Size: 10,
      RootFS: { Layers: ['x', 'y'] },
      Config: { Cmd: ['a', 'b'] },
    },
  },
  '/networks': [
    { Name: 'front', Id: 'n1' },
    { Name: 'bridge', Id: 'n2' },
  ],
  '/networks/n1': {
    ...{ Name: 'front', Driver: 'bridge', Internal: true, IPAM: { Config: [{ Subnet: '10.0.0.0/24' }] } },
    Containers: { [WEB]: { Name: 'web' } },
  },
}

const TAR = makeTar([{ name: 'index.html', mode: 0o644, uid: 101, content: '<h1>hi</h1>' }])

function machine(outputs: Record<string, string> = {}) {
  const asked: string[] = []
  const answer = ({ path, query }: EngineRequest): Uint8Array | undefined => {
    if (path === '/containers/web/archive' && query?.path === '/index.html') return TAR
    const value = ANSWERS[path]
    return value === undefined ? undefined : new TextEncoder().encode(JSON.stringify(value))
  }
  const transport: EngineTransport = {
    request: async (request) => {
      asked.push(request.path)
      const bytes = answer(request)
      const body = (async function* () {
        yield bytes ?? new TextEncoder().encode('{"message":"No such thing"}')
      })()
      return { status: bytes === undefined ? 404 : 200, headers: {}, body }
    },
    upgrade: () => Promise.reject(new Error('no stream is asked for')),
  }
  const guest: LessonGuest = {
    api: new EngineApi(transport),
    run: async (command, { container } = {}) => {
      asked.push(`run${container === undefined ? '' : ` in ${container}`}`)
      if (container === 'old') throw new EngineError('conflict', 'container old is not running')
      if (container !== undefined) return { code: 3, stdout: 'out', stderr: 'err' }
      const scripts = [...command.at(-1)!.matchAll(/^ask \d+ '(.*?)'$/gms)].map(([, script]) => script!)
      const lines = scripts.map((script) => {
        const known = Object.keys(outputs).find((part) => script.includes(part))
        return known === undefined ? ' 9' : `${btoa(outputs[known]!)} 0`
      })
      return { code: 0, stdout: `77\n${lines.join('\n')}\n`, stderr: '' }
    },
  }
  return { asked, guest }
}

async function holds(value: unknown, outputs?: Record<string, string>): Promise<boolean> {
  const wanted = parsed(value)
  return evaluate(wanted, await gatherFacts(machine(outputs).guest, [wanted], [])).holds
}

test.each([
  { container: { name: 'web', image: 'nginx', state: 'running', memory: '32m', cpus: 0.5, pids: 0 } },
  {
    container: {
      name: 'web',
      command: 'nginx -g *',
      restart: 'no',
      health: 'none',
      env: 'A=b',
      labels: 'tier=*',
    },
  },
  { container: { name: 'web', ports: ['8080:80/tcp', '443/tcp'], mounts: 'volume:data:/data:rw' } },
  { container: { name: 'web', networks: 'bridge', 'cap-add': 'NET_ADMIN' } },
  { container: { count: 2 } },
  { image: { tag: 'app', layers: 2, command: 'a b' } },
  { image: { tag: 'app:*', count: 2 } },
  { network: { name: 'front', internal: true, subnets: '10.*', containers: 'web' } },
  { file: { path: '/index.html', in: 'web', type: 'file', mode: '0644', uid: 101, text: '*hi*' } },
  { file: { path: '/none', in: 'web', exists: false } },
  { file: { path: '/index.html', in: 'gone', exists: false } },
  { script: { run: 'x', in: 'web', status: 3, output: 'outerr' } },
  { script: { run: 'x', in: 'old', exists: false } },
])('%j is found', async (value) => {
  expect(await holds(value)).toBe(true)
})

test.each([
  [{ file: { path: '/etc/x', text: 'hi*' } }, { '/etc/x': '81a4 3 0 0\nhi\n' }],
  [
    { cgroup: { container: 'web', file: 'memory.max', value: '32m' } },
    { [`docker/${WEB}/memory.max`]: '33554432' },
  ],
  [{ http: { port: 8080, status: 200, text: '*hi*' } }, { '127.0.0.1:8080/': 'HTTP/1.1 200 OK\r\n\r\nhi' }],
  [{ script: { run: 'make it', output: 'made*' } }, { 'make it': 'made\n' }],
  [
    { process: { command: 'sleep 5', uid: 0, count: 1 } },
    { 'ps -ww': '5 1 0 S sleep 5\n78 77 0 S sleep 5\n' },
  ],
  [
    { process: { container: 'web', command: 'nginx*' } },
    { 'ps -ww': '5 1 0 S nginx: master', cgroup: `/proc/5/cgroup:0::/docker/${WEB}` },
  ],
])('%j is found by a process in the guest', async (value, outputs) => {
  expect(await holds(value, outputs)).toBe(true)
})

test('what was typed last is found', async () => {
  const wanted = parsed({ typed: { line: 'ls*', terminal: 'host', status: 0 } })
  const lines = [
    { terminal: 'host', line: 'ls -l', status: 0 },
    { terminal: 'web', line: 'ps', status: 1 },
  ]
  expect(evaluate(wanted, await gatherFacts(machine().guest, [wanted], lines)).holds).toBe(true)
})

test('only what checks name is asked for, and the guest one time', async () => {
  const { asked, guest } = machine({ x: '81a4 3 0 0\n' })
  const checks = [{ container: 'web' }, { file: '/x' }, { file: { path: '/x', text: 'a' } }, { script: 'x' }]
  await gatherFacts(guest, checks.map(parsed), [])
  expect(asked).toEqual(['/containers/json', `/containers/${WEB}/json`, 'run'])
  asked.length = 0
  await gatherFacts(guest, [parsed({ typed: 'x' })], [])
  expect(asked).toEqual([])
})
