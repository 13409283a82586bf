/** Networks in the guest: names, isolation, published ports, connect and disconnect, and what is left afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
})

afterAll(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)

const SERVE = (text: string) =>
  `sh -c 'mkdir /www && echo ${text} > /www/index.html && exec httpd -f -p 80 -h /www'`
const fetchIn = (where: string, url: string) => guest(`docker exec ${where} wget -q -O - ${url}`)
/** A connection that a firewall drops is given up after two seconds. */
const failToFetchIn = (where: string, url: string) =>
  expect(guest(`docker exec ${where} wget -T 2 -q -O - ${url}`)).rejects.toThrow('exit 1')

/** Returns once the container's server listens: /proc/net/tcp or tcp6 has port 80 (0x50) in state LISTEN (0A). */
async function serve(options: string, text: string): Promise<void> {
  const name = /--name (\S+)/.exec(options)![1]!
  await guest(`docker run -d ${options} busybox ${SERVE(text)}`)
  await guest(`docker exec ${name} sh -c 'until grep -qE ":0050 0+:0000 0A" /proc/net/tcp*; do :; done'`)
}

const inspect = (name: string, format: string) => guest(`docker inspect -f '${format}' ${name}`)
const addressOn = (name: string, network: string) =>
  inspect(name, `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`)

describe('two containers of a user-defined network', () => {
  beforeAll(async () => {
    await guest('docker network create net1 && docker network create net2')
    await serve('--name web --network net1 --network-alias www -p 8080:80', 'hello')
    await guest('docker run -d --name peer --network net1 busybox sleep 1000000')
    await guest('docker run -d --name stranger --network net2 busybox sleep 1000000')
  })

  afterAll(() => guest('docker rm -f web peer stranger && docker network rm net1 net2'))

  test('reach each other by name, alias, short id and name with network', async () => {
    const shortId = (await inspect('web', '{{.Id}}')).slice(0, 12)
    for (const name of ['web', 'www', shortId, 'web.net1']) {
      expect(await fetchIn('peer', `http://${name}/`)).toBe('hello')
    }
  })

  test('ask the embedded server, whose network alone knows the names', async () => {
    expect(await guest('docker exec peer cat /etc/resolv.conf')).toContain('nameserver 127.0.0.11')
    await failToFetchIn('stranger', 'http://web/')
  })

  test('are not reached from another network by address', async () => {
    const address = await addressOn('web', 'net1')
    expect(await fetchIn('peer', `http://${address}/`)).toBe('hello')
    await failToFetchIn('stranger', `http://${address}/`)
  })

  test('know who has an address now, when another had it before', async () => {
    const run = (name: string) =>
      guest(`docker run -d --name ${name} --network subnet --ip 10.9.0.9 busybox sleep 1000000`)
    const macOf = (name: string) => inspect(name, '{{(index .NetworkSettings.Networks "subnet").MacAddress}}')
    await guest('docker network create --subnet 10.9.0.0/24 subnet && docker network connect subnet peer')
    await run('before')
    const before = await macOf('before')
    await guest('docker exec peer ping -c 1 10.9.0.9')
    expect(await guest('docker exec peer cat /proc/net/arp')).toContain(before)
    await guest('docker rm -f before')
    await run('after')
    const after = await macOf('after')
    expect(after).not.toBe(before)
    expect(await guest('docker exec peer cat /proc/net/arp')).toContain(after)
    await guest('docker rm -f after && docker network disconnect subnet peer && docker network rm subnet')
  })

  test('have a published port that the guest, its page and containers of any network reach', async () => {
    expect(await guest('wget -q -O - http://127.0.0.1:8080/')).toBe('hello')
    const gateway = await inspect('stranger', '{{(index .NetworkSettings.Networks "net2").Gateway}}')
    expect(await fetchIn('stranger', `http://${gateway}:8080/`)).toBe('hello')
    const own = await inspect('web', '{{(index .NetworkSettings.Networks "net1").Gateway}}')
    expect(await fetchIn('web', `http://${own}:8080/`)).toBe('hello')
    const stream = await machine.openStream({ service: 'tcp', port: 8080 })
    await stream.write(new TextEncoder().encode('GET / HTTP/1.0\r\n\r\n'))
    let answer = ''
    for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) {
      answer += new TextDecoder().decode(chunk)
    }
    expect(answer).toContain('hello')
  })

  test('whose port is taken keep it', async () => {
    const second = await machine.exec('docker run --rm -p 8080:80 busybox true')
    expect(second.code).toBe(125)
    expect(second.stderr).toContain('Bind for 0.0.0.0:8080 failed: port is already allocated')
  })

  test('do not reach the guest’s loopback, whatever they do to their routes', async () => {
    const attack =
      'ip route del local 127.0.0.0/8 dev lo table local; ' +
      'ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.0/8 via $0; wget -T 2 -q -O - http://127.0.0.1:8080/'
    const gateway = await inspect('peer', '{{(index .NetworkSettings.Networks "net1").Gateway}}')
    const result = await machine.exec(
      `docker run --rm --cap-add NET_ADMIN --network net1 busybox sh -c '${attack}' ${gateway}`,
    )
    expect(result.stdout).not.toContain('hello')
  })

  test('take in a third while it runs, and let it go', async () => {
    const address = await addressOn('web', 'net1')
    await guest('docker network connect net1 stranger')
    expect(await guest('docker exec stranger ip -o -4 addr show eth1')).toContain(
      await addressOn('stranger', 'net1'),
    )
    expect(await fetchIn('stranger', 'http://web/')).toBe('hello')
    await guest('docker network disconnect net1 stranger')
    await expect(guest('docker exec stranger ip addr show eth1')).rejects.toThrow('exit 1')
    await failToFetchIn('stranger', `http://${address}/`)
  })
})

describe('IPv6', () => {
  /** busybox's httpd listens on [::], as official images do. */
  const ON_BOTH = '0.0.0.0:8090->80/tcp, [::]:8090->80/tcp'
  const ipv6 = (name: string) =>
    inspect(name, '{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}')
  const disabled = (name: string) =>
    guest(
      `docker exec ${name} sh -c 'cd /proc/sys/net/ipv6/conf && cat lo/disable_ipv6 eth0/disable_ipv6 | tr -d "\n"'`,
    )

  test('on the default bridge is ::1 alone, and ports are on [::] all the same', async () => {
    await serve('--name plain -p 8090:80', 'plain')
    expect(await disabled('plain')).toBe('01')
    expect(await fetchIn('plain', 'http://[::1]/')).toBe('plain')
    expect(await guest('docker exec plain cat /etc/hosts')).toContain('::1\tlocalhost ip6-localhost')
    expect(await guest("docker ps --filter name=plain --format '{{.Ports}}'")).toBe(ON_BOTH)
    expect(await guest('wget -q -O - http://127.0.0.1:8090/')).toBe('plain')
    expect(await guest('wget -q -O - http://[::1]:8090/')).toBe('plain')
    await guest('docker rm -f plain')
  })

  test('of a network with --ipv6 has names, a way between containers and published ports', async () => {
    await guest('docker network create --ipv6 six && docker network create --ipv6 --ipv4=false other')
    await serve('--name web6 --network six -p 8090:80', 'six')
    await guest('docker run -d --name peer6 --network six busybox sleep 1000000')
    await guest('docker run -d --name stranger6 --network other busybox sleep 1000000')
    const address = await ipv6('web6')
    expect(address).toMatch(/^fd[0-9a-f]{2}:.*::2$/)
    expect(await disabled('web6')).toBe('00')
    await guest('docker exec peer6 ping -6 -c 1 web6')
    expect(await fetchIn('peer6', `http://[${address}]/`)).toBe('six')
    expect(await guest('docker exec peer6 nslookup -type=AAAA web6 127.0.0.11')).toContain(address)
    const gateway = await inspect('peer6', '{{.NetworkSettings.Networks.six.IPv6Gateway}}')
    for (const host of ['127.0.0.1', '[::1]', `[${gateway}]`])
      expect(await guest(`wget -q -O - http://${host}:8090/`)).toBe('six')
    expect(await fetchIn('peer6', `http://[${gateway}]:8090/`)).toBe('six')
    await failToFetchIn('stranger6', `http://[${address}]/`)
    await guest('docker rm -f web6 peer6 stranger6 && docker network rm six other')
  })
})

test('an internal network has no way out', async () => {
  await guest('docker network create --internal inside')
  await serve('--name hidden --network inside', 'secret')
  expect(await guest('docker exec hidden ip route')).not.toContain('default')
  expect(await guest('docker run --rm --network inside busybox wget -q -O - http://hidden/')).toBe('secret')
  await guest('docker rm -f hidden && docker network rm inside')
})

test('host, none and container:<name> modes share or lack what they say', async () => {
  const own = await guest('readlink /proc/1/ns/net')
  expect(await guest('docker run --rm --network host busybox readlink /proc/self/ns/net')).toBe(own)
  expect(await guest('docker run --rm --network none busybox ip -o link')).not.toContain('eth0')
  await serve('--name first', 'shared')
  expect(
    await guest('docker run --rm --network container:first busybox wget -q -O - http://127.0.0.1/'),
  ).toBe('shared')
  await guest('docker rm -f first')
})

test('a removed container and network leave neither link, namespace, bridge nor open port', async () => {
  const { stdout: id } = await machine.exec('docker network create gone')
  await serve('--name gone --network gone -p 8081:80', 'x')
  const veth = await guest('docker exec gone cat /sys/class/net/eth0/iflink')
  const namespace = await inspect('gone', '{{.NetworkSettings.SandboxKey}}')
  expect(await guest(`test -e ${namespace} && ip -o link | grep -c "^${veth}: "`)).toBe('1')
  await guest('docker rm -f gone && docker network rm gone')
  expect((await machine.exec(`test -e ${namespace}`)).code).toBe(1)
  // The kernel takes a veth apart after its namespace, in its own time.
  await guest(`until ! ip -o link | grep -q "^${veth}: "; do :; done`)
  expect(await guest('ip -o link')).not.toContain(`br-${id.slice(0, 12)}`)
  const refused = await machine.exec('wget -T 2 -q -O - http://127.0.0.1:8081/')
  expect(refused.stderr).toContain('refused')
})
