/** embed.html: what is loaded before the reader starts the machine is this file, a poster and the catalogue. */
import './speakable-browser.ts'
import { mount, unmount } from 'svelte'
import { browserTexts } from './browser-texts.ts'
import { isProblem, parseParameters } from './embed/contract/parse-parameters.ts'
import { HostLink } from './embed/frame/host-link.ts'
import { startTime } from './embed/frame/start-time.ts'
import { SettingsState } from './state/settings-state.svelte.ts'
import StartPoster from './ui/embed/StartPoster.svelte'

const target = document.getElementById('app')!
const host = new HostLink(window)
const parameters = parseParameters(location.search, location.hash)
// What the page around it wants counts, and not what this reader has chosen elsewhere.
const wanted = isProblem(parameters) ? location.search : { lang: parameters.lang, theme: parameters.theme }
const settings = new SettingsState(browserTexts(), navigator.languages, new URLSearchParams(wanted))

let click!: () => void
const clicked = new Promise<void>((resolve) => (click = resolve))
const poster = mount(StartPoster, { target, props: { settings, parameters, onstart: click } })
dispatchEvent(new Event('porthole-loaded'))

if (isProblem(parameters)) {
  host.tell('error', { code: 'invalid', message: settings.t(parameters.key, parameters.parameters) })
} else {
  await startTime(parameters.boot, target, clicked)
  const { startLab } = await import('./embed-lab.ts')
  await unmount(poster)
  startLab({ target, host, parameters, settings })
}
