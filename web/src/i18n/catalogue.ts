import en from './en.json' with { type: 'json' }
import zhCN from './zh-CN.json' with { type: 'json' }

export const LOCALES = ['en', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]
export type MessageKey = keyof typeof en
export type MessageParameters = Record<string, string | number>

/** Typed on the English file, so that a key missing in another language is a type error. */
export const CATALOGUE: Record<Locale, Record<MessageKey, string>> = { en, 'zh-CN': zhCN }

/** Fills each `{name}` of the message with its parameter. */
export function translate(locale: Locale, key: MessageKey, parameters: MessageParameters = {}): string {
  return CATALOGUE[locale][key].replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    parameters[name] === undefined ? placeholder : String(parameters[name]),
  )
}

/** The first of the browser's languages that the page has; any Chinese gets ours. */
export function resolveLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return 'zh-CN'
    if (/^en\b/i.test(language)) return 'en'
  }
  return 'en'
}
