/** What is taken along runs on Debian's docker.io, by the three commands of its README and nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeFolder, type TakenFolder } from '../../scripts/lib/machine/take-folder.ts'
import { DebianDocker } from '../support/debian-docker.ts'

const COMPOSE = `
services:
  web:
    image: nginx
    ports: ["8080:80"]
    volumes: ["pages:/usr/share/nginx/html:ro", "./greeting.conf:/etc/nginx/conf.d/greeting.conf:ro"]
    environment: { GREETING: "it's $$5 \\"now\\"" }
    networks: { default: {}, back: { aliases: [shop.internal] } }
    mem_limit: 64m
    pids_limit: 50
    restart: unless-stopped
  store:
    image: busybox
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; date > /data/now; done"]
    volumes: ["data:/data"]
    cap_drop: [ALL]
    cap_add: [CHOWN]
    read_only: true
    healthcheck: { test: ["CMD", "test", "-d", "/data"], interval: 30s }
    labels: { "org.example.price": "$$5" }
networks:
  back: { ipam: { config: [{ subnet: 10.9.0.0/24 }] } }
volumes: { pages: , data: }
`

const CONFIG = 'server { listen 81; location / { return 200 "$request_uri"; } }'

const FILL = `cd /pages && rm -f * && echo "<h1>taken along</h1>" > index.html && mkdir -m 750 private &&
  echo secret > private/key && chmod 640 private/key && chown 33:44 private private/key &&
  ln index.html same.html && ln -s private/key link && chown 5:6 . && chmod 1775 .`

/** Names, kinds, modes, owners and times of all that is in the folder; of files their links and sizes too. */
const LIST = `cd /v && find . -type d -exec stat -c "%n %F %a %u %g %Y" {} + | sort;
  find . ! -type d -exec stat -c "%n %F %a %u %g %h %s %Y %N" {} + | sort; cat index.html private/key`

let debian: DebianDocker
let taken: TakenFolder
let pages: string

beforeAll(async () => {
  debian = await DebianDocker.start()
  const ours = (line: string) => debian.machine.output(line)
  await ours('docker pull -q nginx && docker pull -q busybox && mkdir /root/shop')
  await ours(`cat > /root/shop/compose.yaml <<'END'\n${COMPOSE}END\n`)
  await ours(`cat > /root/shop/greeting.conf <<'END'\n${CONFIG}\nEND\n`)
  await ours('cd /root/shop && docker compose up -d')
  await ours(`docker run --rm -v shop_pages:/pages busybox sh -c '${FILL}'`)
  pages = await ours(`docker run --rm -v shop_pages:/v busybox sh -c '${LIST}'`)
  taken = await takeFolder(debian.machine, { kind: 'project', name: 'shop' })
  await debian.unpack(taken.archive, '/root')
  const readme = await debian.run('cat /root/shop/README.md')
  const commands = /^```sh\n(.*?)^```$/ms.exec(readme)![1]!.trimEnd().split('\n')
  expect(commands).toEqual(['docker load -i images.tar', 'sh fill-volumes.sh', 'docker compose up -d'])
  for (const command of commands) await debian.run(`cd /root/shop && ${command}`)
})

afterAll(() => debian.close())

test('the other engine is Debian’s', async () => {
  expect(await debian.run('docker version -f "{{.Server.Version}}"')).toMatch(/^26\.1\.5\+dfsg1$/)
  expect(await debian.run('docker compose version --short')).toMatch(/^v?2\.26\./)
})

test('nothing is left behind of this project', () => expect(taken.plan.left).toEqual([]))

test('the same page is served', async () => {
  expect(await debian.page(8080)).toBe('<h1>taken along</h1>')
})

test('volumes have the same files, with owners, modes, links and times', async () => {
  expect(await debian.run(`docker run --rm -v shop_pages:/v busybox sh -c '${LIST}'`)).toBe(pages)
})

test('containers have what they had: variables, limits, networks, files of the guest', async () => {
  const shown = (template: string, container: string) =>
    debian.run(`docker inspect -f '${template}' shop-${container}-1`)
  expect(await shown('{{json .Config.Env}}', 'web')).toContain(JSON.stringify(`GREETING=it's $5 "now"`))
  expect(await shown('{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}', 'web')).toBe('67108864 50')
  expect(await shown('{{.HostConfig.RestartPolicy.Name}}', 'web')).toBe('unless-stopped')
  expect(await shown('{{json .NetworkSettings.Networks.shop_back.Aliases}}', 'web')).toContain(
    'shop.internal',
  )
  expect(await shown('{{.NetworkSettings.Networks.shop_back.IPAddress}}', 'web')).toMatch(/^10\.9\.0\./)
  expect(await shown('{{.HostConfig.CapDrop}} {{.HostConfig.ReadonlyRootfs}}', 'store')).toBe('[ALL] true')
  expect(await shown('{{index .Config.Labels "org.example.price"}}', 'store')).toBe('$5')
  expect(await debian.run('docker exec shop-web-1 cat /etc/nginx/conf.d/greeting.conf')).toBe(CONFIG)
})

test('Compose knows the volumes as its own, and they go with the project', async () => {
  const warned = await debian.run('cd /root/shop && docker compose up -d 2>&1')
  expect(warned).not.toMatch(/not created by Docker Compose/)
})

test('the volumes of somebody else are left alone', async () => {
  await expect(debian.run('cd /root/shop && sh fill-volumes.sh')).rejects.toThrow(
    'there is a volume of this name already',
  )
})
