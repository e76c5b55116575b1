/** Deploys bundles by the command line, and looks at processes from outside. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Ran, sluice as runCommandLine } from './command-line.ts'
import type { RunningSluice } from './sluice.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Runs the command line inside the test's process: faster than `sluice.cli`, and a failure is an answer. */
export const command = (
  sluice: Pick<RunningSluice, 'folder' | 'controlUrl'>,
  words: readonly string[],
  input?: string,
): Promise<Ran> =>
  runCommandLine(words, {
    environment: { SLUICE_DATA: sluice.folder, SLUICE_URL: sluice.controlUrl },
    ...(input !== undefined && { input }),
  })

/** Deploys the bundles, whatever comes of it. */
export async function tryDeploy(
  sluice: Pick<RunningSluice, 'folder' | 'controlUrl'>,
  ...zips: readonly Buffer[]
): Promise<Ran> {
  const folder = temporaryFolder('bundles')
  const files = zips.map((_, index) => join(folder, `${index}.zip`))
  for (const [index, file] of files.entries()) writeFileSync(file, zips[index] ?? '')
  return await command(sluice, ['deploy', '--package', 'Heavy', ...files])
}

/** Deploys the bundles; rejects unless all have started. */
export async function deploy(
  sluice: Pick<RunningSluice, 'folder' | 'controlUrl'>,
  ...zips: readonly Buffer[]
): Promise<void> {
  const { code, out, err } = await tryDeploy(sluice, ...zips)
  if (code !== 0) throw new Error(`sluice deploy ended with ${code}: ${out}${err}`)
}

/** Resident memory in MB. Linux only. */
export const residentMemory = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

/** Whether the process is there. Linux only. */
export const lives = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
