/** registry.local from inside: the docker command's push, pull, search and login, and HTTP from containers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
})

afterAll(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)

const fails = async (command: string): Promise<string> => {
  const { code, stderr } = await machine.exec(command)
  expect(code, command).not.toBe(0)
  return stderr.trim()
}

const WEB = 'http://registry.local/v2'

describe('registry.local', () => {
  test('takes a push in Docker’s words and gives the same image back', async () => {
    await guest('docker pull -q busybox && docker tag busybox registry.local/ann/box:v1')
    const pushed = await guest('docker push registry.local/ann/box:v1')
    const lines = pushed.split('\n')
    expect(lines[0]).toBe('The push refers to repository [registry.local/ann/box]')
    const digest = /^v1: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(lines.at(-1)!)?.[1]
    expect(digest).toBeDefined()
    expect(pushed).toMatch(/^[0-9a-f]{12}: Pushed$/m)
    expect(await guest('docker push registry.local/ann/box:v1')).toMatch(/: Layer already exists$/m)
    await guest('docker tag busybox registry.local/bob/box && docker rmi registry.local/ann/box:v1')
    expect(await guest('docker push registry.local/bob/box')).toMatch(/: Mounted from ann\/box$/m)
    expect(await guest(`docker pull registry.local/ann/box@${digest}`)).toContain(`Digest: ${digest}`)
    expect(await guest('docker run --rm registry.local/ann/box:v1 echo ran')).toBe('ran')
  })

  test('keeps what a removed image left there', async () => {
    await guest('docker tag busybox registry.local/ann/kept && docker push -q registry.local/ann/kept')
    await guest('docker rmi -f $(docker images -q busybox) && docker image prune -f')
    expect(await guest('docker run --rm registry.local/ann/kept echo ran')).toBe('ran')
  })

  test('is reached by HTTP from the guest and from containers of any network with a way out', async () => {
    const tags = '{"name":"ann/kept","tags":["latest"]}'
    expect(await guest(`busybox wget -q -O - ${WEB}/ann/kept/tags/list`)).toBe(tags)
    const inside = `busybox wget -q -O - ${WEB}/ann/kept/tags/list`
    await guest('docker pull -q busybox && docker network create apps')
    expect(await guest(`docker run --rm ${inside}`)).toBe(tags)
    expect(await guest(`docker run --rm --network apps ${inside}`)).toBe(tags)
    expect(await guest(`docker run --rm --network host ${inside}`)).toBe(tags)
    await guest('docker network rm apps')
  })

  test('gives a container a blob byte for byte', async () => {
    const script = [
      `d=$(wget -q -O - --header "Accept: application/vnd.oci.image.manifest.v1+json" ${WEB}/ann/kept/manifests/latest`,
      `| sed 's/.*"layers":\\[{[^}]*"digest":"sha256:\\([0-9a-f]*\\)".*/\\1/');`,
      `wget -q -O /blob ${WEB}/ann/kept/blobs/sha256:$d; echo "$d  /blob" | sha256sum -c`,
    ].join(' ')
    expect(await guest(`docker run --rm busybox sh -c '${script.replaceAll("'", `'\\''`)}'`)).toBe(
      '/blob: OK',
    )
  })

  test('is found by search and described by its manifests; a login needs no password', async () => {
    expect(await guest("docker search registry.local/kept --format '{{.Name}}'")).toBe('ann/kept')
    expect(await guest("docker search busybox --format '{{.Name}} {{.IsOfficial}}'")).toBe('busybox [OK]')
    expect(await guest('echo x | docker login -u ann --password-stdin registry.local')).toContain(
      'Login Succeeded',
    )
    expect(await guest('cat /root/.docker/config.json')).toContain('registry.local')
    await guest('docker logout registry.local')
    expect(await guest('cat /root/.docker/config.json')).not.toContain('registry.local')
  })

  test('takes a list made from two tags, which is inspected and pulled as any other', async () => {
    const list = 'registry.local/ann/list'
    const [one, two] = ['registry.local/ann/one:v1', 'registry.local/bob/two:v1']
    await guest(`docker tag busybox ${one} && docker push -q ${one}`)
    await guest(`docker run --name two busybox touch /two && docker commit two ${two} && docker rm two`)
    await guest(`docker push -q ${two}`)
    expect(await guest(`docker manifest create ${list} ${one} ${two}`)).toBe(
      `Created manifest list ${list}:latest`,
    )
    await guest(`docker manifest annotate --arch arm --variant v7 ${list} ${two}`)
    const unpushed = await guest(`docker manifest inspect ${list}`)
    const pushed = (await guest(`docker manifest push --purge ${list}`)).split('\n')
    expect(pushed).toHaveLength(3)
    expect(pushed[0]).toMatch(/^Pushed ref registry\.local\/ann\/list@(sha256:[0-9a-f]{64}) with digest: \1$/)
    expect(pushed[2]).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await fails(`docker manifest rm ${list}`)).toBe(`No such manifest: ${list}:latest`)
    const inspected = await guest(`docker manifest inspect ${list}`)
    expect(inspected).toBe(unpushed)
    const { manifests } = JSON.parse(inspected) as { manifests: { platform: unknown }[] }
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { architecture: '386', os: 'linux' },
      { architecture: 'arm', os: 'linux', variant: 'v7' },
    ])
    await guest(`docker rmi ${one} ${two} && docker pull -q ${list}`)
    expect(await guest(`docker run --rm ${list} sh -c 'test -e /two || echo the first'`)).toBe('the first')
  })

  test('fails in Docker’s words', async () => {
    expect(await fails('docker push registry.local/ann/none')).toBe(
      'An image does not exist locally with the tag: registry.local/ann/none',
    )
    expect(await fails('docker pull registry.local/ann/none')).toContain(
      'manifest for registry.local/ann/none:latest not found: manifest unknown: manifest unknown',
    )
    expect(await fails('docker run --rm busybox wget -T 9 -q -O - http://example.com/')).toContain(
      "bad address 'example.com'",
    )
  })

  test('is reached over standard input and output too, as by a client over SSH', async () => {
    const request = 'GET /_ping HTTP/1.1\\r\\nHost: docker\\r\\nConnection: close\\r\\n\\r\\n'
    // The input never ends: the engine's end of the connection is the command's.
    const open = 'mkfifo /tmp/ssh && exec 3<>/tmp/ssh && rm /tmp/ssh'
    const answer = await guest(`${open} && printf '${request}' >&3 && docker system dial-stdio <&3`)
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer).toMatch(/\r\n\r\nOK$/)
  })

  test('is there again after the engine was killed', async () => {
    // The command's own stream goes through the engine: it is lost with it.
    await expect(machine.exec('kill -9 $(pidof node)')).rejects.toMatchObject({ code: 'unavailable' })
    const catalogue = () => guest(`busybox wget -q -O - ${WEB}/_catalog`).catch(() => 'no engine')
    await expect.poll(catalogue, { interval: 1000, timeout: 200_000 }).toContain('ann/kept')
  })
})
