import { FitAddon } from '@xterm/addon-fit'
import { SerializeAddon } from '@xterm/addon-serialize'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import type { TerminalScreen } from '../../state/terminals/terminal-session.svelte.ts'
import type { ShellNews } from '../../state/terminals/terminal-session.svelte.ts'
import { ShellWatch, type ShellScreen } from './shell-watch.ts'
import { forwardInput } from './terminal-input.ts'
import { terminalShortcut } from './terminal-keys.ts'
import { parseClipboardWrite, parseTerminalLink, type TerminalLink } from './terminal-links.ts'

export interface XtermOptions {
  screenReader: boolean
  /** Gets what this terminal sends: text, or bytes as they are. */
  onInput(input: string | Uint8Array): void
  /** Is told of the lines that a shell in it runs. */
  onShell(mark: ShellNews): void
  onLink(link: TerminalLink): void
  onCopied(): void
  onResize(): void
  /** Whether programs may write the clipboard now. */
  mayWriteClipboard(): boolean
}

/** Lines kept above the screen: some MB a terminal at most. */
const SCROLLBACK = 5000

/** xterm with our addons, colours and safety rules, as a TerminalScreen. The caller mounts and disposes it. */
export class XtermScreen implements TerminalScreen {
  readonly terminal: Terminal
  private readonly fitAddon = new FitAddon()
  private readonly serializeAddon = new SerializeAddon()
  private readonly shell: ShellWatch

  constructor(parent: HTMLElement, options: XtermOptions) {
    this.terminal = new Terminal({
      allowProposedApi: true, // the unicode addon needs it
      fontFamily: getComputedStyle(parent).getPropertyValue('--mono'),
      fontSize: 13.5,
      lineHeight: 1.15,
      scrollback: SCROLLBACK,
      screenReaderMode: options.screenReader,
      theme: THEME,
      linkHandler: { allowNonHttpProtocols: true, activate: (_event, uri) => follow(uri, options) },
    })
    this.terminal.loadAddon(this.fitAddon)
    this.terminal.loadAddon(this.serializeAddon)
    this.terminal.loadAddon(new Unicode11Addon())
    this.terminal.unicode.activeVersion = '11'
    this.terminal.loadAddon(new WebLinksAddon((_event, uri) => follow(uri, options)))
    this.terminal.open(parent)
    this.guard(options)
    this.shell = new ShellWatch(shellScreen(this.terminal), (mark) => options.onShell(mark))
    forwardInput(this.terminal, (input) => options.onInput(input))
    this.terminal.onResize(() => options.onResize())
  }

  get rows(): number {
    return this.terminal.rows
  }

  get columns(): number {
    return this.terminal.cols
  }

  async write(chunk: Uint8Array | string): Promise<void> {
    await new Promise<void>((resolve) => this.terminal.write(chunk, resolve))
    this.shell.drawn()
  }

  /** Is told what goes to the process, from whatever part of the page, before it has it. */
  sending(input: string | Uint8Array): void {
    if (typeof input === 'string') this.shell.typed(input)
  }

  /** Takes the size of its parent; does nothing while the parent is hidden. */
  fit(): void {
    this.fitAddon.fit()
  }

  get used(): number {
    const { active } = this.terminal.buffer
    return active.baseY + active.cursorY + 1
  }

  text(): string {
    const { normal } = this.terminal.buffer
    const rows = Array.from({ length: normal.baseY + normal.cursorY + 1 }, (_, at) => normal.getLine(at))
    return rows.reduce((text, row, at) => {
      const goesOn = normal.getLine(at + 1)?.isWrapped === true
      return `${text}${at > 0 && row?.isWrapped !== true ? '\n' : ''}${row?.translateToString(!goesOn) ?? ''}`
    }, '')
  }

  /** The visible text and the scrollback, as escape sequences. */
  transcript(): string {
    return this.serializeAddon.serialize()
  }

  /** Draws with the GPU where there is one; otherwise the DOM renderer stays. */
  async accelerate(): Promise<void> {
    if (!hasGpu()) return
    const { WebglAddon } = await import('@xterm/addon-webgl')
    const addon = new WebglAddon()
    addon.onContextLoss(() => {
      addon.dispose()
      this.terminal.options.cursorBlink = false
    })
    this.terminal.loadAddon(addon)
    // Set only with the GPU: the DOM renderer blinks by an animation that keeps the page drawing, which costs a tenth
    // of a core while idle.
    this.terminal.options.cursorBlink = !matchMedia('(prefers-reduced-motion: reduce)').matches
  }

  copySelection(onCopied: () => void): void {
    const selection = this.terminal.getSelection()
    // Without a secure context there is no clipboard; the browser's own copy still works on the selection.
    if (selection) void navigator.clipboard?.writeText(selection).then(onCopied)
  }

  dispose(): void {
    this.terminal.dispose()
  }

  private guard(options: XtermOptions): void {
    const { terminal } = this
    terminal.attachCustomKeyEventHandler((event) => {
      const shortcut = terminalShortcut(event, terminal.hasSelection())
      if (shortcut === 'copy' && event.type === 'keydown') {
        this.copySelection(options.onCopied)
        event.preventDefault()
      }
      return shortcut === undefined
    })
    terminal.parser.registerOscHandler(52, (data) => {
      const text = parseClipboardWrite(data)
      if (text !== undefined && options.mayWriteClipboard()) void navigator.clipboard?.writeText(text)
      return true
    })
    terminal.parser.registerOscHandler(133, (data) => {
      this.shell.mark(data)
      return true
    })
  }
}

/** The terminal's own screen: programs on the alternate one, such as editors, show no prompts. */
function shellScreen(terminal: Terminal): ShellScreen {
  const { normal } = terminal.buffer
  return {
    get cursor() {
      return { row: normal.baseY + normal.cursorY, column: normal.cursorX }
    },
    row: (at, from, to) => {
      const line = normal.getLine(at)
      // A row that goes on in the next is full, and the blanks at its end are part of the text.
      const goesOn = normal.getLine(at + 1)?.isWrapped === true
      return (
        line && {
          text: line.translateToString(!goesOn && to === undefined, from, to),
          wrapped: line.isWrapped,
        }
      )
    },
    mark: () => {
      const marker = terminal.registerMarker(0)
      return {
        get row() {
          return marker.line
        },
        forget: () => marker.dispose(),
      }
    },
  }
}

/** Renderers that run on the processor: they are slower than the DOM, and the processor has a machine to emulate. */
const SOFTWARE_RENDERERS = /swiftshader|llvmpipe|softpipe|basic render|software/i

function hasGpu(): boolean {
  const context = document
    .createElement('canvas')
    .getContext('webgl2', { failIfMajorPerformanceCaveat: true })
  if (!context) return false
  const info = context.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER))
  context.getExtension('WEBGL_lose_context')?.loseContext()
  return !SOFTWARE_RENDERERS.test(renderer)
}

function follow(uri: string, options: XtermOptions): void {
  const link = parseTerminalLink(uri)
  if (link) options.onLink(link)
}

/** The colours on --glass of tokens.css; each but black has a contrast of 4.5:1 on it. */
const THEME = {
  background: '#0a1517',
  foreground: '#d7e4e1',
  cursor: '#63cec1',
  cursorAccent: '#0a1517',
  selectionBackground: '#2b5358',
  black: '#1b2e32',
  red: '#f4857c',
  green: '#6fcf8f',
  yellow: '#e3ae52',
  blue: '#7fb2f5',
  magenta: '#c3a2f2',
  cyan: '#63cec1',
  white: '#c7d6d3',
  brightBlack: '#7d9492',
  brightRed: '#ffa39b',
  brightGreen: '#93e3ac',
  brightYellow: '#f3c979',
  brightBlue: '#a5cbff',
  brightMagenta: '#d9c2ff',
  brightCyan: '#8fe6db',
  brightWhite: '#f2f8f6',
}
