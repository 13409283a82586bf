/** Rows of the command table: `docker image …` and what of it stands at the top level. Words are Docker's (CLI 28). */
import type { CommandSpec } from '../command.ts'
import { FORMAT_USAGE, INSPECT_FORMAT_USAGE } from './usage-texts.ts'

export const IMAGE_COMMANDS: readonly CommandSpec[] = [
  {
    group: 'image',
    name: 'history',
    top: 'history',
    operands: '[OPTIONS] IMAGE',
    summary: 'Show the history of an image',
    positional: { rule: 'exact', count: 1 },
    flags: [
      { name: 'format', type: 'string', usage: FORMAT_USAGE },
      {
        name: 'human',
        short: 'H',
        type: 'bool',
        usage: 'Print sizes and dates in human readable format',
        default: 'true',
      },
      { name: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
      {
        name: 'platform',
        type: 'string',
        usage:
          'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      },
      { name: 'quiet', short: 'q', type: 'bool', usage: 'Only show image IDs' },
    ],
    load: async () => (await import('../image/history.ts')).history,
  },
  {
    group: 'image',
    name: 'import',
    top: 'import',
    operands: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
    summary: 'Import the contents from a tarball to create a filesystem image',
    positional: { rule: 'min', count: 1 },
    flags: [
      {
        name: 'change',
        short: 'c',
        type: 'list',
        usage: 'Apply Dockerfile instruction to the created image',
      },
      { name: 'message', short: 'm', type: 'string', usage: 'Set commit message for imported image' },
      { name: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable' },
    ],
    load: async () => (await import('../image/import.ts')).importImage,
  },
  {
    group: 'image',
    name: 'inspect',
    operands: '[OPTIONS] IMAGE [IMAGE...]',
    summary: 'Display detailed information on one or more images',
    positional: { rule: 'min', count: 1 },
    flags: [
      { name: 'format', short: 'f', type: 'string', usage: INSPECT_FORMAT_USAGE },
      {
        name: 'platform',
        type: 'string',
        usage:
          "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      },
    ],
    load: async () => (await import('../system/inspect.ts')).inspectImages,
  },
  {
    group: 'image',
    name: 'load',
    top: 'load',
    operands: '[OPTIONS]',
    summary: 'Load an image from a tar archive or STDIN',
    positional: { rule: 'none' },
    flags: [
      { name: 'input', short: 'i', type: 'string', usage: 'Read from tar archive file, instead of STDIN' },
      {
        name: 'platform',
        type: 'string',
        usage:
          'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      },
      { name: 'quiet', short: 'q', type: 'bool', usage: 'Suppress the load output' },
    ],
    load: async () => (await import('../image/load.ts')).load,
  },
  {
    group: 'image',
    name: 'ls',
    aliases: ['list'],
    top: 'images',
    operands: '[OPTIONS] [REPOSITORY[:TAG]]',
    summary: 'List images',
    common: 7,
    positional: { rule: 'max', count: 1 },
    flags: [
      { name: 'all', short: 'a', type: 'bool', usage: 'Show all images (default hides intermediate images)' },
      { name: 'digests', type: 'bool', usage: 'Show digests' },
      { name: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
      { name: 'format', type: 'string', usage: FORMAT_USAGE },
      { name: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
      { name: 'quiet', short: 'q', type: 'bool', usage: 'Only show image IDs' },
      { name: 'tree', type: 'bool', usage: 'List multi-platform images as a tree (EXPERIMENTAL)' },
    ],
    load: async () => (await import('../image/list.ts')).list,
  },
  {
    group: 'image',
    name: 'prune',
    operands: '[OPTIONS]',
    summary: 'Remove unused images',
    positional: { rule: 'none' },
    flags: [
      { name: 'all', short: 'a', type: 'bool', usage: 'Remove all unused images, not just dangling ones' },
      { name: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=<timestamp>")' },
      { name: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
    ],
    load: async () => (await import('../image/prune.ts')).prune,
  },
  {
    group: 'image',
    name: 'pull',
    top: 'pull',
    operands: '[OPTIONS] NAME[:TAG|@DIGEST]',
    summary: 'Download an image from a registry',
    common: 5,
    positional: { rule: 'exact', count: 1 },
    flags: [
      { name: 'all-tags', short: 'a', type: 'bool', usage: 'Download all tagged images in the repository' },
      { name: 'disable-content-trust', type: 'bool', usage: 'Skip image verification', default: 'true' },
      { name: 'platform', type: 'string', usage: 'Set platform if server is multi-platform capable' },
      { name: 'quiet', short: 'q', type: 'bool', usage: 'Suppress verbose output' },
    ],
    load: async () => (await import('../image/pull.ts')).pull,
  },
  {
    group: 'image',
    name: 'push',
    top: 'push',
    operands: '[OPTIONS] NAME[:TAG]',
    summary: 'Upload an image to a registry',
    common: 6,
    positional: { rule: 'exact', count: 1 },
    flags: [
      { name: 'all-tags', short: 'a', type: 'bool', usage: 'Push all tags of an image to the repository' },
      { name: 'disable-content-trust', type: 'bool', usage: 'Skip image signing', default: 'true' },
      {
        name: 'platform',
        type: 'string',
        usage:
          "Push a platform-specific manifest as a single-platform image to the registry.\nImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      },
      { name: 'quiet', short: 'q', type: 'bool', usage: 'Suppress verbose output' },
    ],
    load: async () => (await import('../image/push.ts')).push,
  },
  {
    group: 'image',
    name: 'rm',
    aliases: ['remove'],
    top: 'rmi',
    operands: '[OPTIONS] IMAGE [IMAGE...]',
    summary: 'Remove one or more images',
    positional: { rule: 'min', count: 1 },
    flags: [
      { name: 'force', short: 'f', type: 'bool', usage: 'Force removal of the image' },
      { name: 'no-prune', type: 'bool', usage: 'Do not delete untagged parents' },
      {
        name: 'platform',
        type: 'stringSlice',
        usage:
          'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      },
    ],
    load: async () => (await import('../image/remove.ts')).remove,
  },
  {
    group: 'image',
    name: 'save',
    top: 'save',
    operands: '[OPTIONS] IMAGE [IMAGE...]',
    summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    positional: { rule: 'min', count: 1 },
    flags: [
      { name: 'output', short: 'o', type: 'string', usage: 'Write to a file, instead of STDOUT' },
      {
        name: 'platform',
        type: 'string',
        usage:
          'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      },
    ],
    load: async () => (await import('../image/save.ts')).save,
  },
  {
    group: 'image',
    name: 'tag',
    top: 'tag',
    operands: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    positional: { rule: 'exact', count: 2 },
    flags: [],
    load: async () => (await import('../image/tag.ts')).tag,
  },
]
