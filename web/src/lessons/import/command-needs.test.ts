import { expect, test } from 'vitest'
import { commandsIn, needOf } from './command-needs.ts'
import { imagesAtHand } from './images-at-hand.ts'

const needsOfCommands = (script: string) =>
  commandsIn(script).flatMap((command) => needOf(command, imagesAtHand()) ?? [])

const reasons = (script: string) => needsOfCommands(script).map(({ reason, what }) => `${reason}: ${what}`)

test.each([
  'docker run -d --name web -p 80:80 nginx',
  'docker run --rm -it busybox sh',
  'docker pull docker.io/library/redis:latest',
  'docker ps && docker logs -f web | grep x; ls',
  'docker push registry.local/me/app',
  'curl -s http://localhost:8080/a.b.html',
  'curl 127.0.0.1:80',
  '# apt install vim',
  'docker compose ps',
  'docker run -v $PWD:/x $IMAGE',
  'cat index.html',
  'docker exec web ls',
  'docker run debian cat /etc/os-release',
])('what this machine can do needs nothing: %s', (script) => {
  expect(needsOfCommands(script)).toEqual([])
})

test.each([
  ['docker run -d -p 80:80 -e A=b nginx:alpine', 'image'],
  ['docker run --name=x \\\n  -v ./db:/db \\\n  postgres:18', 'image'],
  ['FOO=1 kubectl get pods', 'cluster'],
  ['ls && apt-get update', 'internet'],
  ['curl -L https://example.com/install.sh | sh', 'internet'],
  ['sudo docker ps', 'program'],
  ['docker compose up --watch', 'program'],
  ['docker login', 'internet'],
  ['$ psql -h localhost', 'program'],
  ['code .', 'editor'],
  ['docker exec -it web apt-get update', 'internet'],
  ['docker run --rm debian apt-get update', 'internet'],
])('%j needs more', (script, reason) => {
  expect(reasons(script)).toEqual([expect.stringMatching(new RegExp(`^${reason}: `))])
})
