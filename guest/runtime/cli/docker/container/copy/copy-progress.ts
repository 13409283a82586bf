/** Shows how much a copy has moved: a running count on a terminal, and a line at the end. */
import { watchBytes } from '../../../../../protocol/api/piped-bytes.ts'
import type { CliContext } from '../../../shared/context.ts'
import { humanSize } from '../../../shared/format/sizes.ts'
import type { ContainerFlags } from '../../table/container-flags.ts'

/** Milliseconds between two updates of the count. */
const UPDATE_INTERVAL = 75
/** ECMA-48: save and restore the cursor, hide and show it, erase the line or its tail, go to a column. */
const SAVE = '\x1b[s'
const RESTORE = '\x1b[u'
const HIDE = '\x1b[?25l'
const SHOW = '\x1b[?25h'
const ERASE_LINE = '\x1b[2K'
const ERASE_TAIL = '\x1b[0K'
const column = (number: number): string => `\x1b[${number}G`

/** Columns of the longest size, as `1.02kB` and `999kB`. */
const LONGEST_SIZE = 6

const size = (bytes: number): string => humanSize(bytes, 3)

export interface Copying {
  header: string
  destination: string
  content: AsyncIterable<Uint8Array>
  /** True for stdin, whose bytes Docker does not count. */
  uncounted?: boolean
}

/** Passes the archive on to `copy`, which resolves when it has been taken. */
export async function withProgress(
  { session, flags, now }: CliContext<ContainerFlags['cp']>,
  { header, destination, content, uncounted }: Copying,
  copy: (archive: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const quiet = flags.changed('quiet') ? flags.bool('quiet') : !session.stdout.isTerminal
  if (quiet) return copy(content)
  const { stderr } = session
  // The count stays on one row, as the cursor goes back by columns, which cannot leave the row.
  const { columns } = session.size()
  const shown = columns === 0 ? header : header.slice(0, Math.max(0, columns - LONGEST_SIZE - 1))
  let copied = 0
  let shownAt = now()
  const count = (bytes: number): void => {
    if (!uncounted) copied = bytes
  }
  const counted = watchBytes(content, {
    passed: async (bytes) => {
      count(bytes)
      if (!stderr.isTerminal || now() - shownAt < UPDATE_INTERVAL) return
      shownAt = now()
      await stderr.write(`${column(shown.length + 1)}${ERASE_TAIL}${size(copied)}`)
    },
    whole: count,
  })
  if (stderr.isTerminal)
    await stderr.write(`${SAVE}Preparing to copy...${HIDE}${RESTORE}${ERASE_LINE}${shown}${size(0)}`)
  try {
    await copy(counted)
  } finally {
    if (stderr.isTerminal) await stderr.write(`${SHOW}${RESTORE}${ERASE_LINE}`)
  }
  await stderr.write(`Successfully copied ${size(copied)} to ${destination}\n`)
}
