import { join } from 'node:path'
import { debianPrograms } from './debian-programs.ts'

/**
 * Path of Debian's `docker-compose` v2, unmodified, from the release that the guest is made of. It needs DOCKER_HOST for
 * everything but `config`.
 */
export async function dockerCompose(): Promise<string> {
  const programs = { 'docker-compose': 'usr/libexec/docker/cli-plugins/docker-compose' }
  return join(await debianPrograms(['docker-compose'], programs), 'bin/docker-compose')
}
