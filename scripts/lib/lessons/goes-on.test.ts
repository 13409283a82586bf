import { expect, test } from 'vitest'
import { goesOn } from './goes-on.ts'

test.each([
  'docker logs -f web',
  'docker compose logs --follow',
  'docker compose up --build',
  'docker compose up --build --watch',
  'docker stats',
  'i=0; while true; do echo $((i++)); sleep 1; done',
  'sleep 1d',
  'docker events',
])('%s goes on', (command) => {
  expect(goesOn(command)).toBe(true)
})

test.each([
  'docker logs web',
  'docker compose up -d',
  'docker stats --no-stream',
  "docker run -d --name noisy busybox sh -c 'while :; do :; done'",
  'docker run -d busybox sleep 1d',
  'sleep 1d &',
  'docker compose ps',
])('%s ends', (command) => {
  expect(goesOn(command)).toBe(false)
})
