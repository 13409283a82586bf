/** The bundled images in the guest: accounts, programs, entry points and files, as people know them of the official ones. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
})

afterAll(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)
const inBusybox = (script: string) => guest(`docker run --rm --network none busybox sh -c '${script}'`)

/** Returns once a container's server listens: /proc/net/tcp has the port in state LISTEN (0A). */
const listens = (name: string, port: number) => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return guest(
    `docker exec ${name} sh -c 'until grep -q ":${hex} 00000000:0000 0A" /proc/net/tcp; do :; done'`,
  )
}

describe('busybox', () => {
  test('has the official root, and root has its groups', async () => {
    expect(
      await inBusybox('id; stat -c "%a %U:%G %n" /bin /home /root /tmp /usr/sbin /var/www /var/spool/mail'),
    ).toBe(
      [
        'uid=0(root) gid=0(root) groups=0(root),10(wheel)',
        '755 root:root /bin',
        '755 nobody:nobody /home',
        '700 root:root /root',
        '1777 root:root /tmp',
        '755 daemon:daemon /usr/sbin',
        '755 root:root /var/www',
        '755 mail:mail /var/spool/mail',
      ].join('\n'),
    )
  })

  test('has the applets of upstream’s configuration, getconf and env', async () => {
    const names = 'adduser addgroup usleep top ash hush vi wget httpd nc telnet udhcpd ar inotifyd tc getconf'
    expect(await inBusybox(`for name in ${names}; do [ -x /bin/$name ] || echo $name; done`)).toBe('')
    expect(await inBusybox('busybox --list | wc -l; /usr/bin/env true; getconf PAGESIZE; date +%Z')).toMatch(
      /^(39\d|4\d\d)\n4096\nUTC$/,
    )
    expect(await inBusybox('busybox | head -n 1')).toBe(
      'BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.',
    )
  })

  test('adds users and groups, and becomes them', async () => {
    const script = 'adduser -D me && addgroup staff2 && addgroup me staff2 && su me -c "id; pwd"'
    expect(await inBusybox(script)).toBe('uid=1000(me) gid=1000(me) groups=1000(me),1001(staff2)\n/')
  })

  test('sleeps for microseconds, and names a character of three bytes as it is', async () => {
    expect(await inBusybox('usleep 1 && mkdir /d && touch /d/€ && ls /d')).toBe('€')
  })

  test('top draws for the terminal it has, and ends at SIGTERM as the first process of a container', async () => {
    expect(await guest('docker run --rm -t -e TERM=xterm busybox top -n1')).toContain('PID  PPID USER')
    await guest('docker run -d -t --name top busybox top')
    await guest('docker exec top sh -c "until grep -q ^SigCgt:.*[4-7c-f]...\\$ /proc/1/status; do :; done"')
    await guest('docker stop -t 1000000 top')
    expect(await guest(`docker inspect -f '{{.State.ExitCode}}' top; docker rm top`)).toBe('143\ntop')
  })
})

/** The user ids of a container's processes, each once. */
const userIds = (name: string) =>
  guest(`docker exec ${name} sh -c 'grep -h ^Uid: /proc/[0-9]*/status' | cut -f 2 | sort -nu`)

describe('nginx', () => {
  test('runs the steps of its entry point, then serves as the user nginx and logs to its outputs', async () => {
    await guest('docker run -d --name web nginx')
    await listens('web', 80)
    expect(await guest('docker exec web sh -c "id nginx; getent passwd nginx"')).toBe(
      'uid=101(nginx) gid=101(nginx) groups=101(nginx)\nnginx:x:101:101:nginx user:/nonexistent:/bin/false',
    )
    expect(await userIds('web')).toBe('0\n101')
    const page = await guest('docker run --rm --network container:web busybox wget -q -O - http://127.0.0.1/')
    expect(page).toContain('Welcome to nginx!')
    await guest(`until docker logs web 2>&1 | grep -q '"GET / HTTP/1.1" 200'; do :; done`)
    const logs = await guest('docker logs web 2>&1')
    expect(logs).toContain(
      '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh\n',
    )
    expect(logs).toContain('/docker-entrypoint.sh: Configuration complete; ready for start up\n')
    await guest('docker rm -f web')
  })

  test('fills templates with the environment and leaves what it lacks, silently if asked', async () => {
    const script = [
      'mkdir /etc/nginx/templates',
      'echo "# \\$PLACE \\$uri" > /etc/nginx/templates/a.conf.template',
      '/docker-entrypoint.sh nginx -t 2>/dev/null',
      'cat /etc/nginx/conf.d/a.conf',
    ].join(' && ')
    const options = '-e PLACE=here -e NGINX_ENTRYPOINT_QUIET_LOGS=1 --entrypoint sh'
    expect(await guest(`docker run --rm ${options} nginx -c '${script}'`)).toBe('# here $uri')
  })

  test('starts another command without those steps', async () => {
    expect(await guest('docker run --rm nginx echo mine')).toBe('mine')
  })
})

describe('redis', () => {
  test('answers as the user redis and keeps to itself what it writes into its volume', async () => {
    await guest('docker run -d --name store redis --maxmemory 1mb')
    await listens('store', 6379)
    const cli = 'docker exec store redis-cli'
    expect(await guest(`${cli} ping; ${cli} set a b; ${cli} save`)).toBe('PONG\nOK\nOK')
    expect(await guest(`docker exec store sh -c 'id -u redis; stat -c "%a %U:%G" /data/dump.rdb; pwd'`)).toBe(
      '999\n600 redis:redis\n/data',
    )
    expect(await guest('docker exec store grep ^Uid: /proc/1/status')).toBe('Uid:\t999\t999\t999\t999')
    await guest('docker rm -fv store')
  })
})

describe('python', () => {
  test('is found by the official names, states its version, and knows services', async () => {
    const program =
      'import os, sys, socket; print(sys.version.split()[0] == os.environ["PYTHON_VERSION"], socket.getservbyname("http"))'
    const script = 'for name in python python3 pydoc; do command -v $name; done; python -c "$0"'
    expect(await guest(`docker run --rm --network none python sh -c '${script}' '${program}'`)).toBe(
      '/usr/local/bin/python\n/usr/local/bin/python3\n/usr/local/bin/pydoc\nTrue 80',
    )
  })
})

describe('debian', () => {
  test('has apt’s account and Docker’s settings of apt and dpkg', async () => {
    const script = 'id _apt; apt-config dump Acquire::Languages; ls /etc/dpkg/dpkg.cfg.d'
    expect(await guest(`docker run --rm --network none debian sh -c '${script}'`)).toBe(
      'uid=42(_apt) gid=65534(nogroup) groups=65534(nogroup)\nAcquire::Languages "";\nAcquire::Languages:: "none";\ndocker\ndocker-apt-speedup',
    )
  })
})

describe('tags', () => {
  test('are those of the version, and another name of the same image', async () => {
    expect(await guest('docker run --rm --network none python:3.13 python -V')).toMatch(/^Python 3\.13\./)
    expect(await guest('docker run --rm --network none debian:trixie cat /etc/debian_version')).toMatch(
      /^13\./,
    )
    expect(await guest('docker run --rm --network none busybox:1.37 busybox | head -n 1')).toMatch(
      /^BusyBox v1\.37/,
    )
    const id = (name: string) => guest(`docker image inspect -f '{{.Id}}' ${name}`)
    expect(await id('debian:trixie')).toBe(await id('debian'))
    // Another version is not among them, and an image of it would have to come from elsewhere.
    expect(await guest('docker pull python:3.12-slim 2>&1 || true')).toMatch(
      / This site has python:latest, python:3,/,
    )
  })
})

test('the guest’s shell has what a learner works with', async () => {
  const programs = 'bash curl file htop ip jq less nano nsenter pstree strace tcpdump tree unshare vi zstd'
  expect(await guest(`for name in ${programs}; do command -v $name >/dev/null || echo $name; done`)).toBe('')
  expect(await guest('file -b /usr/bin/nano')).toMatch(/^ELF 32-bit LSB/)
  expect(await guest('echo words | zstd -q | zstd -dq; tree --noreport /etc/docker')).toMatch(
    /^words\n\/etc\/docker\n.*daemon\.json$/,
  )
  for (const name of ['nano', 'htop', 'tcpdump'])
    expect(await guest(`${name} --version 2>&1 | head -n 1`)).toContain(name)
  expect(await guest('bash -lic true 2>/dev/null')).toMatch(/^Porthole: a real Linux/)
})
