/** The part of a browser's `navigator` that names its languages. */
export type Speaker = Pick<Navigator, 'language'>

/**
 * Makes a browser's language one that Intl knows: some are called `C` or `en-US@posix`, after the system's locale, which
 * Intl refuses, and uPlot asks it as soon as it is loaded.
 */
export function makeSpeakable(speaker: Speaker): void {
  try {
    new Intl.NumberFormat(speaker.language)
  } catch {
    Object.defineProperty(speaker, 'language', { value: 'en', configurable: true })
  }
}
