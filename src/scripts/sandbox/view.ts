import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A program that runs scripts, and what it reads. */
export interface Program {
  readonly path: string
  /** Files and folders, with the program itself. */
  readonly readable: readonly string[]
  /** Files among them that are linked with libraries of the system. */
  readonly linked: readonly string[]
  /** What inside the program keeps scripts from the system, or why nothing does. */
  readonly guard: { readonly on: boolean; readonly why: string }
  /** Where there is root, the user is this id and that of the tenant process: programs do not share one. */
  readonly users: number
}

/** What a host is shown of the file system, read-only. */
export interface View {
  /** The program in its real place. */
  readonly program: string
  /** Files and folders, shown at the same place. */
  readonly paths: readonly string[]
}

/** The program with what it reads, the libraries it needs, the tools that start it, and nothing else. */
export async function viewOf({ path, readable, linked }: Program, tools: readonly string[]): Promise<View> {
  const program = await realpath(path)
  const shared = (await Promise.all([program, ...linked, ...tools].map(neededBy))).flat()
  const outside = shared.filter((library) => !readable.some((shown) => library.startsWith(`${shown}/`)))
  return { program, paths: [...new Set([...readable, ...tools, ...outside])] }
}

/** Absolute paths of the libraries that a program or library is linked with. */
async function neededBy(file: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ldd', [file], { env: { LC_ALL: 'C', PATH: process.env.PATH } })
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path)
}
