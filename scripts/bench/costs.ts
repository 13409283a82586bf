/** What `npm run bench` and test/guest/instructions.test.ts count: one table, so that a budget has the name of its figure. */

export interface Counted {
  command: string
  /** Runs once before. */
  before?: string
  /** Runs once after. */
  after?: string
  runs?: number
}

const BUILD = '/tmp/counted'

/** Expects the image busybox, and leaves the engine as it was. */
export const COUNTED = {
  'docker run --rm busybox true': { command: 'docker run --rm busybox true' },
  'docker run --rm --network none busybox true': {
    command: 'docker run --rm --network none busybox true',
  },
  'docker create': { command: 'docker create busybox true', after: 'docker container prune -f' },
  'docker start': {
    before: 'docker create --name counted busybox true',
    command: 'docker start counted && docker wait counted',
    after: 'docker rm -f counted',
  },
  'docker exec': {
    before: 'docker run -d --name counted busybox sleep 100000',
    command: 'docker exec counted true',
    after: 'docker rm -f counted',
  },
  'docker ps': { command: 'docker ps' },
  'docker version': { command: 'docker version' },
  'docker inspect': { command: 'docker image inspect busybox' },
  'docker logs, 1000 lines': {
    before: 'docker run --name counted busybox seq 1000',
    command: 'docker logs counted',
    after: 'docker rm -f counted',
  },
  'a MB of output': {
    command: 'docker run --rm --network none busybox dd if=/dev/zero bs=100000 count=10 2>/dev/null',
    runs: 2,
  },
  'docker build': {
    before: `mkdir -p ${BUILD}; printf 'FROM busybox\\nRUN true\\n' > ${BUILD}/Dockerfile`,
    command: `docker build -q --no-cache --network none ${BUILD}`,
    after: `docker image prune -f; rm -r ${BUILD}`,
    runs: 2,
  },
} as const satisfies Record<string, Counted>

export type CountedName = keyof typeof COUNTED
