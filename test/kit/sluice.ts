/** A whole Sluice as a user has it: its processes, in a folder that goes away. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { temporaryFolder } from './temporary-folder.ts'

const root = join(import.meta.dirname, '..', '..')

export interface RunningSluice {
  readonly folder: string
  readonly controlUrl: string
  readonly runtimeUrl: string
  /** What it printed so far. */
  readonly output: () => string
  readonly file: (name: string) => string
  /** Runs the command line tool; rejects when it fails, with what it wrote. */
  readonly cli: (...words: string[]) => Promise<string>
  readonly pid: number
  readonly tenantPid: () => number
  /** Ends it by a signal and waits; the folder stays for the next start. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>
  readonly startAgain: () => Promise<RunningSluice>
  readonly dispose: () => Promise<void>
}

/** Starts Sluice on free ports. @param environment further settings */
export async function startSluice(
  environment: Readonly<Record<string, string>> = {},
  folder = temporaryFolder('data'),
): Promise<RunningSluice> {
  const settings = {
    SLUICE_DATA: folder,
    SLUICE_CONTROL_PORT: '0',
    SLUICE_RUNTIME_PORT: '0',
    SLUICE_LOG_LEVEL: 'warn',
    ...environment,
  }
  const child = spawn(process.execPath, ['--max-semi-space-size=4', 'bin/start.js'], {
    cwd: root,
    env: { ...clean(process.env), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (chunk: Buffer): void => void (output += chunk.toString())
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  await ready(child, () => output)
  const address = (name: string): string => new RegExp(`^${name} address +(\\S+)`, 'm').exec(output)?.[1] ?? ''
  const controlUrl = address('Control')
  const file = (name: string): string => join(folder, 'quickstart', name)

  const cli = (...words: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = { ...clean(process.env), SLUICE_DATA: folder, SLUICE_URL: controlUrl }
      execFile(
        process.execPath,
        ['src/cli/main.ts', ...words],
        { cwd: root, env, maxBuffer: 1e8 },
        (error, stdout, stderr) => {
          if (error) reject(new Error(`sluice ${words.join(' ')}: ${stdout}${stderr}`))
          else resolve(stdout)
        },
      )
    })

  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }
  return {
    folder,
    controlUrl,
    runtimeUrl: address('Runtime'),
    output: () => output,
    file,
    cli,
    pid: child.pid ?? 0,
    tenantPid: () => childOf(child.pid ?? 0, 'tenant.ts'),
    end,
    startAgain: () => startSluice(environment, folder),
    async dispose() {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ready(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      if (!/^Sluice is ready$/m.test(output())) return
      clearInterval(timer)
      resolve()
    }, 20)
    child.once('exit', (code) => {
      clearInterval(timer)
      reject(new Error(`Sluice ended with ${code}: ${output()}`))
    })
  })
}

/** The settings of whoever runs the tests are not those of the Sluice under test. */
const clean = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('SLUICE_') && name !== 'NODE_TEST_CONTEXT'),
  )

/** Process id of the child whose command line holds the words. Linux only. */
export function childOf(parent: number, words: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean)
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words))
  return Number(found ?? 0)
}
