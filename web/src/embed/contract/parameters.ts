/**
 * What the address of embed.html says: `?lesson=…&step=…&boot=…&layout=…&panels=…&terminals=…&lang=…&theme=…&autorun=…` and
 * `#run=…`. Version 1 of a contract with other people's pages: names and values are added, never changed.
 */
import type { Locale } from '../../i18n/catalogue.ts'
import type { Layout } from '../../lessons/format/lesson.ts'
import { encodeRun } from './run-text.ts'

/** When the machine starts: at a click, when the reader sees the embed, or at once. */
export const BOOT_TIMES = ['click', 'visible', 'now'] as const
export type BootTime = (typeof BOOT_TIMES)[number]
export const EMBED_THEMES = ['auto', 'light', 'dark'] as const
export type EmbedTheme = (typeof EMBED_THEMES)[number]

export interface EmbedParameters {
  lesson: string | undefined
  /** The id of a step of the lesson. */
  step: string | undefined
  boot: BootTime
  /** Undefined: as the lesson has it, and without one the terminals alone. */
  layout: Layout | undefined
  /** The panels beside the terminals, the first in front; none names all of the page. */
  panels: readonly string[]
  /** How many terminals are open at the start. */
  terminals: number
  lang: 'auto' | Locale
  theme: EmbedTheme
  /** Whether the commands are run, and not just typed. */
  autorun: boolean
  /** Commands, one a line; empty for none. */
  run: string
}

export const DEFAULTS: EmbedParameters = {
  lesson: undefined,
  step: undefined,
  boot: 'click',
  layout: undefined,
  panels: [],
  terminals: 1,
  lang: 'auto',
  theme: 'auto',
  autorun: false,
  run: '',
}

/** The query and the hash that say so, without what is the default: `?boot=now#run=bHM`, or an empty text. */
export function writeParameters(parameters: Partial<EmbedParameters>): string {
  const { run = '', ...named } = parameters
  const query = new URLSearchParams()
  for (const [parameter, value] of Object.entries(named)) {
    if (value === undefined || String(value) === String(DEFAULTS[parameter as keyof EmbedParameters]))
      continue
    query.set(parameter, typeof value === 'boolean' ? '1' : String(value))
  }
  return `${query.size > 0 ? `?${query}` : ''}${run === '' ? '' : `#run=${encodeRun(run)}`}`
}
