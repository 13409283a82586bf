/**
 * Characters that make a text look like another: bidirectional controls, characters without width, and control characters,
 * which a terminal would obey. A learner must see what a click will run. Left are those that emoji and some scripts are
 * written with: joiners and variation selectors.
 */
const HIDDEN =
  /(?![\t\n])\p{Cc}|\p{Zl}|\p{Zp}|[\ufff9-\ufffb]|(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/u

const nameOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** `U+202E` for the first one, undefined when there is none. */
export function hiddenCharacter(text: string): { name: string; index: number } | undefined {
  const match = HIDDEN.exec(text)
  return match ? { name: nameOf(match[0]), index: match.index } : undefined
}

/** The text with its hidden characters named: of a stranger's lesson it may be printed in a terminal. */
export const withoutHidden = (text: string): string =>
  text.replace(new RegExp(HIDDEN, 'gu'), (character) => `<${nameOf(character)}>`)
