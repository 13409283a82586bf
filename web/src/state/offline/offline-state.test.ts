import { beforeEach, expect, test } from 'vitest'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Release } from '../../release/release.ts'
import type { DamagedFile, OfflineSurvey } from '../../worker/machine-api.ts'
import type { MachineHandle } from '../machine-handle.ts'
import { OfflineState, type OfflineBrowser } from './offline-state.svelte.ts'
import type { SiteReleases } from './site-releases.ts'

const release = (id: string): Release => ({ format: 1, id, guest: 'g', shell: [], system: [] })
const BUSYBOX = 'docker.io/library/busybox:latest'
const NGINX = 'docker.io/library/nginx:latest'
const DEBIAN_LAYER = 'sha256:d'

/** What the fakes did, in order, and what they have. */
let done: string[]
let kept: Release | undefined
let site: Release | undefined
let tabs: number
let isReachable: boolean
let damaged: DamagedFile[]
let survey: OfflineSurvey
let online: (() => void) | undefined

const offline = new EngineError('unavailable', 'no network')

const releases: SiteReleases = {
  current: () => Promise.resolve(kept),
  newest: () => Promise.resolve(site),
  keepShell: async ({ id }) => {
    done.push(`keep ${id}`)
    if (!isReachable) throw offline
  },
  take: async (taken) => {
    done.push(`take ${taken.id}`)
    kept = taken
  },
  damaged: () => Promise.resolve([]),
}

const browser: OfflineBrowser = {
  persist: async () => (done.push('persist'), true),
  tabs: () => Promise.resolve(tabs),
  untilOnline: () => new Promise((resolve) => (online = resolve)),
  reload: () => done.push('reload'),
}

const handle = {
  api: {
    prefetch: async (images: string[]) => {
      done.push(`prefetch ${images.join()}`)
      if (!isReachable) throw offline
    },
    surveyOffline: () => Promise.resolve(survey),
    checkOffline: () => Promise.resolve(damaged),
    fetchRelease: async ({ id }: Release) => {
      done.push(`fetch ${id}`)
      if (!isReachable) throw offline
    },
  },
} as unknown as MachineHandle

beforeEach(() => {
  done = []
  kept = undefined
  site = release('one')
  tabs = 1
  isReachable = true
  damaged = []
  online = undefined
  survey = {
    system: { size: 100, missing: 40 },
    images: [
      { reference: BUSYBOX, layers: [{ id: 'sha256:b', size: 1, kept: true }] },
      {
        reference: NGINX,
        layers: [
          { id: DEBIAN_LAYER, size: 10, kept: false },
          { id: 'sha256:n', size: 2, kept: false },
        ],
      },
      { reference: 'debian', layers: [{ id: DEBIAN_LAYER, size: 10, kept: false }] },
    ],
  }
})

const opened = (isFromNetwork = false) => new OfflineState(releases, browser, isFromNetwork)

test('the first visit keeps the page, a later one nothing more', async () => {
  await opened(true).begin()
  expect(done).toEqual(['keep one', 'take one'])
  const again = opened()
  await again.begin()
  expect(done).toHaveLength(2)
  expect(again.newer).toBeUndefined()
})

test('a newer version is offered and nothing of it is kept', async () => {
  kept = release('one')
  site = release('two')
  const state = opened()
  await state.begin()
  expect([state.current?.id, state.newer?.id, done]).toEqual(['one', 'two', []])
})

test('a page that came from the network past what is kept is the newest, and is kept', async () => {
  kept = release('one')
  site = release('two')
  await opened(true).begin()
  expect(kept.id).toBe('two')
})

test('without a network a kept page is the one in use', async () => {
  kept = release('one')
  site = undefined
  const state = opened()
  await state.begin()
  expect([state.current?.id, state.newer, state.error]).toEqual(['one', undefined, undefined])
})

test('images that are kept are chosen, and layers that several share count once', async () => {
  const state = opened()
  await state.look(handle)
  expect(state.chosen).toEqual([BUSYBOX])
  expect(state.missing).toBe(40)
  state.choose(NGINX, true)
  state.choose('debian', true)
  expect(state.missing).toBe(52)
  state.choose(NGINX, false)
  expect(state.missing).toBe(50)
})

test('a download asks the browser first, and fetches the page, the system and what is chosen', async () => {
  const state = opened()
  await state.look(handle)
  await state.download(handle)
  expect(done).toEqual(['persist', 'keep one', 'take one', `prefetch ${BUSYBOX}`])
  expect([state.persisted, state.work, state.error]).toEqual([true, undefined, undefined])
})

test('a download that breaks off says why, and goes on at the next click', async () => {
  const state = opened()
  isReachable = false
  await state.download(handle)
  expect(state.error?.message).toBe('no network')
  isReachable = true
  await state.download(handle)
  expect(state.error).toBeUndefined()
})

test('what is damaged is named, and mended when the network is back', async () => {
  kept = release('one')
  damaged = [{ file: 'system/debian/ab.gz' }, { file: DEBIAN_LAYER, image: NGINX }]
  isReachable = false
  const state = opened()
  await state.begin()
  await state.check(handle)
  expect(state.damaged).toEqual(['system/debian/ab.gz', DEBIAN_LAYER])
  isReachable = true
  online!()
  await expect.poll(() => state.mended).toEqual(['system/debian/ab.gz', DEBIAN_LAYER])
  expect(state.damaged).toEqual([])
  expect(done.at(-1)).toBe(`prefetch ${BUSYBOX},${NGINX}`)
})

test('what is damaged is fetched as soon as the site answers, and not tried before', async () => {
  damaged = [{ file: 'system/debian/ab.gz' }]
  isReachable = false
  const state = opened()
  await state.check(handle)
  const attempts = done.length
  site = undefined
  for (let look = 0; look < 2; look++) {
    const answered = online!
    answered()
    await expect.poll(() => online).not.toBe(answered)
  }
  expect(done).toHaveLength(attempts)
  site = release('one')
  isReachable = true
  online!()
  await expect.poll(() => state.mended).toEqual(['system/debian/ab.gz'])
})

test('a report that comes after the end is no new work', async () => {
  let late: ((loaded: number, total: number) => void) | undefined
  const prefetch = (_: string[], report: typeof late) => {
    late = report
    return Promise.reject(offline)
  }
  const state = opened()
  await state.download({ ...handle, api: { ...handle.api, prefetch } } as unknown as MachineHandle)
  late!(0, 100)
  expect([state.work, state.error]).toEqual([undefined, offline])
})

test('a check that finds nothing says so, and fetches nothing', async () => {
  const state = opened()
  await state.check(handle)
  expect([state.isChecked, state.damaged, done]).toEqual([true, [], []])
})

test('a new version is fetched whole before it is taken', async () => {
  kept = release('one')
  site = release('two')
  const state = opened()
  await state.begin()
  await state.take(handle)
  expect(done).toEqual(['keep two', 'fetch two', 'take two', 'reload'])
})

test('a new version that cannot be fetched whole is not taken', async () => {
  kept = release('one')
  site = release('two')
  const state = opened()
  await state.begin()
  isReachable = false
  await state.take(handle)
  expect([kept.id, state.error?.message, done]).toEqual(['one', 'no network', ['keep two']])
})

test('a new version waits for other tabs, which run this one', async () => {
  kept = release('one')
  site = release('two')
  tabs = 3
  const state = opened()
  await state.begin()
  await state.take(handle)
  expect([state.otherTabs, done]).toEqual([2, []])
})

test('a browser that keeps nothing, as on plain HTTP, is asked for nothing', async () => {
  const state = new OfflineState(undefined, browser, true)
  await state.begin()
  await state.download(handle)
  expect([state.isAvailable, done]).toEqual([false, []])
})
