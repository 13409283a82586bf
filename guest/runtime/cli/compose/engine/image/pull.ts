/** Pulls the image of a service and reports its progress. */
import type { JsonProgress } from '../../../../../protocol/api/engine-api.ts'
import { CliError } from '../../../shared/cli-error.ts'
import { messageOf } from '../../../shared/for-each.ts'
import { progressBar } from '../../../docker/image/progress.ts'
import { parseReference, repositoryName } from '../../../../../vocabulary/image-reference.ts'
import { registryAuth } from '../../../docker/image/registry-auth.ts'
import type { ComposeContext } from '../../context.ts'
import { EXIT } from '../../model/compose-error.ts'
import type { Service } from '../../model/types.ts'
import { inspectImage } from './inspect-image.ts'
import type { Progress, ProgressEvent } from '../output/progress-events.ts'

const IN_TRANSFER = ['Downloading', 'Extracting', 'Verifying Checksum']
const FINISHED = ['Download complete', 'Already exists', 'Pull complete']

/** A layer's line under its service. */
function layerEvent(service: string, message: JsonProgress): ProgressEvent | undefined {
  const { id = '', status = '', progressDetail } = message
  if (id === '' || progressDetail === undefined) return undefined
  const { current = 0, total = 0 } = progressDetail
  const event: ProgressEvent = {
    ...{ id, parent: service, text: status, status: 'working' },
    statusText: progressBar(progressDetail, 120),
  }
  if (FINISHED.includes(status)) return { ...event, status: 'done', percent: 100 }
  if (!IN_TRANSFER.includes(status)) return event
  return { ...event, current, total, percent: total > 0 ? Math.trunc((current * 100) / total) : 0 }
}

/** The engine's message without the client's prefix. */
const bareMessage = (error: unknown): string => messageOf(error).replace(/^Error response from daemon: /, '')

async function pullStream(
  context: ComposeContext,
  progress: Progress,
  name: string,
  service: Service,
  quiet: boolean,
): Promise<void> {
  const reference = parseReference(service.image!)
  const query = {
    fromImage: repositoryName(reference),
    tag: reference.digest ?? reference.tag ?? 'latest',
    platform: service.platform ?? context.session.env.DOCKER_DEFAULT_PLATFORM,
  }
  const headers = await registryAuth(context, reference.domain)
  for await (const message of context.api.values('POST', '/images/create', {
    query,
    ...headers,
  })) {
    const problem = message.errorDetail?.message ?? message.error
    if (problem !== undefined) throw new CliError(problem, EXIT.pull)
    const event = layerEvent(name, message)
    if (event !== undefined && !quiet) progress.event(event)
  }
}

/** @returns the image's id. @throws CliError 18 */
export async function pullServiceImage(
  context: ComposeContext,
  progress: Progress,
  name: string,
  service: Service,
  quiet: boolean,
): Promise<string> {
  progress.event({ id: name, status: 'working', text: 'Pulling' })
  try {
    await pullStream(context, progress, name, service, quiet)
  } catch (error) {
    const status = service.build === undefined ? 'error' : 'warning'
    const text = service.build === undefined ? 'Error' : 'Warning'
    progress.event({ id: name, status, text, statusText: bareMessage(error) })
    throw new CliError(messageOf(error), EXIT.pull)
  }
  progress.event({ id: name, status: 'done', text: 'Pulled' })
  return (await inspectImage(context.api, service.image!))?.Id ?? ''
}
