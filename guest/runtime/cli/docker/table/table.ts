/** The command table: every `docker` command. A new command is a new row. */
import type { CommandSpec, GroupSpec } from '../../shared/command.ts'
import { BUILD_COMMANDS } from './build-commands.ts'
import { CONTAINER_COMMANDS } from './container-commands.ts'
import { IMAGE_COMMANDS } from './image-commands.ts'
import { MANIFEST_COMMANDS, MANIFEST_GROUP } from './manifest-commands.ts'
import { NETWORK_COMMANDS } from './network-commands.ts'
import { SYSTEM_COMMANDS } from './system-commands.ts'
import { VOLUME_COMMANDS } from './volume-commands.ts'

export const GROUPS: readonly GroupSpec[] = [
  { name: 'builder', summary: 'Manage builds' },
  { name: 'container', summary: 'Manage containers' },
  { name: 'image', summary: 'Manage images' },
  MANIFEST_GROUP,
  { name: 'network', summary: 'Manage networks' },
  { name: 'system', summary: 'Manage Docker' },
  { name: 'volume', summary: 'Manage volumes' },
]

export const COMMANDS: readonly CommandSpec[] = [
  ...BUILD_COMMANDS,
  ...CONTAINER_COMMANDS,
  ...IMAGE_COMMANDS,
  ...MANIFEST_COMMANDS,
  ...NETWORK_COMMANDS,
  ...SYSTEM_COMMANDS,
  ...VOLUME_COMMANDS,
]

const byPath = new Map<string, CommandSpec>()
for (const command of COMMANDS) {
  if (command.group === undefined) byPath.set(command.name, command)
  else {
    for (const name of [command.name, ...(command.aliases ?? [])])
      byPath.set(`${command.group} ${name}`, command)
    if (command.top !== undefined) byPath.set(command.top, command)
    if (command.alsoIn !== undefined) byPath.set(`${command.alsoIn} ${command.name}`, command)
  }
}

/** @param path without `docker`: `ps`, `container ls` */
export const findCommand = (path: string): CommandSpec | undefined => byPath.get(path)

export const findGroup = (name: string): GroupSpec | undefined => GROUPS.find((group) => group.name === name)
