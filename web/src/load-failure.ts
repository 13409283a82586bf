/**
 * Runs before everything else, inline in index.html (vite.config.ts): until the page says that it has started, any
 * error, of a script that does not load or of one that throws, shows a screen with a sentence. It imports nothing, not
 * even the message catalogue, because that may be what could not be loaded.
 */
const WORDS = {
  en: {
    title: 'Porthole could not be loaded',
    advice: 'Reload the page. If that does not help, a current Chrome, Edge, Firefox or Safari may.',
    again: 'Reload',
    script: (url: string) => `A part of the page could not be downloaded: ${url}`,
  },
  'zh-CN': {
    title: 'Porthole 无法加载',
    advice: '请刷新页面。如果仍然不行，请换用新版的 Chrome、Edge、Firefox 或 Safari。',
    again: '刷新',
    script: (url: string) => `页面的一部分无法下载：${url}`,
  },
}

const language = navigator.languages.find((each) => /^(en|zh)\b/i.test(each)) ?? 'en'
const words = WORDS[/^zh/i.test(language) ? 'zh-CN' : 'en']

function show(message: string): void {
  stop()
  const main = document.createElement('main')
  main.className = 'load-failure'
  main.setAttribute('role', 'alert')
  main.style.cssText =
    'display: grid; gap: 12px; justify-items: start; max-width: 34em; margin: 18vh auto; padding: 0 20px; font: 16px/1.5 system-ui, sans-serif'
  const line = (tag: string, text: string) => {
    const element = document.createElement(tag)
    element.textContent = text
    main.append(element)
    return element
  }
  line('h1', words.title).style.fontSize = '1.4rem'
  line('p', message).className = 'message'
  line('p', words.advice)
  line('button', words.again).onclick = () => location.reload()
  const place = () => document.body.replaceChildren(main)
  if (document.body) place()
  else addEventListener('DOMContentLoaded', place)
}

function onError(event: Event): void {
  const { target } = event
  // A picture or icon that does not load needs no such screen.
  if (target instanceof HTMLScriptElement) show(words.script(target.src))
  else if (target instanceof HTMLLinkElement && target.relList.contains('modulepreload'))
    show(words.script(target.href))
  else if (event instanceof ErrorEvent) show(event.message)
}

function onRejection({ reason }: PromiseRejectionEvent): void {
  show(reason instanceof Error ? reason.message : String(reason))
}

function stop(): void {
  removeEventListener('error', onError, true)
  removeEventListener('unhandledrejection', onRejection)
}

addEventListener('error', onError, true)
addEventListener('unhandledrejection', onRejection)
addEventListener('porthole-loaded', stop)
