/**
 * Clients at work while the engine is killed again and again: what was acknowledged stays, what was not is all or nothing,
 * and in the end the kernel, the guest's files and the page's store are as they were. CHAOS_SEED repeats a run's choices.
 */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { ChaosApi } from '../support/chaos/chaos-api.ts'
import { ChaosClient } from '../support/chaos/chaos-client.ts'
import { checkFacts } from '../support/chaos/check-facts.ts'
import { EngineKiller } from '../support/chaos/engine-killer.ts'
import { takeSurvey, type Survey } from '../support/chaos/kernel-survey.ts'
import { Random } from '../support/chaos/random.ts'

const CLIENTS = ['ann', 'bob', 'cy']
const OPERATIONS = 200
const BETWEEN_KILLS = 20
/** Milliseconds: longer than most requests take. */
const LATEST_KILL = 1500
/** Beyond the store's longest promise to keep what nobody names: a day, for half-done downloads. */
const DAY = 25 * 60 * 60 * 1000

/** Milliseconds. */
const POLL = { interval: 1000, timeout: 60_000 }

const seed = Number(process.env['CHAOS_SEED'] ?? 7)
const keyValues = new MemoryKeyValueStore()
let machine: HeadlessMachine
let killer: EngineKiller
let api: ChaosApi
let before: Survey

const guest = (command: string): Promise<string> => machine.output(command)

beforeAll(async () => {
  machine = await HeadlessMachine.start({ keyValues })
  killer = new EngineKiller(machine)
  api = new ChaosApi(machine)
  // Everything that stays once it was there.
  await guest('docker pull -q hello-world && docker run --rm busybox true && docker network prune -f')
  await killer.kill()
  // Namespaces that the engine keeps ready: it makes them when it is idle.
  await vi.waitFor(async () => expect(await guest('ls /run/porthole/netns | wc -l')).toBe('2'), POLL)
  before = await survey()
})

afterAll(() => machine.close())
afterEach(removeAll)

async function survey(): Promise<Survey> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY })
  try {
    await machine.guest.content.store.collect()
  } finally {
    vi.useRealTimers()
  }
  return takeSurvey(machine, keyValues)
}

/** All that tests and builds made; what a removal refuses is for the survey to show. */
async function removeAll(): Promise<void> {
  await guest(
    `docker ps -aq | xargs -r docker rm -f -v >/dev/null
     docker volume ls -q | xargs -r docker volume rm >/dev/null
     docker network prune -f >/dev/null
     docker images --format '{{.Repository}}:{{.Tag}}' | grep -v -E '^(busybox|hello-world):|<none>' | xargs -r docker rmi >/dev/null
     docker image prune -f >/dev/null; docker builder prune -af >/dev/null`,
  )
}

async function expectNothingLeft(): Promise<void> {
  await removeAll()
  // Links of ended containers are deleted when the engine is idle.
  await expect.poll(survey, POLL).toEqual(before)
}

async function work(client: ChaosClient, random: Random, todo: { left: number }): Promise<void> {
  while (todo.left-- > 0) {
    if (todo.left % BETWEEN_KILLS === BETWEEN_KILLS / 2) killer.arm(random.below(LATEST_KILL))
    await client.operate()
  }
}

test(`${OPERATIONS} operations of ${CLIENTS.length} clients and a kill every ${BETWEEN_KILLS}: nothing lost, nothing left (seed ${seed})`, async () => {
  const clients = CLIENTS.map((name, index) => new ChaosClient(name, api, new Random(seed + index)))
  const [todo, random] = [{ left: OPERATIONS }, new Random(seed - 1)]
  try {
    await Promise.all(clients.map((client) => work(client, random, todo)))
    await killer.settled()
    expect(killer.kills).toBeGreaterThan(OPERATIONS / BETWEEN_KILLS)
    const models = clients.map(({ model }) => model)
    await checkFacts(machine, api, models)
    // Once more, as all of it was written.
    await killer.kill()
    await checkFacts(machine, api, models)
  } catch (error) {
    console.error(`seed ${seed}\n${api.log.slice(-40).join('\n')}`)
    throw error
  }
  await expectNothingLeft()
})

test.each([
  ['a build', () => api.build('half', 'text')],
  [
    'a commit',
    () =>
      api.try({
        method: 'POST',
        path: '/commit',
        query: { container: 'big', repo: 'half' },
        body: { json: {} },
      }),
  ],
  [
    'a pull',
    () => api.try({ method: 'POST', path: '/images/create', query: { fromImage: 'redis', tag: 'latest' } }),
  ],
] as const)('%s that its engine does not survive leaves nothing behind', async (_, begin) => {
  await guest(`docker run -d --name big busybox sh -c 'head -c 8000000 /dev/urandom > /big; sleep 1000000'`)
  const random = new Random(seed)
  for (let round = 0; round < 3; round++) {
    killer.arm(random.below(LATEST_KILL))
    await begin()
    await killer.settled()
    expect(await guest(`docker inspect -f '{{.State.Status}}' big`)).toBe('running')
  }
  await expectNothingLeft()
})
