/** The struct tables of a compose file's top level, and of the project as a whole. */
import { flag, labels, listOf, mapOf, struct, text, type DecodeOptions, type Decoder } from './decode.ts'
import { decodeService } from './decode-service.ts'
import type { Dict } from './yaml/tree.ts'
import type { ProjectModel } from './types.ts'

const ipam: Decoder = (value, at, options) =>
  struct([
    ['driver', text],
    [
      'config',
      listOf(
        struct([
          ['subnet', text],
          ['gateway', text],
          ['ip_range', text],
          ['aux_addresses', labels],
        ]),
      ),
    ],
  ])(value ?? {}, at, options)

const network = struct([
  ['name', text],
  ['driver', text],
  ['driver_opts', labels],
  ['ipam', ipam, 'always'],
  ['external', flag],
  ['internal', flag],
  ['attachable', flag],
  ['labels', labels],
  ['enable_ipv4', flag, 'pointer'],
  ['enable_ipv6', flag, 'pointer'],
])

const volume = struct([
  ['name', text],
  ['driver', text],
  ['driver_opts', labels],
  ['external', flag],
  ['labels', labels],
])

const fileObject = struct([
  ['name', text],
  ['file', text],
  ['environment', text],
  ['content', text],
  ['external', flag],
  ['labels', labels],
  ['driver', text],
  ['driver_opts', labels],
  ['template_driver', text],
])

/** Treats an entry without a body as an empty one. */
const orEmpty =
  (decoder: Decoder): Decoder =>
  (value, at, options) =>
    decoder(value ?? {}, at, options)

const SECTIONS = {
  services: mapOf(orEmpty(decodeService)),
  networks: mapOf(orEmpty(network)),
  volumes: mapOf(orEmpty(volume)),
  secrets: mapOf(orEmpty(fileObject)),
  configs: mapOf(orEmpty(fileObject)),
} satisfies Record<keyof ProjectModel, Decoder>

/** @throws ModelError naming the path */
export function decodeProject(dict: Dict, options: DecodeOptions): ProjectModel {
  const entries = Object.entries(SECTIONS).map(([section, decoder]) => [
    section,
    decoder(dict[section] ?? {}, section, options),
  ])
  return Object.fromEntries(entries) as unknown as ProjectModel
}
