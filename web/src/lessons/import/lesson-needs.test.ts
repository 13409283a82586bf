import { expect, test } from 'vitest'
import { imagesAtHand } from './images-at-hand.ts'
import { ImportReport } from './import-report.ts'
import { LessonNeeds } from './lesson-needs.ts'

/** The commands of blocks that are listed, with the reason. */
function listed(
  blocks: readonly string[],
  site: string[] = [],
  files: Record<string, string> = {},
): string[] {
  const report = new ImportReport()
  const needs = new LessonNeeds(report, imagesAtHand(site))
  for (const [path, text] of Object.entries(files)) needs.ofFile(path, text)
  blocks.forEach((block, at) => needs.ofBlock('a.md', at + 1, block))
  return report.parts.map(({ line, what, reason }) => `${line} ${reason} ${what}`)
}

test('what needs a container that a listed command would have made is listed too', () => {
  expect(
    listed([
      'docker run -d -p 127.0.0.1:8080:80 --name web nginx:alpine',
      'docker logs web && docker ps',
      'curl localhost:8080/index.html',
      'curl http://localhost:9090',
      'docker cp web:/etc/hosts .',
      'docker run -d --name two --network container:web nginx',
      'docker exec two ls',
      'docker run -d --name=web -p 8080:80 nginx',
      'docker logs web; curl localhost:8080',
    ]),
  ).toEqual([
    '1 image docker run -d -p 127.0.0.1:8080:80 --name web nginx:alpine',
    '2 before docker logs web',
    '3 before curl localhost:8080/index.html',
    '5 before docker cp web:/etc/hosts .',
    '6 before docker run -d --name two --network container:web nginx',
    '7 before docker exec two ls',
  ])
})

test('what needs an image that could not be built is listed too', () => {
  const dockerfile = { '/root/Dockerfile': 'FROM python\nRUN pip install \\\n  flask\n' }
  expect(
    listed(
      [
        'docker build -t app .',
        'docker run -d --name app app',
        'docker tag app me/app',
        'docker history me/app',
      ],
      [],
      dockerfile,
    ),
  ).toEqual([
    '1 internet docker build -t app . (pip install    flask)',
    '2 image docker run -d --name app app',
    '3 before docker tag app me/app',
    '4 before docker history me/app',
  ])
})

test('a Dockerfile that a command writes counts', () => {
  const block = 'cat <<EOF >> /root/Dockerfile\nFROM nginx:alpine\nEOF'
  expect(listed([block, 'docker build -t a .'])).toEqual(['2 image docker build -t a . (nginx:alpine)'])
  expect(listed([block, 'docker build -t a .'], ['docker.io/library/nginx:alpine'])).toEqual([])
})

test('a project that could not be started is missed by what needs its containers', () => {
  const compose = { '/root/compose.yaml': 'services:\n  web:\n    image: redis:alpine\n' }
  const blocks = [
    'docker compose up -d',
    'docker compose ps',
    'docker compose exec web sh',
    'curl localhost:8000',
  ]
  expect(listed(blocks, [], compose)).toEqual([
    '1 image docker compose up -d (redis:alpine)',
    '3 before docker compose exec web sh',
    '4 before curl localhost:8000',
  ])
  expect(listed(blocks, ['redis:alpine'], compose)).toEqual([])
})

test('an image that is not at hand is missed by what looks at it', () => {
  expect(
    listed([
      'docker pull python:3.12-slim',
      "docker inspect python:3.12-slim --format '{{.Id}}'",
      'docker images python',
      'docker stop $(docker ps -q --filter ancestor=python:3.12-slim)',
    ]),
  ).toEqual([
    '1 image docker pull python:3.12-slim',
    "2 before docker inspect python:3.12-slim --format '{{.Id}}'",
    '4 before docker stop $(docker ps -q --filter ancestor=python:3.12-slim)',
  ])
})
