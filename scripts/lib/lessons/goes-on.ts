/** Commands that go on until Ctrl+C: they follow, watch, repeat themselves, or are in front. */
const ENDLESS = [
  /\b(?:logs|tail)\b[^\n]*\s(?:-[a-z]*f\b|--follow\b)/,
  /\bdocker (?:events|attach)\b/,
  /\bstats\b(?![^\n]*--no-stream)/,
  /\bcompose\b[^\n]*\bup\b(?![^\n]*\s(?:-d|--detach|--wait)\b)/,
  /--watch\b|^watch\s|^top$/m,
  /\bsleep (?:infinity|\d+[hd])\b(?![^\n]*&\s*$)/,
  /^[^'"\n]*\bwhile (?:true|:); do\b(?![^\n]*&\s*$)/m,
]

/** Whether a command goes on by its words. A program that runs in the background, in a container too, does not. */
export const goesOn = (command: string): boolean =>
  !/\bdocker run\b[^\n]*\s-[a-z]*d/.test(command) && ENDLESS.some((words) => words.test(command))
