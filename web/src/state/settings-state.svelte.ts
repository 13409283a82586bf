import {
  resolveLocale,
  translate,
  type Locale,
  type MessageKey,
  type MessageParameters,
} from '../i18n/catalogue.ts'

export type LocaleChoice = 'auto' | Locale
export type ThemeChoice = 'auto' | 'light' | 'dark'

/** Keeps choices between visits; a page without storage forgets them. */
export interface SettingsStore {
  read(key: string): string | null
  write(key: string, value: string): void
}

/** Language, theme and terminal preferences. Changing one never touches the machine. */
export class SettingsState {
  localeChoice = $state<LocaleChoice>('auto')
  theme = $state<ThemeChoice>('auto')
  screenReader = $state(false)
  /** Containers may write the clipboard (OSC 52); reading is never possible. */
  clipboardWrite = $state(false)
  private readonly store: SettingsStore
  private readonly languages: readonly string[]

  /** @param parameters those of the page's address; they take precedence over stored choices */
  constructor(store: SettingsStore, languages: readonly string[], parameters: URLSearchParams) {
    this.store = store
    this.languages = languages
    this.localeChoice = oneOf(['auto', 'en', 'zh-CN'], parameters.get('lang') ?? store.read('lang')) ?? 'auto'
    this.theme = oneOf(['auto', 'light', 'dark'], parameters.get('theme') ?? store.read('theme')) ?? 'auto'
    this.screenReader = store.read('screenReader') === 'true'
    this.clipboardWrite = store.read('clipboardWrite') === 'true'
  }

  readonly locale: Locale = $derived.by(() =>
    this.localeChoice === 'auto' ? resolveLocale(this.languages) : this.localeChoice,
  )

  readonly t = (key: MessageKey, parameters?: MessageParameters): string =>
    translate(this.locale, key, parameters)

  set(
    change: Partial<Pick<SettingsState, 'localeChoice' | 'theme' | 'screenReader' | 'clipboardWrite'>>,
  ): void {
    Object.assign(this, change)
    this.store.write('lang', this.localeChoice)
    this.store.write('theme', this.theme)
    this.store.write('screenReader', String(this.screenReader))
    this.store.write('clipboardWrite', String(this.clipboardWrite))
  }
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: string | null): Choice | undefined {
  return choices.find((choice) => choice === value)
}
