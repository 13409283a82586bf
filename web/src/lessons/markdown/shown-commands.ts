/** What a code block of documentation shows: commands, and below them what they print. */

export interface ShownCommand {
  /** One command, or several lines that belong together. */
  command: string
  /** What the block says that it prints; undefined when it says nothing. */
  output: string | undefined
}

/** Before a command, where what it prints stands below it. */
const PROMPT = '$ '
/** Before the further lines of a command that ends with a backslash, or that holds a document. */
const MORE = '> '

/**
 * The commands of a block with their output. Where lines begin with a prompt (`$ `), these lines alone are commands, and
 * the others are what the commands print; lines that begin with `> ` right below a command belong to it, and so does the
 * line below one that ends with a backslash. In a block without prompts all of it is one command.
 */
export function shownCommands(block: string): ShownCommand[] {
  const lines = block.replaceAll('\r', '').replaceAll('\u00a0', ' ').split('\n')
  const shown = lines.map((line) => line.trimEnd())
  if (!shown.some(isPrompted)) {
    const command = shown.join('\n').replace(/^\n+|\n+$/g, '')
    return command === '' ? [] : [{ command, output: undefined }]
  }
  const commands: ShownCommand[] = []
  for (const line of shown.slice(shown.findIndex(isPrompted))) {
    if (isPrompted(line)) commands.push({ command: line.slice(PROMPT.length), output: undefined })
    else addLine(commands.at(-1)!, line)
  }
  return commands
}

function addLine(shown: ShownCommand, line: string): void {
  const goesOn = shown.output === undefined && (line.startsWith(MORE) || shown.command.endsWith('\\'))
  if (goesOn) shown.command += `\n${line.startsWith(MORE) ? line.slice(MORE.length) : line}`
  else shown.output = shown.output === undefined ? line : `${shown.output}\n${line}`
}

const isPrompted = (line: string): boolean => line.startsWith(PROMPT)

/** The commands alone, one below the other, as they are typed. */
export const commandsOf = (block: string): string =>
  shownCommands(block)
    .map(({ command }) => command)
    .join('\n')
