import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { dirname, join } from 'node:path'

import type { Log } from '../base/index.ts'
import type { Settings } from '../settings/index.ts'
import type { Question, ToControl, Topic, ToTenant } from './ipc.ts'

/** Starts the process of a tenant, watches it, and starts it again with growing pauses when it dies. */
export interface Supervisor {
  /** Resolves to the runtime port when the tenant takes calls for the first time. */
  readonly started: Promise<number>
  readonly hint: (topic: Topic) => void
  /** Tells the tenant, now and after each start, where the control address is. */
  readonly controlAt: (url: string) => void
  /** Asks the tenant process; undefined when it does not answer in time (milliseconds), or is not there. */
  readonly ask: (question: Question, patience?: number) => Promise<unknown>
  readonly pid: () => number | undefined
  readonly state: () => 'starting' | 'ready' | 'down'
  readonly stop: () => Promise<void>
}

const shortestPause = 100
const longestPause = 10_000
// Messages are short-lived garbage: a young generation of this size (MB; twice that stays resident) dies with them
// instead of growing old, and a larger one was not faster. Without a bound it is 64, and most of what the process holds.
// The bound is that of the thread of the message log too: the flag goes before the limits of a thread. One thread to
// collect garbage leaves the other cores to the messages.
const memoryFlags = ['--max-semi-space-size=8', '--v8-pool-size=1']

export function superviseTenant(given: {
  readonly tenant: string
  /** Asked at each launch; the first seals. */
  readonly keys: () => readonly Buffer[]
  readonly settings: Settings
  readonly log: Log
  readonly onReady: (port: number) => void
}): Supervisor {
  const { tenant, keys, log } = given
  // Only this process asks for the master key.
  const settings = { ...given.settings, masterKeyCommand: undefined, masterKeyNextCommand: undefined }
  const first = Promise.withResolvers<number>()
  const questions = new Map<number, (value: unknown) => void>()
  let child: ChildProcess | undefined
  let controlUrl: string | undefined
  let state: 'starting' | 'ready' | 'down' = 'starting'
  let stopping = false
  let pause = shortestPause
  let nextQuestion = 0
  let { runtimePort } = settings

  function launch(): void {
    state = 'starting'
    const launched = Date.now()
    // The environment stays behind: a tenant process learns what it needs from its start message alone.
    child = fork(join(import.meta.dirname, 'tenant.ts'), [], {
      env: environment(),
      execArgv: memoryFlags,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    child.on('message', (message) => receive(message as ToControl))
    child.once('exit', (code, signal) => {
      state = 'down'
      if (stopping) return
      log.error('a tenant process died', { tenant, code, signal })
      if (Date.now() - launched > 60_000) pause = shortestPause
      setTimeout(launch, pause)
      pause = Math.min(pause * 2, longestPause)
    })
    const encoded = keys().map((key) => key.toString('base64'))
    say({ kind: 'start', tenant, keys: encoded, settings: { ...settings, runtimePort } })
    if (controlUrl !== undefined) say({ kind: 'control', url: controlUrl })
  }

  function receive(message: ToControl): void {
    if (message.kind === 'answer') {
      questions.get(message.id)?.(message.value)
      questions.delete(message.id)
    } else if (message.kind === 'ready') {
      state = 'ready'
      // A port that the system chose is known to callers by now: the next process takes the same.
      runtimePort = message.port
      first.resolve(message.port)
      given.onReady(message.port)
    } else {
      log.error('a tenant process could not start', {
        tenant,
        code: message.code,
        why: message.message,
        remedy: message.remedy,
      })
      first.reject(Object.assign(new Error(message.message), { code: message.code, remedy: message.remedy }))
    }
  }

  function say(message: ToTenant): void {
    if (child?.connected) child.send(message, () => {})
  }

  launch()
  return {
    started: first.promise,
    hint: (topic) => say({ kind: 'hint', topic }),
    controlAt(url) {
      controlUrl = url
      say({ kind: 'control', url })
    },
    async ask(question, patience = 1_000) {
      // One that is not ready reads everything anew before it takes calls.
      if (state !== 'ready') return undefined
      const id = ++nextQuestion
      return new Promise((resolve) => {
        questions.set(id, resolve)
        setTimeout(() => questions.delete(id) && resolve(undefined), patience).unref()
        say({ kind: 'ask', id, question })
      })
    },
    pid: () => child?.pid,
    state: () => state,
    async stop() {
      stopping = true
      const dying = child
      if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return
      const exited = new Promise<void>((resolve) => dying.once('exit', () => resolve()))
      say({ kind: 'stop' })
      const patience = setTimeout(() => dying.kill('SIGKILL'), settings.drainTimeout + 5_000)
      await exited
      clearTimeout(patience)
    },
  }
}

/** What a process needs of the system to run, and nothing that a user might have put a secret into. */
function environment(): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'HOME',
    'LANG',
    'LC_ALL',
    'TZ',
    'TMPDIR',
    'JAVA_HOME',
    'SSL_CERT_FILE',
    'NODE_EXTRA_CA_CERTS',
    'SystemRoot',
  ]
  const kept = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  // The folder that this answers is that of this version of Node, inside the one to be named.
  const cache = getCompileCacheDir()
  return { ...Object.fromEntries(kept), ...(cache && { NODE_COMPILE_CACHE: dirname(cache) }) }
}
