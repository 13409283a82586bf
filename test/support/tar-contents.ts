import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'

/** Members of a tar by name, with their contents as bytes: for archives of a few members. */
export async function tarContents(stream: NodeJS.ReadableStream): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>()
  for await (const entry of stream.pipe(extract())) members.set(entry.header.name, await buffer(entry))
  return members
}

/** Content of a member as text. */
export async function tarText(stream: NodeJS.ReadableStream, name: string): Promise<string | undefined> {
  return (await tarContents(stream)).get(name)?.toString()
}

export async function tarNames(stream: NodeJS.ReadableStream): Promise<string[]> {
  return [...(await tarContents(stream)).keys()]
}
