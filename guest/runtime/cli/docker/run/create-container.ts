/** The steps that `docker run` and `docker create` share: pull policy, cid file, warnings, and the call itself. */
import type { ContainerCreateResponse } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { isNotFound } from '../../shared/api-error.ts'
import {
  familiarReference,
  isImageId,
  parseReference,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import { pullImage } from '../image/pull-image.ts'
import { createBody, parseCreateCommand, type CreateCommand } from './create-request.ts'
import type { CreateFlags } from '../table/create-flags.ts'

/** Words a failure as docker/cli's `reportError` does for commands that start containers. */
export const reported = (message: string): string => `docker: ${message.replace(/\.$/, '')}.`

/** Adds a hint to the help: before there is a container, the command line may be at fault. */
export const withHelp = (message: string, command: string): string =>
  `${reported(message)}\nSee 'docker ${command} --help'.`

/** @throws CliError 125 */
export async function parseOrFail(
  context: CliContext<CreateFlags>,
  command: 'run' | 'create',
): Promise<CreateCommand> {
  const pull = context.flags.string('pull')
  try {
    if (!['always', 'missing', 'never', ''].includes(pull)) {
      throw new Error(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`)
    }
    return await parseCreateCommand(context)
  } catch (error) {
    throw new CliError(withHelp((error as Error).message, command), 125)
  }
}

/** @returns the container's id. @throws ApiError, CliError */
export async function createContainer(
  context: CliContext<CreateFlags>,
  command: CreateCommand,
): Promise<string> {
  const { flags, session, files } = context
  if (!isImageId(command.config.Image!)) parseReference(command.config.Image!)
  const cidFile = flags.string('cidfile') === '' ? undefined : resolvePath(context, flags.string('cidfile'))
  if (cidFile !== undefined && (await files.exists(cidFile))) {
    throw new CliError(
      `container ID file found, make sure the other container isn't running or delete ${flags.string('cidfile')}`,
    )
  }
  if (flags.string('pull') === 'always') await pull(context, command)
  const response = await createPulling(context, command)
  const warnings = [...(response.Warnings ?? []), ...localDnsWarnings(command)]
  for (const warning of warnings) await session.stderr.write(`WARNING: ${warning}\n`)
  if (cidFile !== undefined) await files.write(cidFile, response.Id)
  return response.Id
}

function localDnsWarnings(command: CreateCommand): string[] {
  const local = command.hostConfig.Dns?.find((address) => /^127\.|^::1$/.test(address))
  return local === undefined ? [] : [`Localhost DNS setting (--dns=${local}) may fail in containers.`]
}

async function createPulling(
  context: CliContext<CreateFlags>,
  command: CreateCommand,
): Promise<ContainerCreateResponse> {
  try {
    return await create(context, command)
  } catch (error) {
    const image = command.config.Image!
    if (!isNotFound(error) || isImageId(image) || context.flags.string('pull') !== 'missing') throw error
    if (!context.flags.bool('quiet')) {
      const name = familiarReference(withDefaultTag(parseReference(image)))
      await context.session.stderr.write(`Unable to find image '${name}' locally\n`)
    }
    await pull(context, command)
    return create(context, command)
  }
}

function create(
  { api, flags }: CliContext<CreateFlags>,
  command: CreateCommand,
): Promise<ContainerCreateResponse> {
  const query = { name: flags.string('name') || undefined, platform: flags.string('platform') || undefined }
  return api.json('POST', '/containers/create', { query, json: createBody(command) })
}

async function pull(context: CliContext<CreateFlags>, command: CreateCommand): Promise<void> {
  await pullImage(context, command.config.Image!, {
    platform: context.flags.string('platform'),
    output: context.flags.bool('quiet') ? undefined : context.session.stderr,
  })
}
