/** What a terminal that pastes sends around the text, where the shell has asked for it, as the guest's bash does. */
const PASTE = ['\x1b[200~', '\x1b[201~'] as const

/**
 * The keys by which commands come to a shell's command line and are not run: several lines come as a paste, so that bash
 * takes line ends for text before the reader presses Enter.
 */
export const typedKeys = (commands: string): string =>
  commands.includes('\n') ? `${PASTE[0]}${commands.replaceAll('\n', '\r')}${PASTE[1]}` : commands
