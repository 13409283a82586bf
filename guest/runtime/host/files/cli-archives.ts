/** The guest's own files as archives, for `docker cp`. The launcher packs and unpacks: see guest/native/tar/tar_unpack.c. */
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import type { CliArchives } from './cli-file-access.ts'
import { archiveSentence, memberSentence } from '../../plan/archive-sentences.ts'
import { errnoText } from '../../plan/errno.ts'
import { O } from '../../plan/linux-constants.ts'
import { PACK, UNPACK } from '../../plan/pack-flags.ts'
import { SLOT, type Step } from '../../plan/plan.ts'
import type { LauncherClient } from '../launcher/launcher-api.ts'

const openDirectory = (path: string): Step => ({
  op: 'open',
  slot: SLOT.root,
  path,
  flags: O.PATH | O.DIRECTORY,
})

function failure(thrown: unknown, destination: string): EngineError {
  const error = EngineError.from(thrown)
  const { errno, path } = error.details
  if (typeof errno !== 'number') return error
  const sentence =
    typeof path === 'string' ? memberSentence(errno, destination, path) : archiveSentence(errno)
  return new EngineError(error.code, sentence ?? `${destination}: ${errnoText(errno)}`, error.details, error)
}

export function cliArchives(launcher: LauncherClient): CliArchives {
  return {
    async pack(path, name, omitted = [], before) {
      const [directory, base] = [posix.dirname(path), posix.basename(path)]
      const inside = path.endsWith('/.') || path === '/'
      const pack: Step = {
        op: 'tar-pack',
        at: SLOT.root,
        path: inside ? '/' : `/${base}`,
        name,
        flags: PACK.top | PACK.omit,
        exclude: [...omitted],
      }
      const first: Step[] = before === undefined ? [] : [{ op: 'send-bytes', data: before }]
      return (await launcher.stream({ steps: [openDirectory(directory), ...first, pack] })).output
    },
    async unpack(directory, archive, rename) {
      const unpack: Step = {
        op: 'tar-unpack',
        at: SLOT.root,
        path: '/',
        flags: UNPACK.keepKinds | UNPACK.owner | UNPACK.below,
        uid: 0,
        gid: 0,
        ...(rename && { rename }),
      }
      try {
        const { output } = await launcher.stream({ steps: [openDirectory(directory), unpack] }, archive)
        for await (const _ of output);
      } catch (thrown) {
        throw failure(thrown, directory)
      }
    },
  }
}
