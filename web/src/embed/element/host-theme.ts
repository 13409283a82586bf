import type { EmbedTheme } from '../contract/parameters.ts'

/** The part of an `<html>` element that says its theme. */
export interface ThemedRoot {
  readonly className: string
  readonly dataset: DOMStringMap
}

/** Attributes of `<html>` in which a page says its theme. */
export const THEME_ATTRIBUTES = ['class', 'data-theme']

/** The theme that a page has chosen by `data-theme` or a class of `<html>`, as generators of documentation do; else `auto`. */
export function hostTheme({ className, dataset }: ThemedRoot): EmbedTheme {
  const names = [dataset['theme'] ?? '', ...className.split(/\s+/)]
  return (['dark', 'light'] as const).find((theme) => names.includes(theme)) ?? 'auto'
}
