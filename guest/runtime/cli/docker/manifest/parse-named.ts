import { CliError } from '../../shared/cli-error.ts'
import { messageOf } from '../../shared/for-each.ts'
import { type ImageReference, parseReference } from '../../../../vocabulary/image-reference.ts'

/** @throws CliError with the reason after `complaint` */
export function parseNamed(text: string, complaint: string): ImageReference {
  try {
    return parseReference(text)
  } catch (error) {
    throw new CliError(`${complaint}: ${messageOf(error)}`)
  }
}
