/**
 * The parts of a manifest that the registry needs: https://github.com/opencontainers/image-spec/blob/main/manifest.md,
 * …/image-index.md
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseDigest } from '../storage/digest.ts'
import { parseManifest } from '../content/manifest.ts'
import type { StoredManifest } from '../content/repository-store.ts'
import { RegistryError } from './registry-error.ts'

interface Reference {
  digest: Digest
  size: number
}

export interface ParsedManifest {
  record: StoredManifest
  /** Blobs that must be in the repository before the manifest is. */
  blobs: Reference[]
  manifests: Reference[]
}

/** Layers that the registry needn't have: https://github.com/opencontainers/image-spec/blob/main/layer.md#non-distributable-layers */
const FOREIGN = /^application\/vnd\.(docker\.image\.rootfs\.foreign|oci\.image\.layer\.nondistributable)/

/** @throws RegistryError MANIFEST_INVALID */
export function readManifest(bytes: Uint8Array, mediaType: string): ParsedManifest {
  try {
    const document = parseManifest(bytes, mediaType, 'the manifest')
    const [blobs, manifests] =
      document.kind === 'index' ? [[], document.manifests] : [[document.config, ...document.layers], []]
    const { artifactType, annotations, subject } = described(bytes)
    const config = document.kind === 'manifest' ? document.config.mediaType : undefined
    return {
      record: {
        mediaType,
        size: bytes.length,
        references: [...blobs, ...manifests].map(({ digest }) => digest),
        ...(subject !== undefined && { subject, artifactType: artifactType ?? config }),
        ...(annotations !== undefined && { annotations }),
      },
      blobs: blobs.filter((blob) => !FOREIGN.test(blob.mediaType)),
      manifests,
    }
  } catch (error) {
    throw new RegistryError('MANIFEST_INVALID', EngineError.from(error).message)
  }
}

function described(bytes: Uint8Array): {
  artifactType?: string
  annotations?: Record<string, string>
  subject?: Digest
} {
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes))
  const { artifactType, annotations, subject } = isRecord(document) ? document : {}
  return {
    ...(typeof artifactType === 'string' && artifactType !== '' && { artifactType }),
    ...(isRecord(annotations) && { annotations: textsOf(annotations) }),
    ...(subject != null && { subject: parseDigest(isRecord(subject) ? subject.digest : undefined) }),
  }
}

/** Keeps the annotations that are strings: https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md */
function textsOf(annotations: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(annotations).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return Object.fromEntries(texts)
}
