/** The part of embed.html that is loaded once the reader has started the machine. */
import { mount } from 'svelte'
import type { EmbedParameters } from './embed/contract/parameters.ts'
import { beginSession } from './embed/frame/begin-session.ts'
import type { HostLink } from './embed/frame/host-link.ts'
import { MachineLab } from './embed/frame/machine-lab.ts'
import { browserTexts } from './browser-texts.ts'
import { openLessons } from './open-lessons.ts'
import { AppState } from './state/app-state.svelte.ts'
import { PreviewState } from './state/preview-state.svelte.ts'
import type { SettingsState } from './state/settings-state.svelte.ts'
import { StoredDrafts } from './stored-drafts.ts'
import EmbedApp from './ui/embed/EmbedApp.svelte'
import { connectMachine } from './worker/connect-machine.ts'

export interface LabStart {
  target: HTMLElement
  host: HostLink
  parameters: EmbedParameters
  settings: SettingsState
}

export function startLab({ target, host, parameters, settings }: LabStart): void {
  const base = new URL('./', document.baseURI).href
  // The address of a frame is its host's, and stays as it is.
  const lessons = openLessons({ base, texts: browserTexts(), settings })
  // Private windows give frames of other sites no storage, and what an embed has made is gone with its page anyway.
  const options = { baseUrl: base, mayForget: true }
  // Readers of a page did not ask for all of the system to be downloaded behind their backs.
  const app = new AppState(settings, connectMachine, options, new StoredDrafts(), lessons, false)
  const preview = new PreviewState(base, undefined, () => Promise.resolve(undefined))
  preview.reason = settings.t('embed.noPreview')
  const onsession: (session: NonNullable<AppState['session']>) => void = ({ terminals }) =>
    void beginSession(terminals, parameters)
  const tell: HostLink['tell'] = (event, detail) => host.tell(event, detail)
  mount(EmbedApp, { target, props: { app, preview, parameters, tell, onsession } })
  host.serve(new MachineLab(app))
  if (parameters.lesson !== undefined) void lessons.open(parameters.lesson, parameters.step)
  void app.boot()
}
