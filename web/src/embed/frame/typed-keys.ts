/** What a terminal that pastes sends around the text, where the shell has asked for it, as the guest's bash does. */
const PASTE = ['\x1b[200~', '\x1b[201~'] as const

/**
 * The keys by which commands come to a shell's command line. To be run, each line ends with Enter. To be typed only, they
 * come as a paste, so that bash takes line ends for text and runs nothing before the reader presses Enter.
 */
export function keysFor(commands: string, enter: boolean): string {
  if (enter) return `${commands.replaceAll('\n', '\r')}\r`
  return commands.includes('\n') ? `${PASTE[0]}${commands.replaceAll('\n', '\r')}${PASTE[1]}` : commands
}
