import { expect, test } from 'vitest'
import { runCommand } from './run-command.ts'

test.each([
  ['busybox:latest', { Cmd: ['sh'] }, 'docker run -it --rm busybox:latest'],
  ['python', { Cmd: ['python3'] }, 'docker run -it --rm python'],
  ['debian', { Cmd: ['/bin/bash'] }, 'docker run -it --rm debian'],
  [
    'nginx',
    { Cmd: ['nginx', '-g', 'daemon off;'], ExposedPorts: { '80/tcp': {} } },
    'docker run -d -p 8080:80 nginx',
  ],
  [
    'redis',
    { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['redis-server'], ExposedPorts: { '6379/tcp': {} } },
    'docker run -d -p 6379:6379 redis',
  ],
  ['hello-world', { Cmd: ['/hello'] }, 'docker run --rm hello-world'],
  ['empty', {}, 'docker run --rm empty'],
])('%s', (name, config, command) => {
  expect(runCommand(name, config)).toBe(command)
})
