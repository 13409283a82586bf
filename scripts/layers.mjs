/**
 * The layers of the project: which folder may import which. Plain JavaScript, since eslint reads it too. From this one
 * table come eslint's rules (eslint.config.js) and the table of ARCHITECTURE.md (`npm run reference`).
 *
 * A room's `imports` name rooms that stand before it, so that the table itself can hold no cycle (layers.test.ts). A room
 * that ends in `/*` means the files of the folder itself and not those of its folders. Unit tests may import what they like.
 */

/**
 * @typedef {object} Layer
 * @property {string} room folder, from the root of the project
 * @property {string} holds what it is, for ARCHITECTURE.md
 * @property {readonly string[]} imports rooms that it may import
 * @property {'pure' | 'node' | 'page' | 'worker' | 'root'} [world] `pure` may not see Node's modules nor a browser's packages
 */

const PROTOCOL = 'guest/protocol'
const WORDS = [PROTOCOL, 'guest/vocabulary']
const RUNTIME = 'guest/runtime'
const PLANS = [...WORDS, `${RUNTIME}/plan`]
const HOST = [...PLANS, `${RUNTIME}/host`]
const DOCKER = `${RUNTIME}/docker`
const docker = (...rooms) => rooms.map((room) => `${DOCKER}/${room}`)
const CORE = [...HOST, `${RUNTIME}/oci`, `${RUNTIME}/task`]
const STATE = [...CORE, ...docker('network', 'volume', 'events', 'state')]
const CLI = `${RUNTIME}/cli`
const web = (...rooms) => rooms.map((room) => `web/src/${room}`)

/** @type {readonly Layer[]} */
export const LAYERS = [
  {
    room: PROTOCOL,
    holds:
      'what page and guest agree on: frames and streams (`wire`), Engine API types (`api`), the state table (`states`), error codes, paths',
    imports: [],
    world: 'pure',
  },
  {
    room: 'guest/vocabulary',
    holds:
      'Docker’s and Go’s words, read and written once: image references, durations, filters, detach keys, stdcopy, tar, platforms, `.dockerignore`, the undo stack; the Engine API’s client (`engine-client`)',
    imports: [PROTOCOL],
    world: 'pure',
  },
  {
    room: `${RUNTIME}/plan`,
    holds: 'plans as data: the op table’s TypeScript view, the wire form, errno',
    imports: WORDS,
    world: 'pure',
  },
  {
    room: `${RUNTIME}/oci`,
    holds: 'OCI config.json → plan: `rootfs`, `process`, `seccomp`; pure',
    imports: PLANS,
    world: 'pure',
  },
  {
    room: `${RUNTIME}/host`,
    holds: 'the engine’s only effects: `launcher` client, `files`, `channel` to the page, `net`',
    imports: PLANS,
    world: 'node',
  },
  {
    room: `${RUNTIME}/task`,
    holds: 'the neutral core: a process tree from launch to end, its shim, its clean-up, its log',
    imports: [...HOST, `${RUNTIME}/oci`],
    world: 'pure',
  },
  {
    room: `${DOCKER}/network`,
    holds: 'networks: `netlink` and nftables plans, `address`es, `names` (DNS, /etc/hosts), ports',
    imports: HOST,
    world: 'pure',
  },
  {
    room: `${DOCKER}/volume`,
    holds: 'volumes, mounts, what is kept of volumes',
    imports: HOST,
    world: 'pure',
  },
  { room: `${DOCKER}/events`, holds: '`docker events`', imports: HOST, world: 'pure' },
  {
    room: `${DOCKER}/state`,
    holds: 'records and what the engine has in memory: containers, execs, the context that services share',
    imports: [...CORE, ...docker('network', 'volume', 'events')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/stream`,
    holds: 'logs and output as clients see them',
    imports: STATE,
    world: 'pure',
  },
  {
    room: `${DOCKER}/layer`,
    holds: 'image layers below a container: leases, copy-up, what a container wrote as a layer',
    imports: STATE,
    world: 'pure',
  },
  {
    room: `${DOCKER}/config`,
    holds: 'create requests checked and completed, and made an OCI config.json',
    imports: [...STATE, ...docker('layer')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/image`,
    holds: 'the engine’s view of the content store',
    imports: [...STATE, ...docker('layer')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/inspect`,
    holds: 'list, inspect, top, stats, diff',
    imports: [...STATE, ...docker('stream', 'layer', 'config')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/exec`,
    holds: 'processes beside a container’s first one',
    imports: [...STATE, ...docker('stream', 'config')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/health`,
    holds: 'health checks',
    imports: [...STATE, ...docker('stream', 'exec')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/container`,
    holds: 'create, start, stop, exit, restart, remove, recovery',
    imports: [...STATE, ...docker('stream', 'layer', 'config', 'image', 'inspect', 'exec', 'health')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/build`,
    holds: 'the classic builder: `dockerfile` is the language, `steps` evaluates it',
    imports: [...STATE, ...docker('layer', 'image', 'container')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/archive`,
    holds: 'file trees as tars and back: cp, export, import, commit, save, load',
    imports: [...STATE, ...docker('layer', 'config', 'image', 'container', 'build')],
    world: 'pure',
  },
  {
    room: `${DOCKER}/api`,
    holds: 'Engine API: `routes`, `bodies`, HTTP adapter, in-process transport',
    imports: [
      ...STATE,
      ...docker(
        'stream',
        'layer',
        'config',
        'image',
        'inspect',
        'exec',
        'health',
        'container',
        'build',
        'archive',
      ),
    ],
    world: 'node',
  },
  {
    room: `${CLI}/shared`,
    holds: 'what both command lines stand on: flags, tables, templates, streams',
    imports: [...WORDS, `${RUNTIME}/host`],
    world: 'pure',
  },
  {
    room: `${CLI}/docker`,
    holds: 'the `docker` commands; `table` lists them',
    imports: [...WORDS, `${RUNTIME}/host`, `${CLI}/shared`],
    world: 'pure',
  },
  {
    room: `${CLI}/compose`,
    holds: '`docker compose`: `model` reads compose files (pure), `engine` converges containers to them',
    imports: [...WORDS, `${RUNTIME}/host`, `${CLI}/shared`, `${CLI}/docker`],
    world: 'pure',
  },
  {
    room: `${CLI}/completion`,
    holds: 'answers to a shell’s Tab',
    imports: [...WORDS, `${CLI}/shared`, `${CLI}/docker`, `${CLI}/compose`],
    world: 'pure',
  },
  {
    room: `${CLI}/*`,
    holds: 'from the words after `docker` to a command; serves the thin client',
    imports: [
      ...WORDS,
      `${RUNTIME}/host`,
      ...['shared', 'docker', 'compose', 'completion'].map((room) => `${CLI}/${room}`),
    ],
    world: 'pure',
  },
  {
    room: `${RUNTIME}/*`,
    holds: 'the engine put together (`compose-engine.ts`), and its process (`main.ts`)',
    imports: [...STATE, `${CLI}/*`, ...docker('image', 'container', 'build', 'api')],
    world: 'node',
  },
  {
    room: `${RUNTIME}/testing`,
    holds: 'all fakes of the engine',
    imports: [
      ...STATE,
      `${CLI}/shared`,
      `${CLI}/*`,
      `${RUNTIME}/*`,
      ...docker('image', 'container', 'build', 'api'),
    ],
    world: 'node',
  },
  {
    room: 'web/src/storage',
    holds: 'keys and values in IndexedDB or memory, digests, gunzip, cached blocks',
    imports: WORDS,
    world: 'worker',
  },
  {
    room: 'web/src/release',
    holds: 'what one build of the site consists of, and what the browser’s Cache keeps of it',
    imports: [...WORDS, ...web('storage')],
    world: 'worker',
  },
  {
    room: 'web/src/trees',
    holds: 'file trees: of chunks (the system), of image layers; blobs to be read, uploads to be written',
    imports: [...WORDS, ...web('storage')],
    world: 'worker',
  },
  {
    room: 'web/src/nine',
    holds: '9P2000.L server over the trees',
    imports: [...WORDS, ...web('storage', 'trees')],
    world: 'worker',
  },
  {
    room: 'web/src/content',
    holds: 'the content store: blobs, layers, images, leases, garbage collection',
    imports: [...WORDS, ...web('storage', 'trees')],
    world: 'worker',
  },
  {
    room: 'web/src/catalogue',
    holds: 'images that the site brings along',
    imports: [...WORDS, ...web('storage', 'content')],
    world: 'worker',
  },
  {
    room: 'web/src/registry-client',
    holds: 'pull and push: sessions, tokens, layers fetched and sent',
    imports: [...WORDS, ...web('storage', 'content', 'catalogue')],
    world: 'worker',
  },
  {
    room: 'web/src/registry-server',
    holds: '`registry.local`: OCI distribution 1.1 over the content store',
    imports: [...WORDS, ...web('storage', 'content', 'catalogue')],
    world: 'worker',
  },
  {
    room: 'web/src/content-service',
    holds: 'answers the engine’s calls for content',
    imports: [
      ...WORDS,
      ...web('storage', 'trees', 'content', 'catalogue', 'registry-client', 'registry-server'),
    ],
    world: 'worker',
  },
  {
    room: 'web/src/volumes',
    holds: 'the shelf of volumes that survive a reload',
    imports: [...WORDS, ...web('storage', 'content')],
    world: 'worker',
  },
  {
    room: 'web/src/vm',
    holds: 'v86: boot, snapshot, repairs, virtio console port 1 ⇄ channel',
    imports: [
      ...WORDS,
      ...web(
        'storage',
        'trees',
        'nine',
        'content',
        'catalogue',
        'registry-server',
        'content-service',
        'volumes',
      ),
    ],
    world: 'worker',
  },
  {
    room: 'web/src/sessions',
    holds: 'saved machines: as bytes, on the shelf over a reload, in a file',
    imports: [...WORDS, ...web('storage', 'nine', 'content', 'volumes', 'vm')],
    world: 'worker',
  },
  {
    room: 'web/src/worker',
    holds: 'the machine side put together; its surface is `machine-api.ts`',
    imports: [
      ...WORDS,
      ...web('storage', 'release', 'trees', 'catalogue', 'content-service', 'vm', 'sessions'),
    ],
    world: 'worker',
  },
  {
    room: 'web/src/client',
    holds: 'the Engine API over a byte stream, in the page’s calls; knows neither v86 nor IndexedDB',
    imports: WORDS,
    world: 'page',
  },
  {
    room: 'web/src/service-worker',
    holds: 'serves published ports to the preview, and the page’s own files from what is kept of a release',
    imports: [PROTOCOL, ...web('client', 'release')],
    world: 'page',
  },
  { room: 'web/src/i18n', holds: 'English and 简体中文', imports: [], world: 'page' },
  {
    room: 'web/src/take',
    holds:
      'what runs as a folder for any Docker: inspect answers → a compose file (pure); images, volumes and files in one tar',
    imports: [...WORDS, ...web('i18n')],
    world: 'page',
  },
  {
    room: 'web/src/lessons/markdown',
    holds: 'a lesson’s prose: Markdown → a tree that holds no HTML',
    imports: [],
    world: 'page',
  },
  {
    room: 'web/src/lessons/format',
    holds: '`lesson.yaml` and the prose in each language → a lesson, or all that is wrong with it',
    imports: [...WORDS, ...web('i18n', 'lessons/markdown')],
    world: 'page',
  },
  {
    room: 'web/src/lessons/import',
    holds:
      'lessons of others (Killercoda, Docker’s labspaces) → lessons of ours, with a list of what has no place there',
    imports: [...WORDS, ...web('i18n', 'lessons/markdown', 'lessons/format')],
    world: 'pure',
  },
  {
    room: 'web/src/lessons/checks',
    holds: 'whether a task is done: facts fetched from the machine, a pure evaluator, hints',
    imports: [...WORDS, ...web('client', 'lessons/format')],
    world: 'page',
  },
  {
    room: 'web/src/lessons/library',
    holds:
      'where lessons come from: a site’s list, and one of them with its texts; a folder, a zip or an address',
    imports: [...WORDS, ...web('i18n', 'lessons/format', 'lessons/import')],
    world: 'page',
  },
  {
    room: 'web/src/embed/contract',
    holds: 'what a page and the lab that it frames agree on: the frame’s address, messages, calls',
    imports: [...WORDS, ...web('i18n', 'lessons/format')],
    world: 'page',
  },
  {
    room: 'web/src/embed/element',
    holds: '`embed.js` in other people’s pages: `<porthole-playground>` and the SDK',
    imports: [PROTOCOL, ...web('lessons/markdown', 'embed/contract')],
    world: 'page',
  },
  {
    room: 'web/src/state',
    holds: 'what the page knows, fed by the engine’s events',
    imports: [
      ...WORDS,
      ...web(
        'client',
        'i18n',
        'lessons/markdown',
        'lessons/format',
        'lessons/checks',
        'lessons/library',
        'release',
        'take',
        'worker',
      ),
    ],
    world: 'page',
  },
  {
    room: 'web/src/preview-origin',
    holds: 'the page of the preview’s own origin',
    imports: [PROTOCOL, ...web('client', 'state')],
    world: 'page',
  },
  {
    room: 'web/src/embed/frame',
    holds: 'the lab inside of the frame: who frames it is answered, and every call is checked',
    imports: [...WORDS, ...web('embed/contract', 'state')],
    world: 'page',
  },
  {
    room: 'web/src/ui',
    holds: 'Svelte: terminals, panels; props in, events out',
    imports: [
      ...WORDS,
      ...web(
        'client',
        'i18n',
        'lessons/markdown',
        'lessons/format',
        'lessons/checks',
        'lessons/library',
        'take',
        'embed/contract',
        'state',
      ),
    ],
    world: 'page',
  },
  {
    room: 'web/src/*',
    holds: 'the page put together',
    imports: [
      PROTOCOL,
      ...web(
        'i18n',
        'lessons/library',
        'embed/contract',
        'state',
        'preview-origin',
        'embed/frame',
        'ui',
        'worker',
      ),
    ],
    world: 'root',
  },
]

/** What a world may not import, as patterns of module names with the reason. */
export const WORLDS = {
  pure: {
    ban: [
      'node:fs',
      'node:fs/promises',
      'node:net',
      'node:child_process',
      'node:dgram',
      'node:http',
      'v86',
      'svelte',
      'comlink',
      'idb-keyval',
    ],
    why: 'only guest/runtime/host touches files, sockets and processes',
  },
  node: {
    ban: ['v86', 'svelte', 'comlink', 'idb-keyval'],
    why: 'the engine knows neither the emulator nor the page',
  },
  worker: { ban: ['node:*', 'svelte'], why: 'this runs in a worker and knows nothing above it' },
  root: {
    ban: ['node:*', 'v86'],
    why: 'the page talks to the machine through web/src/worker/machine-api.ts',
  },
  page: {
    ban: ['node:*', 'v86', 'idb-keyval'],
    why: 'the page talks to the machine through web/src/worker/machine-api.ts',
  },
}

/** Names for what many rooms may import together; a later one holds those before it. */
const GROUPS = [
  ['words', WORDS],
  ['plans', PLANS],
  ['host', HOST],
  ['core', CORE],
  ['state', STATE],
]

const short = (room) => `\`${room.replace(/^guest\/runtime\//, '').replace(/^web\/src\//, '')}\``

/** The largest group that is allowed whole, then the rest by name. */
function shortened(imports) {
  const group = GROUPS.findLast(([, rooms]) => rooms.every((room) => imports.includes(room)))
  const rest = imports.filter((room) => !group?.[1].includes(room)).map(short)
  return [...(group ? [`*${group[0]}*`] : []), ...rest].join(', ') || 'nothing'
}

/** The part of ARCHITECTURE.md that says which folder may import which. */
export function layersTable() {
  const groups = GROUPS.map(([name, rooms], index) => {
    const before = GROUPS[index - 1]
    const own = rooms.filter((room) => !before?.[1].includes(room)).map(short)
    return `*${name}*: ${[...(before ? [`*${before[0]}*`] : []), ...own].join(', ')}`
  })
  const rows = LAYERS.map(({ room, holds, imports }) => `| \`${room}\` | ${holds} | ${shortened(imports)} |`)
  return [
    `In the last column ${groups.join('; ')}; \`guest/runtime/\` and \`web/src/\` are left away.`,
    '',
    '| folder | what it is | may import |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}
