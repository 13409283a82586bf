import { EngineError } from '../../../guest/protocol/errors.ts'
import type { HeadlessMachine } from './headless-machine.ts'

/**
 * Does once what people do first, so that the engine has compiled and loaded what it takes, and removes everything
 * again. The image goes too, because a page's store decides what images there are.
 */
const COMMANDS = [
  'docker pull -q busybox',
  'docker run --rm busybox true',
  'docker run -d --name warm -p 65001:80 busybox sleep 1000',
  'docker ps',
  'docker exec warm echo warm',
  'docker logs warm',
  'docker inspect warm',
  'docker images',
  'docker rm -f warm',
  'docker rmi busybox',
]

export async function warmEngine(machine: HeadlessMachine): Promise<void> {
  for (const command of COMMANDS) {
    const { code, stderr } = await machine.exec(command)
    if (code === 0) continue
    throw new EngineError(
      'internal',
      `\`${command}\` failed in the guest with status ${code}: ${stderr.trim()}`,
      { command },
    )
  }
}
