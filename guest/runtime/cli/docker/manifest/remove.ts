/** `docker manifest rm`: docker/cli cli/command/manifest/rm.go. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { messageOf } from '../../shared/for-each.ts'
import { parseReference } from '../../../../vocabulary/image-reference.ts'
import { ManifestStore } from './manifest-store.ts'

/** Prints nothing on success; a list that can't be removed doesn't keep the others. */
export async function remove(context: CliContext): Promise<number> {
  const store = new ManifestStore(context)
  const failures: string[] = []
  for (const name of context.args) {
    try {
      const list = parseReference(name)
      await store.list(list)
      await store.remove(list)
    } catch (error) {
      failures.push(messageOf(error))
    }
  }
  if (failures.length > 0) throw new CliError(failures.join('\n'))
  return 0
}
