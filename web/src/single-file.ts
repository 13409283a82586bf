/** The page of porthole.html, which one opens from a disk or a stick: its files are in it, and its machine forgets. */
import './speakable-browser.ts'
import { mount } from 'svelte'
import { EngineError } from '../../guest/protocol/errors.ts'
import { browserTexts } from './browser-texts.ts'
import { embeddedFetch, takeEmbeddedFiles } from './embedded-files.ts'
import { openLessons } from './open-lessons.ts'
import { AppState } from './state/app-state.svelte.ts'
import { PreviewState } from './state/preview-state.svelte.ts'
import { SettingsState } from './state/settings-state.svelte.ts'
import { StoredDrafts } from './stored-drafts.ts'
import App from './ui/App.svelte'
import { connectWorker } from './worker/connect-machine.ts'
import MachineWorker from './worker/embedded-worker.ts?worker&inline'

const base = new URL('./', document.baseURI).href
const files = readFiles()
globalThis.fetch = embeddedFetch(files, base, fetch.bind(globalThis))

function readFiles() {
  try {
    return takeEmbeddedFiles(document)
  } catch (thrown) {
    // Nothing of the page is there yet to say it.
    document.body.textContent = EngineError.from(thrown).message
    throw thrown
  }
}

function connect() {
  const worker = new MachineWorker({ name: 'machine' })
  worker.postMessage({ files })
  return connectWorker(worker)
}

const texts = browserTexts()
const settings = new SettingsState(texts, navigator.languages, new URLSearchParams(location.search))
const lessons = openLessons({ base, texts, settings })
// Nothing is left to be fetched, so nothing is fetched ahead.
const app = new AppState(settings, connect, { baseUrl: base }, new StoredDrafts(), lessons, false)
const preview = new PreviewState(base, undefined, () => Promise.resolve(undefined))

mount(App, { target: document.getElementById('app')!, props: { app, preview } })
dispatchEvent(new Event('porthole-loaded'))
void preview.register()
void app.boot()
