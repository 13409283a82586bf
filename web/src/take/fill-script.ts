/** `fill-volumes.sh`: makes the volumes of the compose file in another Docker, and puts the content of their tars into them. */
import type { TakenVolume } from './take-plan.ts'

/** A word of a POSIX shell that stands for exactly this text. */
const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * `docker cp` puts an archive into a container that never runs, so that no program of the image is needed. A volume that is there
 * already is somebody's: nothing is put into it.
 */
const FILL = `fill() {
  if docker volume inspect "$2" > /dev/null 2>&1; then
    echo "$2: there is a volume of this name already; remove it by «docker volume rm $2», or leave this line out" >&2
    exit 1
  fi
  docker volume create --label "com.docker.compose.project=$project" --label "com.docker.compose.volume=$1" "$2"
  container=$(docker create --pull never --network none --platform "$4" --volume "$2:/porthole-volume" "$3" true)
  docker cp - "$container:/porthole-volume" < "volumes/$1.tar"
  docker rm "$container" > /dev/null
}`

/** @param comment one line, in the person's language */
export function fillScript(project: string, volumes: readonly TakenVolume[], comment: string): string {
  const calls = volumes.map(({ key, name, image }) =>
    ['fill', ...[key, name, image.reference, image.platform].map(word)].join(' '),
  )
  return [
    '#!/bin/sh',
    `# ${comment}`,
    'set -eu',
    'cd "$(dirname "$0")"',
    `project=${word(project)}`,
    '',
    FILL,
    '',
    ...calls,
    '',
  ].join('\n')
}
