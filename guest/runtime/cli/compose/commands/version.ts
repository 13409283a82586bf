/** `docker compose version`. */
import type { ComposeContext } from '../context.ts'
import { COMPOSE_VERSION } from '../version.ts'
import type { ComposeFlags } from '../flags.ts'

export async function version({ flags, session }: ComposeContext<ComposeFlags['version']>): Promise<number> {
  const text = flags.bool('short')
    ? COMPOSE_VERSION
    : flags.string('format') === 'json'
      ? `{"version":"v${COMPOSE_VERSION}"}`
      : `Docker Compose version v${COMPOSE_VERSION}`
  await session.stdout.write(`${text}\n`)
  return 0
}
