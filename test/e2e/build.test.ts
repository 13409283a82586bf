/** An image built in a page in Chromium, from files that are edited and dropped there. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { booted, COMMAND_MS, TerminalDriver, visit, type Visit } from './browser.ts'

let open: Visit
let page: Page

beforeAll(async () => {
  open = await visit()
  page = open.page
  await booted(page)
})

afterAll(() => open?.close())

const button = (name: string) => page.getByRole('button', { name, exact: true })
const editor = (path: string) => page.getByLabel(`Text of ${path}`)

async function openBuilder(): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Images' }).click()
  await button('Build an image').click()
}

/** A command in the terminal, which gets the focus back for it. */
async function inTerminal(command: string): Promise<string> {
  return (await TerminalDriver.open(page)).run(command)
}

test('the first build works as it stands, and is run from there', async () => {
  await openBuilder()
  await button('Build').click()
  await page.getByText('my-image is ready.').waitFor({ timeout: COMMAND_MS })
  const said = await page.getByRole('log').innerText()
  expect(said).toMatch(/^Step 1\/3 : FROM busybox\n/)
  expect(said).toMatch(/\nSuccessfully tagged my-image:latest\s*$/)
  const terminal = await TerminalDriver.open(page)
  await button('Run it').click()
  await terminal.see(/[#$] docker run --rm my-image$/m)
  await page.keyboard.press('Enter')
  await terminal.see(/^Hello from an image of my own!$/m)
})

test('files that are written, chosen and dropped are the context', async () => {
  await editor('Dockerfile').fill('FROM busybox\nCOPY . /app/\nRUN sh /app/bin/make.sh > /made\n')
  await button('New file').click()
  await page.getByLabel('Name of the new file').fill('bin/make.sh')
  await page.keyboard.press('Enter')
  await editor('bin/make.sh').fill('cat /app/chosen.bin /app/dropped.txt\n')
  const buffer = Buffer.from([0x63, 0x68, 0x0a])
  await page
    .getByLabel('Add files')
    .setInputFiles({ name: 'chosen.bin', mimeType: 'application/octet-stream', buffer })
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['dropped\n'], 'dropped.txt'))
    return data
  })
  await page.dispatchEvent('.bench', 'dragover', { dataTransfer: transfer })
  await page.getByText('Drop it to add the files to the build context').waitFor()
  await page.dispatchEvent('.bench', 'drop', { dataTransfer: transfer })
  await button('dropped.txt').waitFor()
  await page.getByLabel('Name of the image').fill('demo/app:v1')
  await page.keyboard.press('Enter')
  await page.getByText('demo/app:v1 is ready.').waitFor({ timeout: COMMAND_MS })
  const list = 'cat /made; cd /app; find * -type f | sort; stat -c %a bin/make.sh'
  expect(await inTerminal(`docker run --rm demo/app:v1 sh -c '${list}'`)).toBe(
    ['ch', 'dropped', 'Dockerfile', 'bin/make.sh', 'chosen.bin', 'dropped.txt', 'hello.txt', '755'].join(
      '\n',
    ),
  )
})

test('a wrong Dockerfile is told with its line, a cancelled build leaves no container', async () => {
  await button('Dockerfile').click()
  await editor('Dockerfile').fill('FROM busybox\nCOPPY a b\n')
  await button('Build').click()
  const alert = page.getByRole('alert')
  await alert.waitFor({ timeout: COMMAND_MS })
  expect(await alert.innerText()).toBe(
    'dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)',
  )
  await editor('Dockerfile').fill('FROM busybox\nRUN echo begun && sleep 100000\n')
  await button('Build').click()
  await page.getByRole('log').getByText('begun', { exact: true }).waitFor({ timeout: COMMAND_MS })
  await button('Cancel').click()
  await page.getByText('The build was cancelled').waitFor()
  const terminal = await TerminalDriver.open(page)
  await terminal.line('until [ -z "$(docker ps -q)" ]; do :; done; docker ps -q; echo all-gone')
  await terminal.see(/^all-gone$/m)
})

test('the files are there after a reload', async () => {
  await page.reload()
  await booted(page)
  await openBuilder()
  await editor('Dockerfile').waitFor()
  expect(await editor('Dockerfile').inputValue()).toBe('FROM busybox\nRUN echo begun && sleep 100000\n')
  await button('bin/make.sh').click()
  expect(await editor('bin/make.sh').inputValue()).toBe('cat /app/chosen.bin /app/dropped.txt\n')
  expect(open.errors).toEqual([])
})
