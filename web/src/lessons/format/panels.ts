/**
 * What of the page a lesson can open and point at: `#panel/containers/web/timeline`. A panel that joins the page joins this
 * table, and lessons can name it.
 */
export interface LessonPanel {
  /** What the second part of the link names; undefined for a panel that shows one thing alone. */
  item: 'container' | 'image' | 'port' | undefined
  /** What the third part can be. */
  tabs: readonly string[]
}

export const LESSON_PANELS: Readonly<Record<string, LessonPanel>> = {
  containers: { item: 'container', tabs: ['logs', 'inspect', 'mounts', 'exec', 'stats', 'timeline'] },
  images: { item: 'image', tabs: [] },
  preview: { item: 'port', tabs: [] },
  namespaces: { item: undefined, tabs: [] },
}

/** The sentence that says why a link leads to no panel; undefined when it leads to one. */
export function wrongPanel(
  panel: string,
  item: string | undefined,
  tab: string | undefined,
): string | undefined {
  const known = Object.hasOwn(LESSON_PANELS, panel) ? LESSON_PANELS[panel] : undefined
  if (known === undefined)
    return `there is no panel “${panel}”: ${Object.keys(LESSON_PANELS).join(', ')} are there`
  if (item !== undefined && known.item === undefined) return `the panel “${panel}” shows one thing alone`
  if (tab !== undefined && !known.tabs.includes(tab)) return `the panel “${panel}” has no tab “${tab}”`
  if (known.item === 'port' && item !== undefined && !/^\d{1,5}$/.test(item)) return `“${item}” is no port`
  return undefined
}
