import { chosenLessons, siteLessons } from './lessons/library/lesson-site.ts'
import { siteImages } from './lessons/library/site-images.ts'
import { LessonStore, type TextStore } from './state/lessons/lesson-store.ts'
import { LessonsState, type LessonPlace } from './state/lessons/lessons-state.svelte.ts'
import type { SettingsState } from './state/settings-state.svelte.ts'

export interface LessonsOptions {
  /** The address of the site, with a slash at its end. */
  base: string
  texts: TextStore
  settings: SettingsState
  /** The names of the lessons that are listed; all of the site by default. */
  chosen?: readonly string[]
  /** Is told where the learner is. */
  onPlace?: (place: LessonPlace) => void
}

/** The lessons of the site, and of one's own; what reads the latter is loaded with the first of them. */
export function openLessons({ base, texts, settings, chosen = [], onPlace }: LessonsOptions): LessonsState {
  const site = siteLessons(new URL('lessons/', base).href)
  const listed = chosen.length === 0 ? site : chosenLessons(site, chosen)
  return new LessonsState(listed, new LessonStore(texts), settings, onPlace ?? (() => undefined), {
    files: async (brought) =>
      (await import('./lessons/library/own-lesson.ts')).openFiles(brought, await siteImages(base)),
    address: async (text) =>
      (await import('./lessons/library/lesson-address.ts')).openAddress(text, base, {
        images: await siteImages(base),
      }),
  })
}
