import { join } from 'node:path'
import { debianPrograms } from './debian-programs.ts'

/**
 * The path of Debian's unmodified `docker-compose` v2, from the release of which the guest is made. It needs
 * DOCKER_HOST for everything but `config`.
 */
export async function dockerCompose(): Promise<string> {
  const programs = { 'docker-compose': 'usr/libexec/docker/cli-plugins/docker-compose' }
  return join(await debianPrograms(['docker-compose'], programs), 'bin/docker-compose')
}
