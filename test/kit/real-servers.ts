import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { temporaryFolder } from './temporary-folder.ts'

/** A folder in which servers keep everything they need, and the processes that run there. */
export interface Workshop extends AsyncDisposable {
  readonly folder: string
  /** Writes a file and gives its path. */
  readonly file: (name: string, content: string, mode?: number) => string
  readonly directory: (name: string, owner?: string) => string
  /** Starts a server in the foreground and waits until the port answers; its words are shown when it does not. */
  readonly start: (
    command: string,
    args: readonly string[],
    port: number,
    environment?: Readonly<Record<string, string>>,
  ) => Promise<void>
}

/** The path of a server that must be installed. @throws Error naming the Debian package */
export function installed(command: string, debianPackage: string): string {
  for (const folder of ['/usr/sbin', '/usr/bin', '/usr/lib/rabbitmq/bin', '/usr/local/sbin', '/usr/local/bin']) {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return join(folder, command)
    } catch {
      // The next folder may have it.
    }
  }
  throw new Error(`${command} is missing: apt-get install ${debianPackage}`)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const signal = (name: NodeJS.Signals): void => {
    try {
      // The whole group: servers have helpers of their own.
      process.kill(-(child.pid ?? 0), name)
    } catch {
      // It has ended meanwhile.
    }
  }
  signal('SIGTERM')
  await Promise.race([ended, wait(10_000, undefined, { ref: false })])
  signal('SIGKILL')
}

export function openWorkshop(): Workshop {
  const folder = temporaryFolder('servers')
  chmodSync(folder, 0o755)
  const children: ChildProcess[] = []
  return {
    folder,
    file(name, content, mode = 0o644) {
      const path = join(folder, name)
      writeFileSync(path, content, { mode })
      return path
    },
    directory(name, owner) {
      const path = join(folder, name)
      mkdirSync(path, { recursive: true })
      if (owner !== undefined) execFileSync('chown', [owner, path])
      return path
    },
    async start(command, args, port, environment = {}) {
      const child = spawn(command, args, {
        cwd: folder,
        detached: true,
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      let words = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (words += chunk.toString()))
      for (let tries = 0; tries < 600; tries++) {
        if (await answers(port)) return
        if (child.exitCode !== null) break
        await wait(100)
      }
      throw new Error(`${command} did not start: ${words}`)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(stop))
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
