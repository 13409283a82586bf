/** The page on a fixture machine, for screenshots: `?boot=stuck|failed` stops at the boot screen, `machine=resumed|damaged|elsewhere` is what became of the machine that was kept, `sw` has the preview's Service Worker, `origin` the site's origin for previews. */
import { mount } from 'svelte'
import { EngineError } from '../../guest/protocol/errors.ts'
import type { BootProgress, BootSession } from '../../web/src/worker/machine-api.ts'
import type { MachineHandle } from '../../web/src/state/machine-handle.ts'
import { openPreviewBridge } from '../../web/src/preview-origin/open-bridge.ts'
import { loadSiteConfig } from '../../web/src/state/site-config.ts'
import { AppState } from '../../web/src/state/app-state.svelte.ts'
import { PreviewState } from '../../web/src/state/preview-state.svelte.ts'
import { openAddress } from '../../web/src/lessons/library/lesson-address.ts'
import { siteLessons } from '../../web/src/lessons/library/lesson-site.ts'
import { openFiles } from '../../web/src/lessons/library/own-lesson.ts'
import { LessonStore } from '../../web/src/state/lessons/lesson-store.ts'
import { LessonsState } from '../../web/src/state/lessons/lessons-state.svelte.ts'
import { SettingsState } from '../../web/src/state/settings-state.svelte.ts'
import App from '../../web/src/ui/App.svelte'
import { openFixtureStream } from './fixture-engine.ts'

const parameters = new URLSearchParams(location.search)
const boot = parameters.get('boot')
const MIB = 1 << 20

const SESSIONS: Record<string, BootSession> = {
  new: { outcome: { state: 'none' }, returned: [], keeps: 'here' },
  resumed: {
    outcome: { state: 'resumed', savedAt: Date.now() - 400_000 },
    returned: ['data', 'web-logs'],
    keeps: 'here',
  },
  damaged: {
    outcome: { state: 'lost', why: 'damaged', detail: 'the saved machine is damaged in the store (block 3)' },
    returned: [],
    keeps: 'here',
  },
  elsewhere: { outcome: { state: 'none' }, returned: [], keeps: 'elsewhere' },
}

const STEPS: BootProgress[] = [
  { step: 'check', state: 'done' },
  { step: 'manifest', state: 'done', loaded: 5200, total: 5200 },
  { step: 'emulator', state: 'done', loaded: 2 * MIB, total: 2 * MIB },
  { step: 'snapshot', state: 'running', loaded: 5.3 * MIB, total: 8.1 * MIB },
]

function connectFixture(): MachineHandle {
  return {
    api: {
      async boot(_options, onProgress) {
        for (const step of STEPS) onProgress(step)
        if (boot === 'stuck') await new Promise(() => {})
        if (boot === 'failed') {
          throw new EngineError(
            'corrupt',
            'guest/state/256/part-03.zst: its sha256 is 9f…c1, the manifest says 4a…07',
          )
        }
        return {
          ...{ buildId: 'fixture', restored: true, memory: 256, elapsed: 1140, bytes: 8.9 * MIB },
          session: SESSIONS[parameters.get('machine') ?? 'new'] ?? SESSIONS['new']!,
        }
      },
      prefetch: async () => {},
      surveyOffline: async () => ({ system: { size: 0, missing: 0 }, images: [] }),
      checkOffline: async () => [],
      fetchRelease: async () => {},
      stats: async () => ({
        bytesFetched: 0,
        bytesMissing: 0,
        offlineReady: true,
        guestMemory: 0,
        wasmMemory: 0,
      }),
      pause: async () => {},
      resume: async () => {},
      save: async () => ({ savedAt: Date.now(), bytes: 7 * MIB }),
      saveToFile: async () => new Blob(['fixture']),
      openFile: async () => {
        throw new EngineError('corrupt', 'this is not a saved machine of Porthole')
      },
      forget: async () => {},
    },
    openStream: openFixtureStream,
    dead: new Promise(() => {}),
    terminate: () => {},
  }
}

const nothing = { read: () => null, write: () => {}, remove: () => {}, keys: () => [] }
const settings = new SettingsState(nothing, navigator.languages, parameters)
const base = new URL('./', document.baseURI).href
const forgotten = { read: async () => [], put: async () => {}, clear: async () => {} }
const site = siteLessons(new URL('lessons/', base).href)
const lessons = new LessonsState(site, new LessonStore(nothing), settings, () => {}, {
  files: openFiles,
  address: (text) => openAddress(text, base),
})
const app = new AppState(settings, connectFixture, { baseUrl: base }, forgotten, lessons)
const preview = new PreviewState(
  base,
  parameters.has('sw') ? navigator.serviceWorker : undefined,
  async () => {
    const config = parameters.has('origin') ? await loadSiteConfig() : undefined
    return config && openPreviewBridge(config)
  },
)
mount(App, { target: document.getElementById('app')!, props: { app, preview } })
void preview.register()
void app.boot()
const lesson = parameters.get('lesson')
if (lesson !== null) void lessons.open(lesson, location.hash.slice(1) || undefined)
if (parameters.has('lessons')) void lessons.show()
