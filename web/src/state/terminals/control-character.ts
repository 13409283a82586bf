/** What Ctrl and a character send: the character's code without its upper three bits; undefined when there is none. */
export function controlCharacter(character: string): string | undefined {
  const code = character.toUpperCase().charCodeAt(0)
  return character.length === 1 && code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : undefined
}
