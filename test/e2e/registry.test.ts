/**
 * Images in and out of a page in Chromium: a real docker-registry with and without CORS, archives in and out as files,
 * and a site with an image and a mirror of its own.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { publicDir } from '../../scripts/lib/paths.ts'
import { writeCourseImage } from '../support/course-image.ts'
import { CORS_HEADERS, startDockerRegistry, type DockerRegistry } from '../support/docker-registry.ts'
import { layoutOfOne } from '../support/oci-layout-images.ts'
import { ownSite } from '../support/own-site.ts'
import { booted, COMMAND_MS, TerminalDriver, visit, type Visit } from './browser.ts'

const run = promisify(execFile)

/** Bundled images, for skopeo. */
let busybox: string
let hello: string
let scratch: string
let open: Visit
let terminal: TerminalDriver
let allowing: DockerRegistry
let silent: DockerRegistry

async function skopeo(...args: string[]): Promise<string> {
  const { stdout } = await run('skopeo', ['--insecure-policy', ...args])
  return stdout.trim()
}

async function bundled(name: string): Promise<string> {
  const layout = join(scratch, name)
  await layoutOfOne(join(publicDir, 'images'), `docker.io/library/${name}:latest`, layout)
  return `oci:${layout}:it`
}

const put = (from: string, registry: DockerRegistry, name: string): Promise<string> =>
  skopeo('copy', '--preserve-digests', '--dest-tls-verify=false', from, `docker://${registry.domain}/${name}`)

const digestAt = (registry: DockerRegistry, name: string): Promise<string> => {
  const options = ['--tls-verify=false', '--override-arch=386', '--format', '{{.Digest}}']
  return skopeo('inspect', ...options, `docker://${registry.domain}/${name}`)
}

/** The image's id: the digest of its configuration, whatever wraps it. */
async function imageId(reference: string): Promise<string> {
  const manifest = JSON.parse(await skopeo('inspect', '--raw', reference)) as { config: { digest: string } }
  return manifest.config.digest
}

/** What the terminal shows, without the line breaks of its width. */
const unwrapped = async (command: string): Promise<string> =>
  (await terminal.run(command)).replaceAll('\n', '')

beforeAll(async () => {
  await ensureTools('skopeo')
  scratch = await mkdtemp(join(tmpdir(), 'porthole-e2e-'))
  busybox = await bundled('busybox')
  hello = await bundled('hello-world')
  allowing = await startDockerRegistry({ headers: CORS_HEADERS })
  silent = await startDockerRegistry()
  for (const registry of [allowing, silent]) await put(busybox, registry, 'ann/box:v1')
  const course = join(scratch, 'course')
  await writeCourseImage(join(scratch, 'busybox'), course, 'a file of the course')
  await put(`oci:${course}:it`, silent, 'ann/course:1')
  const add = ['ann/course:1', '--from', silent.domain]
  const site = await ownSite({ scratch, add, mirrors: { 'docker.io': `http://${allowing.domain}` } })
  open = await visit('lang=en', site)
  await booted(open.page)
  terminal = await TerminalDriver.open(open.page)
})

afterAll(async () => {
  await open?.close()
  await Promise.all([allowing?.close(), silent?.close()])
  await rm(scratch, { recursive: true, force: true })
})

describe('a docker-registry of another origin', () => {
  test('that allows web pages gives the image that skopeo pushed, and takes it back', async () => {
    const image = `${allowing.domain}/ann/box:v1`
    const pushed = await digestAt(allowing, 'ann/box:v1')
    expect(await unwrapped(`docker pull ${image}`)).toContain(`Digest: ${pushed}`)
    expect(await terminal.run(`docker run --rm ${image} echo it-runs`)).toBe('it-runs')

    const back = `${allowing.domain}/bob/back:v2`
    await terminal.run(`docker tag ${image} ${back}`)
    expect(await unwrapped(`docker push ${back}`)).toContain(`v2: digest: ${pushed}`)
    expect(await digestAt(allowing, 'bob/back:v2')).toBe(pushed)
  })

  test('that does not is named, with what it lacks and the way out', async () => {
    const said = await unwrapped(`docker pull ${silent.domain}/ann/box:v1; echo "status $?"`)
    expect(said).toContain(
      `http://${silent.domain} answers, but does not let web pages of other sites read it (CORS): its answers lack the header Access-Control-Allow-Origin. Use a registry that sends it, registry.local, or load the image from a file.`,
    )
    expect(said).toMatch(/status 1$/)
  })
})

describe('a site of its own', () => {
  test('has the image that was added to it, which runs with the network off', async () => {
    expect(await unwrapped('docker pull ann/course:1')).toContain('Downloaded newer image for ann/course:1')
    await open.page.context().setOffline(true)
    try {
      expect(await terminal.run('docker run --rm ann/course:1')).toBe('a file of the course')
    } finally {
      await open.page.context().setOffline(false)
    }
  })

  test('pulls from Docker Hub’s mirror, which it names in errors', async () => {
    const pushed = await digestAt(allowing, 'ann/box:v1')
    expect(await unwrapped('docker pull ann/box:v1')).toContain(`Digest: ${pushed}`)
    expect(await unwrapped('docker pull ann/none:v1')).toContain(
      `(http://${allowing.domain} was asked, which is this site’s mirror of docker.io)`,
    )
  })
})

describe('the page', () => {
  /** The image's card in the list of images. */
  const listed = (name: string) => open.page.getByRole('button', { name, exact: true })

  test('loads a docker save archive from the file dialog', async () => {
    const { page } = open
    const archive = join(scratch, 'saved.tar')
    await skopeo('copy', hello, `docker-archive:${archive}:demo/chosen:1`)
    await page.getByRole('navigation').getByRole('button', { name: 'Images' }).click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Load from a file' }).click()
    await (await chooser).setFiles(archive)
    await listed('demo/chosen:1').waitFor({ timeout: COMMAND_MS })
    await page.getByText('Loaded image: demo/chosen:1').waitFor()
  })

  test('loads an OCI archive that is dropped on it, wherever it is dropped', async () => {
    const { page } = open
    const archive = join(scratch, 'oci.tar')
    await skopeo('copy', hello, `oci-archive:${archive}:demo/dropped:1`)
    await page.getByRole('navigation').getByRole('button', { name: 'Containers' }).click()
    const base64 = await readFile(archive, 'base64')
    const transfer = await page.evaluateHandle((text) => {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], 'oci.tar', { type: 'application/x-tar' }))
      return data
    }, base64)
    await page.dispatchEvent('.bench', 'dragover', { dataTransfer: transfer })
    await page.getByText('Drop it to load the images that are in it').waitFor()
    await page.dispatchEvent('.bench', 'drop', { dataTransfer: transfer })
    // It is the same image under another name, as docker images has it.
    await page.getByText('also: demo/dropped:1').waitFor({ timeout: COMMAND_MS })
  })

  test('gives an image as a file that skopeo reads as the same image', async () => {
    const { page } = open
    await page.getByRole('navigation').getByRole('button', { name: 'Images' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: COMMAND_MS }),
      page.getByRole('button', { name: 'Save the image demo/chosen:1 to a file' }).click(),
    ])
    const file = join(scratch, 'downloaded.tar')
    await download.saveAs(file)
    expect(await imageId(`docker-archive:${file}`)).toBe(await imageId(hello))
  })

  test('says which file is no archive of images, and why', async () => {
    const { page } = open
    await page
      .getByLabel('Load from a file')
      .last()
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a tar') })
    const alert = page.getByRole('alert')
    await alert.waitFor({ timeout: COMMAND_MS })
    expect(await alert.innerText()).toMatch(/^notes\.txt: /)
  })
})
