import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { wordsOf } from '../../base/index.ts'
import { type ControlGroups, findControlGroups } from './cgroup.ts'
import { joined, type Limits, type Parts, sandboxed } from './commands.ts'
import { type LayerName, reportOf, type SandboxLayer, type SandboxReport } from './layers.ts'
import { seccompFilter } from './seccomp.ts'
import { findTools, toolPath } from './tools.ts'
import { type Program, viewOf } from './view.ts'

/** What can be left out on purpose, to see what the other layers hold. */
export type SandboxPart = 'bwrap' | 'unshare' | 'setpriv' | 'prlimit' | 'seccomp' | 'cgroup' | 'guard'

/** A command that is ready to be started. */
export interface Prepared {
  readonly command: string
  readonly arguments: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** A file to be handed on as the first descriptor after the usual three; closed by `started`. */
  readonly descriptor: number | undefined
  /** Call it when the process has been started, or could not be. */
  readonly started: () => void
  /** Call it when the process has ended. */
  readonly ended: () => Promise<void>
}

export type Prepare = (programArguments: readonly string[], limits: Limits) => Promise<Prepared>

export interface Sandbox extends SandboxReport {
  /** Prepares one start of the program with these arguments. */
  readonly prepare: Prepare
}

const nobody = 65_534
const trialLimits: Limits = { memoryMb: 1024, tasks: 128 }

/**
 * Finds out what this system lets us put around a host, by trying it with this program. `folder` is for the filter
 * of system calls.
 */
export async function findSandbox(given: {
  readonly program: Program
  /** Arguments with which the program shows that it runs: it must read all it needs, and end by itself. */
  readonly trial: readonly string[]
  readonly folder: string
  readonly without?: readonly SandboxPart[]
}): Promise<Sandbox> {
  const without = new Set<string>(given.without)
  const tools =
    process.platform === 'linux'
      ? findTools(without)
      : findTools(new Set(['sh', 'env', 'bwrap', 'unshare', 'setpriv', 'prlimit']))
  const inside = [tools.env, tools.prlimit, tools.setpriv].filter((tool) => tool !== undefined)
  const { program } = given
  const shown = await viewOf(program, inside).catch(() => undefined)
  const view = shown ?? { program: program.path, paths: [] }
  const filter = without.has('seccomp') ? undefined : seccompFilter(process.arch)
  const isRoot = process.getuid?.() === 0

  async function prepare(
    parts: Parts,
    groups: ControlGroups | undefined,
    programArguments: readonly string[],
    limits: Limits,
  ): Promise<Prepared> {
    const mountPoint = parts.namespaces === 'unshare' ? await mkdtemp(join(tmpdir(), 'sluice-scripts-')) : undefined
    const group = await groups?.create(limits)
    const inner = sandboxed(programArguments, { tools, parts, view, limits, cwd: mountPoint ?? '/' })
    const [command = '', ...rest] = joined(tools, group?.joins ?? [], inner)
    const descriptor = parts.syscalls && filter !== undefined ? await openFilter(given.folder, filter) : undefined
    return {
      command,
      arguments: rest,
      cwd: '/',
      env: parts.namespaces === undefined ? {} : { PATH: toolPath },
      descriptor,
      started: () => descriptor !== undefined && closeSync(descriptor),
      async ended() {
        await group?.remove()
        if (mountPoint !== undefined) await rm(mountPoint, { recursive: true, force: true })
      },
    }
  }

  const attempt = async (parts: Parts, groups?: ControlGroups): Promise<string | undefined> => {
    try {
      return await failureOf(await prepare(parts, groups, given.trial, trialLimits))
    } catch (error) {
      return wordsOf(error)
    }
  }

  const groups = without.has('cgroup') ? 'left out' : await findControlGroups()
  const { parts, failures, groupFailure } = await findParts()
  const usable = typeof groups === 'string' || groupFailure !== undefined ? undefined : groups

  async function findParts(): Promise<{
    readonly parts: Parts
    readonly failures: ReadonlyMap<string, string>
    readonly groupFailure: string | undefined
  }> {
    const why = new Map<string, string>()
    for (const namespaces of ['bubblewrap', 'unshare', undefined] as const) {
      const tool = namespaces === 'bubblewrap' ? tools.bwrap : namespaces === 'unshare' && tools.sh && tools.unshare
      if (namespaces !== undefined && (tool === undefined || shown === undefined)) {
        why.set(namespaces, `${namespaces} is not installed`)
        continue
      }
      for (const parts of choicesOf(namespaces)) {
        // Each attempt starts the program: where all is well, one is enough.
        const groupFailure = typeof groups === 'string' ? groups : await attempt(parts, groups)
        if (groupFailure === undefined) return { parts, failures: why, groupFailure }
        const failure = await attempt(parts)
        if (failure === undefined) return { parts, failures: why, groupFailure }
        why.set(namespaces ?? 'none', failure)
      }
    }
    const nothing = { namespaces: undefined, user: undefined, privileges: false, limits: false, syscalls: false }
    return { parts: nothing, failures: why, groupFailure: 'nothing else works' }
  }

  /** From everything to less. */
  function choicesOf(namespaces: Parts['namespaces']): readonly Parts[] {
    const users = isRoot && tools.setpriv ? [program.users + process.pid, nobody] : [undefined]
    const filters = namespaces === 'bubblewrap' && filter !== undefined ? [true, false] : [false]
    const limited = tools.prlimit ? [true, false] : [false]
    const privileges = tools.setpriv !== undefined && (isRoot || namespaces !== 'bubblewrap')
    // As root a namespace without a user of its own would keep root in it.
    if (isRoot && namespaces !== undefined && !tools.setpriv) return []
    return limited.flatMap((limits) =>
      filters.flatMap((syscalls) => users.map((user) => ({ namespaces, user, privileges, limits, syscalls }))),
    )
  }

  return {
    ...reportOf(layersOf({ parts, failures, usable, groupFailure, filter, guard: program.guard })),
    prepare: (programArguments, limits) => prepare(parts, usable, programArguments, limits),
  }
}

/** Each start reads it from its beginning; nothing else of the file is needed. */
async function openFilter(folder: string, filter: Buffer): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Several hosts start at once.
  const path = join(folder, `seccomp-${randomUUID()}.bpf`)
  await writeFile(path, filter, { mode: 0o600 })
  const descriptor = openSync(path, 'r')
  await rm(path)
  return descriptor
}

/** What went wrong; undefined when the program ran. */
async function failureOf(prepared: Prepared): Promise<string | undefined> {
  const { descriptor } = prepared
  const child = spawn(prepared.command, prepared.arguments, {
    cwd: prepared.cwd,
    env: { ...prepared.env },
    stdio: ['ignore', 'ignore', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  prepared.started()
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(0, 500)
  })
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  await prepared.ended()
  return code === 0 ? undefined : `exit code ${code}: ${words.trim().split('\n')[0] ?? ''}`
}

function layersOf({
  parts,
  failures,
  usable,
  groupFailure,
  filter,
  guard,
}: {
  readonly parts: Parts
  readonly failures: ReadonlyMap<string, string>
  readonly usable: ControlGroups | undefined
  readonly groupFailure: string | undefined
  readonly filter: Buffer | undefined
  readonly guard: Program['guard']
}): Map<LayerName, Omit<SandboxLayer, 'name'>> {
  const { namespaces, user } = parts
  const why = [...failures].map(([part, words]) => (words.startsWith(part) ? words : `${part}: ${words}`)).join('; ')
  const off = why === '' ? 'this is not Linux' : why
  const by = (on: boolean, made: string, reason = off): Omit<SandboxLayer, 'name'> => ({ on, why: on ? made : reason })
  const byNamespace = by(namespaces !== undefined, `a namespace made by ${namespaces}`)
  const hasOwnUser = user !== undefined || namespaces !== undefined
  return new Map([
    ['user', by(hasOwnUser, user === undefined ? 'a user namespace' : `a user of its own (${user})`)],
    ['privileges', by(parts.privileges || namespaces === 'bubblewrap', 'no capabilities, and none to be had')],
    ['files', byNamespace],
    ['network', byNamespace],
    ['processes', byNamespace],
    ['limits', by(parts.limits && hasOwnUser, 'tasks, memory, descriptors; no file can grow')],
    ['memory', by(usable !== undefined, `a control group (version ${usable?.version})`, groupFailure)],
    ['syscalls', by(parts.syscalls, 'a filter of system calls', whyNoFilter(parts, failures, filter))],
    ['guard', guard],
  ])
}

function whyNoFilter(parts: Parts, failures: ReadonlyMap<string, string>, filter: Buffer | undefined): string {
  if (filter === undefined) return 'no filter for this machine'
  return parts.namespaces === 'bubblewrap' ? (failures.get('bubblewrap') ?? '') : 'only bubblewrap installs it'
}
