import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A control group of one host. */
export interface ControlGroup {
  /** Files into which a process writes itself to join. */
  readonly joins: readonly string[]
  /** Removes it; call it when its processes have ended. */
  readonly remove: () => Promise<void>
}

/** Folders in which groups can be made, and the files that hold their limits. */
export interface ControlGroups {
  readonly version: 1 | 2
  readonly create: (limits: { readonly memoryMb: number; readonly tasks: number }) => Promise<ControlGroup>
}

const prefix = 'sluice-scripts-'
const mount = '/sys/fs/cgroup'

/** Where this process may make control groups with limits of memory and tasks; else why not. */
export async function findControlGroups(): Promise<ControlGroups | string> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).trim().split('\n')
  const entries = lines.map((line) => line.split(':')).map(([, controllers = '', path = '']) => ({ controllers, path }))
  const ofController = (name: string): string | undefined => {
    const path = entries.find(({ controllers }) => controllers.split(',').includes(name))?.path
    return path === undefined ? undefined : join(mount, name, path)
  }
  const [memory, tasks] = [ofController('memory'), ofController('pids')]
  if (memory !== undefined && tasks !== undefined) return versionOne([memory, tasks])
  const unified = entries.find(({ controllers }) => controllers === '')?.path
  if (unified === undefined || !existsSync(join(mount, 'cgroup.controllers')))
    return 'this system has no control groups'
  // A process sits in a leaf; where a service manager delegates a subtree, the folder above is ours, too.
  for (const folder of [join(mount, unified), dirname(join(mount, unified))]) {
    if (folder.startsWith(mount) && (await hasControllers(folder))) return versionTwo(folder)
  }
  return 'no control group with the controllers of memory and pids is delegated to this process'
}

async function hasControllers(folder: string): Promise<boolean> {
  const handed = await readFile(join(folder, 'cgroup.subtree_control'), 'utf8').catch(() => '')
  return handed.includes('memory') && handed.includes('pids') && (await writable(folder))
}

const writable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )

async function versionOne(folders: readonly [memory: string, tasks: string]): Promise<ControlGroups | string> {
  for (const folder of folders) if (!(await writable(folder))) return `the control group ${folder} cannot be written`
  return {
    version: 1,
    create: ({ memoryMb, tasks }) =>
      create(folders, [
        [0, 'memory.limit_in_bytes', memoryMb * 1_048_576],
        [1, 'pids.max', tasks],
      ]),
  }
}

const versionTwo = (folder: string): ControlGroups => ({
  version: 2,
  create: ({ memoryMb, tasks }) =>
    create(
      [folder],
      [
        [0, 'memory.max', memoryMb * 1_048_576],
        [0, 'pids.max', tasks],
      ],
    ),
})

async function create(
  parents: readonly string[],
  limits: readonly (readonly [folder: number, file: string, value: number])[],
): Promise<ControlGroup> {
  const folders = parents.map((parent) => join(parent, `${prefix}${process.pid}-${randomUUID()}`))
  for (const parent of parents) await removeLeftOvers(parent)
  for (const folder of folders) await mkdir(folder)
  for (const [folder, file, value] of limits) await writeFile(join(folders[folder] ?? '', file), String(value))
  return {
    joins: folders.map((folder) => join(folder, 'cgroup.procs')),
    async remove() {
      // The kernel empties a group a moment after its last process has ended; what stays is removed the next time.
      for (const folder of folders) await rmdir(folder).catch(() => {})
    },
  }
}

/** Groups whose processes have ended, as those of a process that was killed. One in use cannot be removed. */
async function removeLeftOvers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix) && !(await inUse(join(parent, name)))) await rmdir(join(parent, name)).catch(() => {})
  }
}

/** A group of another process that lives is left alone even while it is still empty. */
async function inUse(folder: string): Promise<boolean> {
  const owner = Number(folder.slice(folder.lastIndexOf(prefix) + prefix.length).split('-')[0])
  const processes = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
  return processes.trim() !== '' || (owner !== process.pid && existsSync(`/proc/${owner}`))
}
