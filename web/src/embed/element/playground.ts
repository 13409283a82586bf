/**
 * `<porthole-playground>`: its children are what readers see before the click, in print and without JavaScript; the click
 * frames the lab. Nothing of the lab is asked for before that.
 */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { commandsOf } from '../../lessons/markdown/shown-commands.ts'
import type { EmbedTheme } from '../contract/parameters.ts'
import { FrameSession } from './frame-session.ts'
import { frameAddress, isAutorun } from './frame-address.ts'
import { hostTheme, THEME_ATTRIBUTES } from './host-theme.ts'
import { LabLink } from './lab-link.ts'
import { labSdk, type LabSdk } from './lab-sdk.ts'
import { OneMachine } from './one-machine.ts'
import { STYLES } from './styles.ts'
import { languageOf, wordsIn } from './words.ts'

/** CSS pixels: what a frame has before it says its own, and what it never exceeds, so that it stays beside the text. */
const FIRST_HEIGHT = 260
const MAX_HEIGHT = 720

const machine = new OneMachine<Playground>()

export class Playground extends HTMLElement {
  /** The address below which the lab is; embed.ts sets it. */
  static address = ''

  readonly #root = document.createElement('div')
  readonly #button = document.createElement('button')
  readonly #status = document.createElement('span')
  readonly #transcript = document.createElement('pre')
  readonly #themes = new MutationObserver(() => this.#followTheme())
  #link = new LabLink()
  #lab = this.#newLab()
  #frame: FrameSession | undefined
  #seen: IntersectionObserver | undefined

  constructor() {
    super()
    this.#build(this.attachShadow({ mode: 'open' }))
    this.#button.addEventListener('click', () => (this.#frame ? void this.#lab.dispose() : this.start()))
  }

  /** The SDK of the lab that runs, or of the next one. */
  get lab(): LabSdk {
    return this.#lab
  }

  connectedCallback(): void {
    const language = this.#language
    this.#root.lang = language
    const words = wordsIn(language)
    this.#show('waits', isAutorun(this.getAttribute('autorun')) ? words.run : words.start)
    const boot = this.getAttribute('boot')
    if (boot === 'now') this.#startWhenParsed()
    if (boot !== 'visible') return
    this.#seen = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.start()
    })
    this.#seen.observe(this)
  }

  /** The children, which may hold the commands, are there when the document is read. */
  #startWhenParsed(): void {
    if (document.readyState !== 'loading') this.start()
    else document.addEventListener('DOMContentLoaded', () => this.start(), { once: true })
  }

  /** A frame that leaves the document is gone, and its machine with it. */
  disconnectedCallback(): void {
    this.#seen?.disconnect()
    this.#end(new EngineError('unavailable', 'the embed was taken out of the page'))
  }

  /** Starts the lab here, and takes the machine from where it is on this page. */
  start(): void {
    if (this.#frame || !this.isConnected) return
    this.#seen?.disconnect()
    machine.take(this)
    const { title, height } = { title: wordsIn(this.#language).frame, height: this.#height(FIRST_HEIGHT) }
    this.#frame = new FrameSession(this.#address(), title, this.#link, height)
    this.#followFrame(this.#link)
    this.#root.append(this.#frame.element)
    this.#show('runs', wordsIn(this.#language).stop)
    this.#themes.observe(document.documentElement, { attributeFilter: THEME_ATTRIBUTES })
  }

  /** Another embed takes the machine; what it showed stays here. */
  giveUp(): void {
    void this.#stop('moved')
  }

  async #stop(why: 'moved' | 'stopped'): Promise<void> {
    const frame = this.#frame
    if (!frame) return
    const transcript = await frame.lastWords()
    if (this.#frame !== frame) return // taken out of the page meanwhile
    this.#end(
      new EngineError(
        'unavailable',
        `the machine has ${why === 'moved' ? 'moved to another embed' : 'been stopped'}`,
      ),
    )
    const words = wordsIn(this.#language)
    this.#transcript.textContent = transcript
    this.#show(transcript === '' ? 'waits' : 'ended', words.again, transcript === '' ? '' : words[why])
  }

  #end(reason: EngineError): void {
    if (!this.#frame) return
    machine.free(this)
    this.#themes.disconnect()
    this.#frame.element.remove()
    this.#frame = undefined
    this.#link.end(reason)
    this.#link = new LabLink()
    this.#lab = this.#newLab()
  }

  #newLab(): LabSdk {
    return labSdk(this.#link, () => this.#stop('stopped'))
  }

  #build(shadow: ShadowRoot): void {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLES)
    shadow.adoptedStyleSheets = [sheet]
    const [poster, bar] = [document.createElement('div'), document.createElement('div')]
    poster.className = 'poster'
    poster.append(document.createElement('slot'))
    bar.className = 'bar'
    bar.append(this.#button, this.#status)
    this.#status.setAttribute('role', 'status')
    this.#button.type = 'button'
    this.#transcript.className = 'transcript'
    this.#transcript.tabIndex = 0
    this.#root.append(poster, this.#transcript, bar)
    shadow.append(this.#root)
  }

  #show(state: 'waits' | 'runs' | 'ended', button: string, status = ''): void {
    this.#root.className = `root ${state}`
    this.#button.textContent = button
    this.#status.textContent = status
  }

  #followFrame(link: LabLink): void {
    const fire = (name: string, detail?: object) =>
      this.dispatchEvent(new CustomEvent(`porthole-${name}`, { bubbles: true, composed: true, detail }))
    link.ready.then(
      () => fire('ready'),
      ({ code, message }: EngineError) => code === 'not-supported' && fire('error', { code, message }),
    )
    for (const name of ['booted', 'task', 'error'] as const) link.on(name, (detail) => fire(name, detail))
    link.on('height', ({ height }) => this.#frame?.setHeight(this.#height(height)))
    // The reader asked for it by the key.
    link.on('leave', () => this.#button.focus({ preventScroll: true }))
  }

  /** What the attribute says counts, else what the content needs. */
  #height(wanted: number): number {
    const fixed = Number(this.getAttribute('height'))
    return fixed > 0 ? fixed : Math.min(MAX_HEIGHT, Math.max(FIRST_HEIGHT, Math.ceil(wanted) || 0))
  }

  #followTheme(): void {
    this.#link.call('theme', this.#theme).catch(() => undefined) // a lab that has ended needs none
  }

  get #theme(): EmbedTheme {
    const theme = this.getAttribute('theme') ?? 'auto'
    return theme === 'auto' ? hostTheme(document.documentElement) : (theme as EmbedTheme)
  }

  get #language() {
    const lang = this.getAttribute('lang') ?? this.closest('[lang]')?.getAttribute('lang')
    return languageOf(lang) ?? languageOf(navigator.language) ?? 'en'
  }

  #address(): string {
    return frameAddress({
      lab: Playground.address,
      attribute: (name) => this.getAttribute(name),
      run: this.getAttribute('run') ?? commandsOf(this.querySelector('code')?.textContent ?? ''),
      theme: this.#theme,
      lang: this.#language,
    })
  }
}
