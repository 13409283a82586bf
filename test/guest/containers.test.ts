/** Containers in the guest: limits that bite, copy-on-write, and an engine that is killed while they run. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runOnConsole } from '../../scripts/lib/machine/console-command.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
})

afterAll(() => machine.close())

const guest = (command: string): Promise<string> => machine.output(command)

const inspect = (name: string, format: string) => guest(`docker inspect -f '${format}' ${name}`)

async function cgroup(name: string, file: string): Promise<string> {
  return guest(`cat /sys/fs/cgroup/docker/${await inspect(name, '{{.Id}}')}/${file}`)
}

const field = (text: string, key: string) => Number(new RegExp(`^${key} ([\\d.]+)$`, 'm').exec(text)?.[1])

/** Until a counter of the container's cgroup has grown beyond `least`; asked from outside, so that asking takes no share of what is measured. */
async function awaitCounter(name: string, file: string, key: string, least: number): Promise<void> {
  const read = async () => field(await cgroup(name, file), key)
  await expect.poll(read, { interval: 1000, timeout: 200_000 }).toBeGreaterThan(least)
}

/** Microseconds of CPU: at a fifth of a CPU, some eight seconds, which are eighty periods of its bandwidth. */
const BURNT = 1_600_000

interface Sample {
  /** Seconds. */
  used: number
  at: number
  throttled: number
}

describe('limits', () => {
  afterAll(() => guest('docker rm -f oom killed bomb calm sets || true'))

  test('--memory 32m kills a 64 MB allocation, and the kill is told from another', async () => {
    const { code } = await machine.exec(
      `docker run --name oom --memory 32m busybox sh -c 'head -c 67108864 /dev/zero | tail'`,
    )
    expect(code).toBe(137)
    expect(await inspect('oom', '{{.State.OOMKilled}} {{.State.ExitCode}}')).toBe('true 137')
    await guest('docker run -d --name killed busybox sleep 1000000 && docker kill killed')
    expect(await inspect('killed', '{{.State.OOMKilled}} {{.State.ExitCode}}')).toBe('false 137')
  })

  test('--pids-limit 10 stops a fork bomb while another container answers', async () => {
    await guest('docker run -d --name calm busybox sleep 1000000')
    await guest(
      `docker run -d --name bomb --pids-limit 10 busybox sh -c 'b() { b | b & b; }; (b) & sleep 1000000'`,
    )
    await awaitCounter('bomb', 'pids.events', 'max', 0)
    expect(await cgroup('bomb', 'pids.max')).toBe('10')
    expect(await guest('docker exec calm echo still here')).toBe('still here')
    await guest('docker rm -f bomb')
  })

  test('--cpus 0.2 throttles to a fifth of a CPU', async () => {
    // It measures itself with the shell's own commands, so that nobody else asks for the CPU meanwhile.
    const sample = 'cat /sys/fs/cgroup/cpu.stat; sed "s/^/uptime /;s/ [^ ]*$//" /proc/uptime'
    const burn = `until [ $used -gt ${BURNT} ]; do read -r _ used < /sys/fs/cgroup/cpu.stat; done`
    const said = await guest(
      `docker run --rm --cpus 0.2 busybox sh -c '${sample}; used=0; ${burn}; echo ==; ${sample}'`,
    )
    const [before, after] = said.split('==').map((text) => ({
      used: field(text, 'usage_usec') / 1e6,
      at: field(text, 'uptime'),
      throttled: field(text, 'nr_throttled'),
    })) as [Sample, Sample]
    expect(after.throttled - before.throttled).toBeGreaterThan(20)
    const share = (after.used - before.used) / (after.at - before.at)
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.25)
  })

  test('are in the cgroup as asked for, and change while the container runs', async () => {
    const options =
      '--cpuset-cpus 0 --cpu-shares 512 --memory 64m --memory-reservation 32m --pids-limit 20 --device-read-bps /dev/loop0:1mb --device-write-iops /dev/loop0:100'
    await guest(`docker run -d --name sets ${options} busybox sleep 1000000`)
    expect(await cgroup('sets', 'cpuset.cpus')).toBe('0')
    expect(await cgroup('sets', 'memory.max')).toBe(String(64 << 20))
    expect(await cgroup('sets', 'memory.low')).toBe(String(32 << 20))
    expect(await cgroup('sets', 'pids.max')).toBe('20')
    expect(await cgroup('sets', 'io.max')).toBe('7:0 rbps=1048576 wbps=max riops=max wiops=100')
    await guest('docker update --memory 96m --memory-swap 192m --pids-limit 30 sets')
    expect(await cgroup('sets', 'memory.max')).toBe(String(96 << 20))
    expect(await cgroup('sets', 'pids.max')).toBe('30')
  })
})

describe('the default seccomp policy', () => {
  /** swapon(2) is withheld whatever the capabilities; unshare(2) and mount(2) are with SYS_ADMIN alone. */
  const refusals = (...options: string[]) =>
    machine.exec(
      `docker run --rm ${options.join(' ')} busybox sh -c 'echo works; swapon /etc/hosts; unshare -u true && echo unshared'`,
    )

  test('lets a container work and refuses what it withholds', async () => {
    const { stdout, stderr } = await refusals()
    expect(stdout).toBe('works\n')
    expect(stderr).toMatch(/swapon.*Operation not permitted/)
    expect(stderr).toMatch(/unshare.*Operation not permitted/)
  })

  test('gives with a capability what goes with it, and no more', async () => {
    const { stdout, stderr } = await refusals('--cap-add', 'SYS_ADMIN')
    expect(stdout).toBe('works\nunshared\n')
    expect(stderr).toMatch(/swapon.*Operation not permitted/)
  })
})

describe('two containers of one image', () => {
  beforeAll(async () => {
    await guest(`docker run -d --name left busybox sh -c 'echo left > /mine; sleep 1000000'`)
    await guest(`docker run -d --name right busybox sh -c 'echo right > /mine; rm /bin/tac; sleep 1000000'`)
    await guest('docker exec right sh -c "while [ -e /bin/tac ]; do :; done"')
    await guest('docker exec left sh -c "until [ -e /mine ]; do :; done"')
  })

  afterAll(() => guest('docker rm -f left right'))

  test('share its layers and see only their own files', async () => {
    const lower = '{{.GraphDriver.Data.LowerDir}}'
    expect(await inspect('left', lower)).toBe(await inspect('right', lower))
    expect(await guest('docker exec left cat /mine')).toBe('left')
    expect(await guest('docker exec right cat /mine')).toBe('right')
  })

  test('keep a deletion as a whiteout, and the image as it was', async () => {
    const upper = await inspect('right', '{{.GraphDriver.Data.UpperDir}}')
    expect(await guest(`stat -c '%F %t:%T' ${upper}/bin/tac`)).toBe('character special file 0:0')
    expect(await guest('docker diff right')).toMatch(/^D \/bin\/tac$/m)
    expect(await guest('docker run --rm busybox ls /bin/tac')).toBe('/bin/tac')
  })
})

describe('an engine killed while containers run', () => {
  test('takes no command in front of a process with it', async () => {
    const engine = await guest('cat /sys/fs/cgroup/engine/cgroup.procs')
    // What is typed reaches the process only when the command is in front of it.
    const script = `read typed; echo $typed; kill -9 ${engine}; while [ -d /proc/${engine} ]; do :; done; echo two; exit 7`
    // On the console, whose shell needs no engine; init says there that the engine was killed.
    const { code } = await runOnConsole(
      machine.guest.machine.console,
      `sh -c 'echo one | docker run -i --rm --name front --pid host busybox sh -c "$0" >/tmp/front' '${script}'`,
    )
    await expect
      .poll(() => guest(`docker ps -a --format '{{.Names}}'`).catch(() => 'no engine'), { timeout: 200_000 })
      .not.toMatch(/front|no engine/)
    expect([await guest('cat /tmp/front'), code]).toEqual(['one\ntwo', 7])
  })

  afterAll(() => guest('docker rm -f one two ends'))

  test('comes back, finds them, and knows the code of the one that ended meanwhile', async () => {
    const engine = (await guest(`docker run --rm --pid host busybox pidof node`)).split(' ')[0]!
    for (const name of ['one', 'two'])
      await guest(`docker run -d --name ${name} busybox sh -c 'echo from ${name}; sleep 1000000'`)
    await guest(
      `docker run -d --name ends --pid host busybox sh -c 'while [ -d /proc/${engine} ]; do :; done; exit 42'`,
    )
    const pids = await inspect('one two', '{{.State.Pid}}')
    // The command's own stream goes through the engine: it is lost with it.
    await expect(machine.exec(`kill -9 ${engine}`)).rejects.toMatchObject({ code: 'unavailable' })
    await expect
      .poll(() => inspect('ends', '{{.State.Status}} {{.State.ExitCode}}').catch(() => 'no engine'), {
        timeout: 200_000,
      })
      .toBe('exited 42')
    expect(await inspect('one two', '{{.State.Pid}}')).toBe(pids)
    expect(await guest('docker logs one')).toBe('from one')
    expect(await guest('docker exec two echo inside')).toBe('inside')
    await guest('docker stop -t 0 one')
    expect(await inspect('one', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 137')
  })
})
