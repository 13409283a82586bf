/** `docker build` with the classic builder. Source: docker/cli, cli/command/image/build.go. */
import { letGo } from '../../../../vocabulary/engine-client/body.ts'
import { CliError } from '../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { displayProgress } from '../image/progress.ts'
import { parseReference } from '../../../../vocabulary/image-reference.ts'
import type { CliOutput } from '../../shared/session.ts'
import { buildHeaders, buildQuery } from './build-query.ts'
import { openContext } from './build-context.ts'
import { uploadProgress } from './upload-progress.ts'
import type { BuildFlags } from '../table/build-flags.ts'

/** Keeps the output of `-q`, which is shown only when the build fails. */
class KeptOutput implements CliOutput {
  readonly isTerminal = false
  text = ''

  async write(data: string | Uint8Array): Promise<void> {
    this.text += typeof data === 'string' ? data : new TextDecoder().decode(data)
  }
}

function checkTags({ flags }: CliContext<BuildFlags['build']>): void {
  for (const tag of flags.list('tag')) {
    try {
      parseReference(tag)
    } catch (thrown) {
      throw new CliError(
        `invalid argument ${JSON.stringify(tag)} for "-t, --tag" flag: ${(thrown as Error).message}\nSee 'docker build --help'.`,
        125,
      )
    }
  }
}

async function writeId(context: CliContext<BuildFlags['build']>, path: string, id: string): Promise<void> {
  const name = context.flags.string('iidfile')
  if (id === '') throw new CliError(`server did not provide an image ID. Cannot write ${name}`)
  await context.files.write(path, id)
}

/** Removes a stale file: it would name another image if this build fails. */
async function iidFile(context: CliContext<BuildFlags['build']>): Promise<string | undefined> {
  const name = context.flags.string('iidfile')
  if (name === '') return undefined
  const path = resolvePath(context, name)
  if (await context.files.exists(path)) await context.files.remove(path)
  return path
}

async function run(context: CliContext<BuildFlags['build']>, output: CliOutput): Promise<string> {
  const { api, session, args } = context
  const opened = await openContext(context, args[0]!)
  let id = ''
  try {
    const messages = api.values('POST', '/build', {
      query: { ...(await buildQuery(context)), ...opened.query },
      headers: await buildHeaders(context),
      ...(opened.archive && { bytes: uploadProgress(opened.archive, output, () => session.size()) }),
    })
    await displayProgress(session, messages, output, (aux) => {
      if (typeof aux['ID'] === 'string') id = aux['ID']
    })
  } finally {
    if (opened.packed) await letGo(opened.packed)
  }
  return id
}

export async function build(context: CliContext<BuildFlags['build']>): Promise<number> {
  const { session, flags } = context
  checkTags(context)
  const path = await iidFile(context)
  const quiet = flags.bool('quiet') ? new KeptOutput() : undefined
  let id: string
  try {
    id = await run(context, quiet ?? session.stdout)
  } catch (thrown) {
    if (quiet) await session.stderr.write(quiet.text)
    throw thrown
  }
  if (quiet) {
    // The last line is the engine's answer; the lines before are the upload's progress.
    id = quiet.text.trimEnd().split('\n').at(-1)!
    await session.stdout.write(`${id}\n`)
  }
  if (path !== undefined) await writeId(context, path, quiet ? `${id}\n` : id)
  return 0
}
