/** Each effect of a pull, a commit and a build fails once. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect } from 'vitest'
// These modules are otherwise loaded at their first use, which would look like a call that hangs.
import '../../docker/archive/commit-container.ts'
import '../../docker/build/build-service.ts'
import { injectFaults } from './inject-faults.ts'
import { container, post, running, watchers } from './requests.ts'
import type { FaultWorld } from './fault-world.ts'

async function tags(world: FaultWorld): Promise<string[]> {
  const images = (await world.call('GET', '/images/json')) as { RepoTags: string[] | null }[]
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).sort()
}

await injectFaults({
  name: 'pull',
  effects: ['content.images', 'content.pull'],
  run: (world) => post(world, '/images/create?fromImage=alpine&tag=latest'),
  check: async (world) => expect(await tags(world)).toEqual(['alpine:latest', 'busybox:latest']),
})

await injectFaults({
  name: 'tag',
  effects: ['content.tag'],
  run: (world) => post(world, '/images/busybox/tag?repo=mine&tag=1'),
  check: async (world) => expect(await tags(world)).toContain('mine:1'),
})

await injectFaults({
  name: 'commit',
  effects: [
    'launcher.run cgroup-freeze',
    'launcher.stream',
    'launcher.stream output',
    'content.ingest',
    'content.createImage',
    'files.writeAtomically',
  ],
  async scene(world) {
    await running(world, 'web')
    watchers(world, 'web')
  },
  run: (world) => post(world, '/commit?container=web&repo=mine&tag=1'),
  async check(world) {
    expect(await tags(world)).toContain('mine:1')
    expect(container(world, 'web').status).toBe('running')
    expect([...world.host.frozen]).toEqual([])
  },
})

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'porthole-faults-'))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const DOCKERFILE = 'FROM busybox\nRUN touch /made\nCOPY file /file\nWORKDIR /work\nCMD ["true"]\n'

/** Lets the launcher unpack and mount on this machine's disk, because the builder reads and writes trees itself. */
function withTrees(world: FaultWorld): void {
  fs.rmSync(root, { recursive: true, force: true })
  const { host } = world
  host.onMount = (target) => fs.mkdirSync(target, { recursive: true })
  host.onLaunch = (process) => void setImmediate(() => process.end())
  host.machine.answerStream = ({ steps }) => {
    const opened = steps.find(({ op }) => op === 'open')
    if (steps.some(({ op }) => op === 'tar-unpack') && opened && 'path' in opened) {
      fs.mkdirSync(opened.path, { recursive: true })
      fs.writeFileSync(path.join(opened.path, 'Dockerfile'), DOCKERFILE)
      fs.writeFileSync(path.join(opened.path, 'file'), 'content')
    }
    return new Uint8Array(0)
  }
}

async function* tar(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024)
}

const build = (world: FaultWorld) =>
  world.request({
    method: 'POST',
    path: '/build',
    query: { t: 'mine:1', rm: true, forcerm: true, nocache: true },
    body: { bytes: tar(), contentType: 'application/x-tar' },
  })

await injectFaults({
  name: 'build',
  root: () => root,
  effects: [
    'files.makeDirectory',
    'launcher.stream',
    'launcher.run mount-fs',
    'launcher.launch',
    'content.lease',
    'content.ingest',
    'content.createImage',
    'content.tag',
    'files.removeTree',
  ],
  scene: async (world) => withTrees(world),
  run: build,
  async check(world) {
    expect(await tags(world)).toContain('mine:1')
    // A build's workspace that could not be removed is removed with the next build's.
    if (world.leftovers().some((one) => one.includes('docker-builder'))) await build(world)
  },
})
