import './speakable-browser.ts'
import { mount } from 'svelte'
import { openPreviewBridge } from './preview-origin/open-bridge.ts'
import { loadSiteConfig } from './state/site-config.ts'
import { AppState } from './state/app-state.svelte.ts'
import { PreviewState } from './state/preview-state.svelte.ts'
import { SettingsState, type SettingsStore } from './state/settings-state.svelte.ts'
import { StoredDrafts } from './stored-drafts.ts'
import App from './ui/App.svelte'
import { connectMachine } from './worker/connect-machine.ts'

const base = new URL('./', document.baseURI).href
const parameters = new URLSearchParams(location.search)
const memory = Number(parameters.get('memory'))

const settings = new SettingsState(settingsStore(), navigator.languages, parameters)
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
}
const app = new AppState(settings, connectMachine, options, new StoredDrafts())

mount(App, { target: document.getElementById('app')!, props: { app, preview } })
dispatchEvent(new Event('porthole-loaded'))
void preview.register()
void app.boot()

/** The browser may forbid localStorage (blocked cookies, opaque origins): choices then last as long as the page. */
function settingsStore(): SettingsStore {
  try {
    const storage = window.localStorage
    return {
      read: (key) => storage.getItem(`porthole.${key}`),
      write: (key, value) => storage.setItem(`porthole.${key}`, value),
    }
  } catch {
    const values = new Map<string, string>()
    return { read: (key) => values.get(key) ?? null, write: (key, value) => void values.set(key, value) }
  }
}
