import './speakable-browser.ts'
import { mount } from 'svelte'
import { browserTexts } from './browser-texts.ts'
import { openPreviewBridge } from './preview-origin/open-bridge.ts'
import { openLessons } from './open-lessons.ts'
import { openOffline } from './open-offline.ts'
import { AppState } from './state/app-state.svelte.ts'
import type { LessonPlace } from './state/lessons/lessons-state.svelte.ts'
import { PreviewState } from './state/preview-state.svelte.ts'
import { SettingsState } from './state/settings-state.svelte.ts'
import { loadSiteConfig } from './state/site-config.ts'
import { StoredDrafts } from './stored-drafts.ts'
import App from './ui/App.svelte'
import { connectMachine } from './worker/connect-machine.ts'

const base = new URL('./', document.baseURI).href
const parameters = new URLSearchParams(location.search)
const memory = Number(parameters.get('memory'))

const texts = browserTexts()
const settings = new SettingsState(texts, navigator.languages, parameters)
const chosen = parameters.get('lessons')?.split(',').filter(Boolean)
const lessons = openLessons({ base, texts, settings, onPlace: showPlace, ...(chosen && { chosen }) })
const siteConfig = loadSiteConfig()
const config = await siteConfig.catch(() => undefined) // PreviewState reports the failure
if (config && new URL(config.preview).origin === location.origin)
  throw new Error(`This address is for previews alone; the page is at ${config.page}`)
const preview = new PreviewState(base, navigator.serviceWorker, async () => {
  const config = await siteConfig
  return config && openPreviewBridge(config)
})
const options = {
  baseUrl: base,
  ...(memory > 0 && { memory }),
  ...(parameters.has('cold') && { cold: true }),
  session: parameters.has('fresh') ? 'fresh' : 'resume',
} as const
const app = new AppState(
  settings,
  connectMachine,
  options,
  new StoredDrafts(),
  lessons,
  true,
  openOffline(base),
)

mount(App, { target: document.getElementById('app')!, props: { app, preview } })
dispatchEvent(new Event('porthole-loaded'))
void preview.register()
void app.boot()
const lesson = parameters.get('lesson') ?? parameters.get('lesson-url')
if (lesson !== null) void lessons.openNamed(lesson, location.hash.slice(1) || undefined)
else if (chosen !== undefined) void lessons.show()

/** The address names the lesson and its step, so that it can be shared and reloaded. */
function showPlace({ lesson, step }: LessonPlace): void {
  const url = new URL(location.href)
  url.searchParams.delete('lesson-url')
  if (lesson === undefined) url.searchParams.delete('lesson')
  else url.searchParams.set('lesson', lesson)
  url.hash = step ?? ''
  history.replaceState(history.state, '', url)
}
