/** Before a command in documentation, where what it prints stands below it. */
const PROMPT = /^[$#] /

/**
 * The commands of a code block: all of its text, or, where lines begin with a prompt (`$ `), these lines alone, without
 * it: the others are what the commands print. A comment (`# …`) counts as a prompt only where no line begins with `$ `.
 */
export function commandsOf(block: string): string {
  const lines = block.replaceAll('\r', '').replaceAll('\u00a0', ' ').split('\n')
  const shown = lines.map((line) => line.trimEnd())
  const prompted = shown.filter((line) => PROMPT.test(line) && line.startsWith('$'))
  const commands = prompted.length > 0 ? prompted.map((line) => line.replace(PROMPT, '')) : shown
  return commands.join('\n').replace(/^\n+|\n+$/g, '')
}
