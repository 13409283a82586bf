/**
 * Where a link of a lesson leads. Lessons come from anywhere, so a target is one of these or no link at all: no scheme but
 * http and https, no address with credentials, no way out of the site by `//host` or a path with `..` beyond the folder of
 * lessons.
 */
export type LinkTarget =
  | { kind: 'web'; url: string }
  /** A step of the same lesson: `#step`. */
  | { kind: 'step'; step: string }
  /** Another lesson, or a step of it: `../name`, `../name#step`. */
  | { kind: 'lesson'; lesson: string; step: string | undefined }
  /** A panel of the page, a thing in it and a tab of that thing: `#panel/containers/web/timeline`. */
  | { kind: 'panel'; panel: string; item: string | undefined; tab: string | undefined }

const MAX_TARGET_CHARACTERS = 2_000
const NAME = '[a-z0-9][a-z0-9-]{0,63}'
const STEP = new RegExp(`^#(${NAME})$`)
const LESSON = new RegExp(`^\\.\\./(${NAME})/?(?:#(${NAME}))?$`)
const PANEL = new RegExp(`^#panel/(${NAME})(?:/([A-Za-z0-9][A-Za-z0-9_.:-]{0,127}))?(?:/(${NAME}))?$`)
/** A picture of the lesson's own folder. */
const PICTURE = /^(?:\.\/)?((?:[A-Za-z0-9][\w-]*\/)*[A-Za-z0-9][\w.-]*\.(?:svg|png|webp|jpe?g|gif))$/

/** Undefined for what is no link of a lesson. */
export function parseLinkTarget(target: string): LinkTarget | undefined {
  if (target.length > MAX_TARGET_CHARACTERS) return undefined
  const panel = PANEL.exec(target)
  if (panel) return { kind: 'panel', panel: panel[1]!, item: panel[2], tab: panel[3] }
  const step = STEP.exec(target)
  if (step) return { kind: 'step', step: step[1]! }
  const lesson = LESSON.exec(target)
  if (lesson) return { kind: 'lesson', lesson: lesson[1]!, step: lesson[2] }
  return webTarget(target)
}

function webTarget(target: string): LinkTarget | undefined {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined
  const url = new URL(target)
  if (url.username !== '' || url.password !== '') return undefined
  return { kind: 'web', url: url.href }
}

/** The path of a picture in the lesson's folder; undefined for any other address. */
export function parsePicturePath(source: string): string | undefined {
  return source.length > MAX_TARGET_CHARACTERS ? undefined : PICTURE.exec(source)?.[1]
}
