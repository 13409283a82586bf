/** What `npm run bench` and test/guest/instructions.test.ts count: one table, so that a budget has the name of its figure. */

export interface Counted {
  command: string
  /** Runs once before. */
  before?: string
  /** Runs once after. */
  after?: string
  runs?: number
  /** The figure is that of one of so many megabytes. */
  megabytes?: number
}

const BUILD = '/tmp/counted'
const FILES = '/tmp/counted-files'
const ARCHIVE = '/tmp/counted.tar'
const MEGABYTES = 8

/** A file, an image of it and a container; and what removes them. */
const MAKE = `mkdir -p ${FILES}; head -c ${MEGABYTES}000000 /dev/urandom > ${FILES}/file
  tar -cC ${FILES} file | docker import - counted; docker create --name counted counted true`
const REMOVE = `docker rm -f counted; docker rmi -f counted; docker image prune -f; rm -rf ${FILES} ${ARCHIVE}`
const moved = (command: string, before = ':') => ({
  before: `${MAKE}; ${before}`,
  command,
  after: REMOVE,
  runs: 2,
  megabytes: MEGABYTES,
})

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
  'a MB of docker save': moved(`docker save -o ${ARCHIVE} counted`),
  'a MB of docker load': moved(
    `docker rmi -f counted && docker load -qi ${ARCHIVE}`,
    `docker rm counted; docker save -o ${ARCHIVE} counted`,
  ),
  'a MB of docker export': moved(`docker export -o ${ARCHIVE} counted`),
  'a MB of docker import': moved(`docker import ${ARCHIVE} counted`, `docker export -o ${ARCHIVE} counted`),
  'a MB of docker cp out': moved(`docker cp counted:/file ${ARCHIVE}`),
  'a MB of docker cp in': moved(`docker cp ${FILES}/file counted:/copy`),
  'a MB of build context': moved(
    `docker build -q --no-cache ${FILES}`,
    `printf 'FROM busybox\\nLABEL counted=1\\n' > ${FILES}/Dockerfile`,
  ),
} as const satisfies Record<string, Counted>

export type CountedName = keyof typeof COUNTED
