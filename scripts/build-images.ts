/** Builds the bundled images as an OCI layout from Debian's packages and sources and prints the folder. */
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { buildBusyboxPrograms } from './build-busybox.ts'
import { buildBusybox, PACKAGES as BUSYBOX } from './images/busybox.ts'
import { type ImageContext, resolveImage } from './images/context.ts'
import { buildDebian, PACKAGES as DEBIAN } from './images/debian.ts'
import { buildHelloWorld } from './images/hello-world.ts'
import * as nginx from './images/nginx.ts'
import * as python from './images/python.ts'
import * as redis from './images/redis.ts'
import { AptRoot } from './lib/debian/apt-root.ts'
import { cached } from './lib/cache.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { isMain, main } from './lib/main.ts'
import { OciLayout } from './lib/trees/oci-layout.ts'
import { type DebPackage, download, resolveAlone } from './lib/debian/packages.ts'
import { digestScript, digestSources } from './lib/source-digest.ts'
import { buildSysroot } from './lib/debian/sysroot.ts'

export interface ImageBuild {
  /** An OCI image layout. */
  dir: string
  /** Debian packages of each image, by its name. */
  packages: Map<string, PackageRecord[]>
}

export async function buildImages(): Promise<ImageBuild> {
  const plans = await resolvePlans()
  const sysroot = await buildSysroot()
  const busybox = await buildBusyboxPrograms()
  const inputs = {
    sysroot: basename(sysroot),
    busybox: basename(busybox.dir),
    sources: await digestSources('guest/images'),
    script: await digestScript('scripts/build-images.ts'),
    plans: [...plans].map(([image, packages]) => [image, packages.map(({ name, sha256 }) => [name, sha256])]),
  }
  const dir = await cached('images', inputs, async (draft) => {
    const records = new Map<string, PackageRecord[]>()
    await build({ layout: new OciLayout(join(draft, 'layout')), plans, sysroot, busybox, records })
    await writeFile(join(draft, 'packages.json'), JSON.stringify([...records], null, 1))
  })
  const records = JSON.parse(await readFile(join(dir, 'packages.json'), 'utf8')) as [
    string,
    PackageRecord[],
  ][]
  return { dir: join(dir, 'layout'), packages: new Map(records) }
}

async function resolvePlans(): Promise<Map<string, DebPackage[]>> {
  const root = await AptRoot.open()
  const debian = await resolveImage(DEBIAN, [], [])
  return new Map([
    ['busybox', await resolveAlone(root, BUSYBOX)],
    ['debian', debian],
    ['nginx', await resolveImage(nginx.PACKAGES, debian, nginx.LEFT_OUT)],
    ['redis', await resolveImage(redis.PACKAGES, debian, redis.LEFT_OUT)],
    ['python', await resolveImage(python.PACKAGES, debian, python.LEFT_OUT)],
  ])
}

async function build(context: ImageContext): Promise<void> {
  await download(await AptRoot.open(), [...context.plans.values()].flat())
  await buildBusybox(context)
  await buildHelloWorld(context)
  const base = await buildDebian(context)
  await nginx.buildNginx(context, base)
  await redis.buildRedis(context, base)
  await python.buildPython(context, base)
  await context.layout.finish()
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log((await buildImages()).dir)
  })
}
