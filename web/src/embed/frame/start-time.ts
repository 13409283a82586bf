import type { BootTime } from '../contract/parameters.ts'

/** Resolves when an embed is to start: at the click on its poster, when the poster is seen, or at once. */
export function startTime(boot: BootTime, poster: Element, clicked: Promise<void>): Promise<void> {
  if (boot === 'now') return Promise.resolve()
  if (boot === 'click') return clicked
  return new Promise((resolve) => {
    void clicked.then(resolve)
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      resolve()
    })
    observer.observe(poster)
  })
}
