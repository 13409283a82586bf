/** The few words of the element itself, apart from the page's catalogue, which would be larger than all else of embed.js. */
const WORDS = {
  en: {
    start: 'Try it in a real Linux',
    run: 'Run it in a real Linux',
    again: 'Start again',
    stop: 'Stop',
    frame: 'Linux with containers',
    moved: 'The machine has moved to another example; this is what was shown here.',
    stopped: 'The machine was stopped; this is what it showed.',
  },
  'zh-CN': {
    start: '在真正的 Linux 中试一试',
    run: '在真正的 Linux 中运行',
    again: '重新启动',
    stop: '停止',
    frame: '带容器的 Linux',
    moved: '机器已移至另一个示例；以下是此处曾显示的内容。',
    stopped: '机器已停止；以下是它曾显示的内容。',
  },
}

export type ElementLanguage = keyof typeof WORDS
export type ElementWords = (typeof WORDS)['en']

/** The language of the text around an embed, as its nearest `lang` says; undefined for one that we do not speak. */
export function languageOf(lang: string | null | undefined): ElementLanguage | undefined {
  if (/^zh\b/i.test(lang ?? '')) return 'zh-CN'
  return /^en\b/i.test(lang ?? '') ? 'en' : undefined
}

export const wordsIn = (language: ElementLanguage): ElementWords => WORDS[language]
