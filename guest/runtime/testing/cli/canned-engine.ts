/**
 * An engine of canned answers, for tests and for recording transcripts of Docker's own client (test/fixtures/cli/record.ts):
 * both command lines talk to it, so that their output and their requests can be compared.
 */
import * as data from './canned-data.ts'

export interface CannedRequest {
  method: string
  path: string
  query: Record<string, string>
  body: unknown
}

export type CannedAnswer =
  | { status: number; json: unknown }
  /** JSON values, each on a line of its own. */
  | { status: number; lines: unknown[] }
  | { status: number; bytes: Uint8Array; contentType: string; headers?: Record<string, string> }
  /** A hijacked connection, with the output of the container until its end. */
  | { upgrade: Uint8Array[]; contentType: string }

const encoder = new TextEncoder()

/** One frame of Docker's multiplexed stream. */
export function frame(stream: 1 | 2 | 3, text: string): Uint8Array {
  const payload = encoder.encode(text)
  const bytes = new Uint8Array(8 + payload.length)
  bytes[0] = stream
  new DataView(bytes.buffer).setUint32(4, payload.length)
  bytes.set(payload, 8)
  return bytes
}

const json = (value: unknown, status = 200): CannedAnswer => ({ status, json: value })
const error = (status: number, message: string): CannedAnswer => json({ message }, status)
const nothing: CannedAnswer = { status: 204, bytes: new Uint8Array(0), contentType: 'text/plain' }

const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream'
const RAW = 'application/vnd.docker.raw-stream'

const pullLines = [
  { status: 'Pulling from library/fresh', id: 'latest' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'aaaaaaaaaaaa' },
  {
    status: 'Downloading',
    progressDetail: { current: 1_050_000, total: 2_100_000 },
    progress: '[>]',
    id: 'aaaaaaaaaaaa',
  },
  { status: 'Download complete', progressDetail: {}, id: 'aaaaaaaaaaaa' },
  { status: 'Pull complete', progressDetail: {}, id: 'aaaaaaaaaaaa' },
  { status: `Digest: ${data.DIGEST}` },
  { status: 'Status: Downloaded newer image for fresh:latest' },
]

/** Answers requests. Between the requests of one command it remembers that `fresh` has been pulled. */
export class CannedEngine {
  readonly #now: () => number
  #pulled = false
  #tty = false

  /** @param now seconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  answer(request: CannedRequest): CannedAnswer {
    const { method, path } = request
    const routes: [string, RegExp, (match: RegExpExecArray) => CannedAnswer][] = [
      ['GET', /^\/containers\/json$/, () => this.#list(request)],
      ['POST', /^\/containers\/create$/, () => this.#create(request)],
      [
        'POST',
        /^\/containers\/prune$/,
        () => json({ ContainersDeleted: [data.DB], SpaceReclaimed: 1_234_567 }),
      ],
      ['HEAD', /^\/containers\/([^/]+)\/archive$/, ([, name]) => this.#archive(name!, request)],
      ['GET', /^\/containers\/([^/]+)\/archive$/, ([, name]) => this.#archive(name!, request)],
      ['PUT', /^\/containers\/([^/]+)\/archive$/, ([, name]) => this.#known(name!, () => nothing)],
      [
        'GET',
        /^\/containers\/([^/]+)\/(json|top|changes|logs|stats|export)$/,
        ([, name, what]) => this.#read(name!, what!),
      ],
      ['POST', /^\/containers\/([^/]+)\/attach$/, () => this.#attach()],
      ['POST', /^\/containers\/([^/]+)\/wait$/, ([, name]) => this.#wait(name!)],
      [
        'POST',
        /^\/containers\/([^/]+)\/exec$/,
        ([, name]) => this.#known(name!, () => json({ Id: data.EXEC }, 201)),
      ],
      [
        'POST',
        /^\/containers\/([^/]+)\/update$/,
        ([, name]) => this.#known(name!, () => json({ Warnings: ['be warned'] })),
      ],
      ['POST', /^\/containers\/([^/]+)\/(\w+)$/, ([, name, action]) => this.#act(name!, action!)],
      [
        'DELETE',
        /^\/containers\/([^/]+)$/,
        ([, name]) =>
          this.#known(name!, () =>
            name === 'web' && request.query.force !== '1'
              ? error(
                  409,
                  `cannot remove container "web": container is running: stop the container before removing or force remove`,
                )
              : nothing,
          ),
      ],
      ['POST', /^\/exec\/[^/]+\/start$/, () => this.#execStart(request)],
      ['GET', /^\/exec\/[^/]+\/json$/, () => json({ ID: data.EXEC, Running: false, ExitCode: 3 })],
      ['POST', /^\/exec\/[^/]+\/resize$/, () => nothing],
      ['GET', /^\/images\/json$/, () => json(data.images(this.#now()))],
      ['POST', /^\/images\/create$/, () => this.#pull(request)],
      // The answer to an archive that is nothing but an empty line.
      [
        'POST',
        /^\/images\/load$/,
        () => ({
          status: 200,
          lines: [{ errorDetail: { message: 'unexpected EOF' }, error: 'unexpected EOF' }],
        }),
      ],
      [
        'POST',
        /^\/images\/prune$/,
        () => json({ ImagesDeleted: [{ Untagged: 'old:1' }, { Deleted: data.DANGLING }], SpaceReclaimed: 0 }),
      ],
      [
        'GET',
        /^\/images\/search$/,
        () =>
          json([
            {
              name: 'nginx',
              description: 'Official build of Nginx,\nwith a description that is long',
              is_official: true,
              is_automated: false,
              star_count: 20000,
            },
          ]),
      ],
      [
        'GET',
        /^\/images\/(.+)\/json$/,
        ([, name]) => (name === 'nginx' ? json(data.IMAGE_INSPECT) : error(404, `No such image: ${name}`)),
      ],
      [
        'GET',
        /^\/images\/(.+)\/history$/,
        ([, name]) =>
          name === 'nginx' ? json(data.HISTORY(this.#now())) : error(404, `No such image: ${name}`),
      ],
      [
        'POST',
        /^\/images\/(.+)\/tag$/,
        ([, name]) => (name === 'nginx' ? { ...nothing, status: 201 } : error(404, `No such image: ${name}`)),
      ],
      [
        'POST',
        /^\/images\/(.+)\/push$/,
        () => ({
          status: 200,
          lines: [
            { status: 'The push refers to repository [docker.io/library/nginx]' },
            { status: 'Preparing', progressDetail: {}, id: 'aaaaaaaaaaaa' },
            { errorDetail: { message: 'denied: access refused' }, error: 'denied: access refused' },
          ],
        }),
      ],
      [
        'DELETE',
        /^\/images\/(.+)$/,
        ([, name]) =>
          name === 'busybox'
            ? json([{ Untagged: 'busybox:latest' }, { Deleted: data.BUSYBOX }])
            : error(404, `No such image: ${name}:latest`),
      ],
      ['GET', /^\/networks$/, () => json(data.NETWORKS)],
      ['POST', /^\/networks\/create$/, () => json({ Id: data.NETWORK, Warning: '' }, 201)],
      ['POST', /^\/networks\/prune$/, () => json({ NetworksDeleted: ['old'] })],
      ['POST', /^\/networks\/[^/]+\/(connect|disconnect)$/, () => json({})],
      ['GET', /^\/networks\/([^/]+)$/, ([, name]) => this.#network(name!)],
      [
        'DELETE',
        /^\/networks\/([^/]+)$/,
        ([, name]) => (name === 'mine' ? nothing : error(404, `network ${name} not found`)),
      ],
      ['GET', /^\/volumes$/, () => json({ Volumes: data.VOLUMES, Warnings: null })],
      [
        'POST',
        /^\/volumes\/create$/,
        () => json({ ...data.VOLUMES[0], Name: (request.body as { Name: string }).Name || 'f00d' }, 201),
      ],
      ['POST', /^\/volumes\/prune$/, () => json({ VolumesDeleted: null, SpaceReclaimed: 0 })],
      [
        'GET',
        /^\/volumes\/([^/]+)$/,
        ([, name]) => (name === 'data10' ? json(data.VOLUMES[0]) : error(404, `get ${name}: no such volume`)),
      ],
      [
        'DELETE',
        /^\/volumes\/([^/]+)$/,
        ([, name]) => (name === 'data10' ? nothing : error(404, `get ${name}: no such volume`)),
      ],
      ['POST', /^\/build\/prune$/, () => json({ CachesDeleted: null, SpaceReclaimed: 0 })],
      ['POST', /^\/commit$/, () => json({ Id: data.NGINX }, 201)],
      ['GET', /^\/info$/, () => json(data.INFO)],
      ['GET', /^\/version$/, () => json(data.VERSION)],
      ['GET', /^\/system\/df$/, () => this.#diskUsage()],
      ['GET', /^\/events$/, () => this.#events()],
    ]
    for (const [verb, pattern, answer] of routes) {
      const match = verb === method ? pattern.exec(path) : null
      if (match !== null) return answer(match)
    }
    return error(404, 'page not found')
  }

  #known(name: string, answer: () => CannedAnswer): CannedAnswer {
    const known = ['web', 'db', 'job', 'terminal', 'checked', data.NEW, data.WEB, data.DB].includes(name)
    return known ? answer() : error(404, `No such container: ${name}`)
  }

  #list({ query }: CannedRequest): CannedAnswer {
    const all = data.containers(this.#now())
    const sized = query.size === '1' ? all : all.map(({ SizeRw: _rw, SizeRootFs: _root, ...rest }) => rest)
    return json(query.all === '1' ? sized : sized.filter(({ State }) => State !== 'exited'))
  }

  #create({ body }: CannedRequest): CannedAnswer {
    const { Image, Tty } = body as { Image: string; Tty: boolean }
    this.#tty = Tty
    if (Image === 'fresh' && !this.#pulled) return error(404, 'No such image: fresh:latest')
    if (Image === 'gone') return error(404, 'No such image: gone:latest')
    if (Image === 'refused') return error(409, 'Conflict. The container name "/x" is already in use.')
    return json(
      {
        Id: data.NEW,
        Warnings: Image === 'warned' ? ['Published ports are discarded when using host network mode'] : [],
      },
      201,
    )
  }

  /** Answers about a directory, a file, and a link to the directory. */
  #archive(name: string, { method, query }: CannedRequest): CannedAnswer {
    const path = query['path'] ?? ''
    const modes: Record<string, number> = { '/etc': 0o20000000755, '/file': 0o644, '/link': 0o1000000777 }
    const mode = modes[path]
    return this.#known(name, () => {
      if (mode === undefined) return error(404, `Could not find the file ${path} in container ${name}`)
      const stat = {
        name: path.slice(1),
        size: 3,
        mode,
        mtime: '2026-01-02T03:04:05Z',
        linkTarget: path === '/link' ? '/etc' : '',
      }
      return {
        status: 200,
        bytes: encoder.encode(method === 'HEAD' ? '' : 'a tar archive'),
        contentType: 'application/x-tar',
        headers: { 'x-docker-container-path-stat': Buffer.from(JSON.stringify(stat)).toString('base64') },
      }
    })
  }

  #read(name: string, what: string): CannedAnswer {
    if (what === 'json') return this.#known(name, () => json(this.#inspect(name)))
    if (what === 'top')
      return this.#known(name, () =>
        json({
          Titles: ['UID', 'PID', 'CMD'],
          Processes: [
            ['root', '4242', 'nginx: master process'],
            ['nginx', '4243', 'nginx: worker'],
          ],
        }),
      )
    if (what === 'changes')
      return this.#known(name, () =>
        json([
          { Kind: 0, Path: '/run' },
          { Kind: 1, Path: '/run/nginx.pid' },
          { Kind: 2, Path: '/tmp/x' },
        ]),
      )
    if (what === 'stats') return this.#known(name, () => ({ status: 200, lines: [data.STATS] }))
    if (what === 'export')
      return this.#known(name, () => ({
        status: 200,
        bytes: encoder.encode('a tar archive'),
        contentType: 'application/x-tar',
      }))
    const bytes = Buffer.concat([
      frame(1, 'to stdout\n'),
      frame(2, 'to stderr\n'),
      frame(1, 'without newline'),
    ])
    return this.#known(name, () => ({ status: 200, bytes: new Uint8Array(bytes), contentType: MULTIPLEXED }))
  }

  #inspect(name: string): unknown {
    const { State, Config, ...rest } = data.CONTAINER_INSPECT
    if (name === 'db')
      return {
        ...rest,
        Id: data.DB,
        Name: '/db',
        Config,
        State: { ...State, Status: 'exited', Running: false },
      }
    if (name === 'checked')
      return { ...rest, Name: '/checked', State, Config: { ...Config, ...data.CHECKED } }
    return { ...rest, State, Config: { ...Config, Tty: name === 'terminal' } }
  }

  #attach(): CannedAnswer {
    if (this.#tty) return { upgrade: [encoder.encode('from a terminal\r\n')], contentType: RAW }
    return { upgrade: [frame(1, 'out\n'), frame(2, 'err\n')], contentType: MULTIPLEXED }
  }

  #execStart({ body }: CannedRequest): CannedAnswer {
    const { Detach, Tty } = body as { Detach: boolean; Tty: boolean }
    if (Detach) return { ...nothing, status: 200 }
    if (Tty) return { upgrade: [encoder.encode('from a terminal\r\n')], contentType: RAW }
    return { upgrade: [frame(1, 'exec out\n')], contentType: MULTIPLEXED }
  }

  #wait(name: string): CannedAnswer {
    return this.#known(name, () =>
      json({ StatusCode: ['db', 'web', data.DB, data.WEB].includes(name) ? 0 : 7 }),
    )
  }

  #act(name: string, action: string): CannedAnswer {
    if (name === 'job' && action === 'start')
      return error(409, 'cannot start a paused container, try unpause instead')
    if (action === 'kill' && name === 'db')
      return error(409, `cannot kill container: db: container ${data.DB} is not running`)
    return this.#known(name, () => nothing)
  }

  #pull({ query }: CannedRequest): CannedAnswer {
    if (query.fromImage?.endsWith('gone')) {
      return error(
        404,
        "pull access denied for gone, repository does not exist or may require 'docker login'",
      )
    }
    this.#pulled = true
    return { status: 200, lines: pullLines }
  }

  #network(name: string): CannedAnswer {
    const found = data.NETWORKS.find(({ Name }) => Name === name)
    if (found !== undefined) return json(found)
    return name === 'mine'
      ? json({ ...data.NETWORKS[1], Name: 'mine' })
      : error(404, `network ${name} not found`)
  }

  #diskUsage(): CannedAnswer {
    const now = this.#now()
    return json({
      LayersSize: 191_911_550,
      Images: data.images(now),
      Containers: data.containers(now),
      Volumes: data.VOLUMES,
      BuildCache: [],
    })
  }

  #events(): CannedAnswer {
    const event = (Action: string, Attributes: Record<string, string>, nano: string) => ({
      status: Action,
      id: data.WEB,
      from: 'nginx',
      Type: 'container',
      Action,
      Actor: { ID: data.WEB, Attributes },
      scope: 'local',
      time: 1_714_557_600,
      timeNano: nano,
    })
    const lines = [
      event('create', { name: 'web', image: 'nginx' }, '1714557600123456789'),
      event('die', { name: 'web', image: 'nginx', exitCode: '137' }, '1714557601000000000'),
    ]
    // The number is too long for a double, so the text is written by hand.
    const text = lines
      .map((line) => JSON.stringify(line).replace(/"timeNano":"(\d+)"/, '"timeNano":$1'))
      .join('\n')
    return { status: 200, bytes: encoder.encode(`${text}\n`), contentType: 'application/json' }
  }
}

/** A body without empty values and with sorted keys, because two clients say the same in different ways. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .map(([key, item]) => [key, canonical(item)] as const)
    .filter(([, item]) => !isEmpty(item))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries)
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** A line of a transcript, as `POST /containers/create?name=x {…}`. */
export function requestLine({ method, path, query, body }: CannedRequest): string {
  const names = Object.keys(query)
    .filter((name) => query[name] !== '')
    .sort()
  const search = names.map((name) => `${name}=${query[name]}`).join('&')
  const text = body === undefined || body === null ? '' : ` ${JSON.stringify(canonical(body))}`
  return `${method} ${path}${search === '' ? '' : `?${search}`}${text}`
}
