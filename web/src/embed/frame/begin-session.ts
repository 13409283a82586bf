import type { TerminalsState } from '../../state/terminals/terminals-state.svelte.ts'
import type { EmbedParameters } from '../contract/parameters.ts'
import { typedKeys } from './typed-keys.ts'

/** Opens the embed's other terminals, and brings its commands to the first one's prompt. */
export async function beginSession(
  terminals: Pick<TerminalsState, 'sessions' | 'open' | 'select'>,
  { terminals: wanted, run, autorun }: Pick<EmbedParameters, 'terminals' | 'run' | 'autorun'>,
): Promise<void> {
  const first = terminals.sessions[0]!
  while (terminals.sessions.length < wanted) terminals.open({ kind: 'guest' })
  terminals.select(first.id)
  if (run === '') return
  // What comes before the prompt is shown twice: by the terminal, and by the shell.
  await first.prompted
  if (autorun) first.enter(run)
  else first.send(typedKeys(run))
}
