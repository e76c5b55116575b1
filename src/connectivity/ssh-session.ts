import type { Socket } from 'node:net'

import type { AuthenticationType, Client, ConnectConfig, NegotiatedAlgorithms, ServerHostKeyAlgorithm } from 'ssh2'

import { faults } from './faults.ts'
import { hostKeyOf, type HostKey } from './known-hosts.ts'
import type { Run } from './run.ts'

/** How a user logs on; each part that is there is needed. */
export interface SshLogOn {
  readonly user: string
  readonly password?: string
  readonly privateKey?: string
}

export interface SshSession {
  readonly client: Client
  readonly hostKey: HostKey
  readonly algorithms: NegotiatedAlgorithms
  /** Everything the server offers, by kind. */
  readonly offered: Readonly<Record<string, readonly string[]>>
  /** Resolves when the log-on succeeded. @throws connectivity.authenticationRefused, authenticationMethodMissing, keyRefused */
  readonly loggedOn: () => Promise<void>
}

/** Ends the log-on; the types of ssh2 leave it out. */
const none = false as unknown as AuthenticationType

/** What ssh2 calls the lists of the server in its debug output: there is no other way to them. */
const offers: Readonly<Record<string, string>> = {
  'KEX method': 'keyExchange',
  'Host key format': 'hostKeyAlgorithms',
  'C->S cipher': 'ciphers',
  'C->S MAC': 'macs',
}

/**
 * An SSH handshake over a connection. `approve` sees the host key before anything else is sent, and throws when it is
 * not the right one. Without a log-on the session ends up authenticated as nobody and only the handshake is done.
 */
export async function sshSession(
  run: Run,
  socket: Socket,
  asked: {
    readonly approve: (key: HostKey) => void
    /** In the order of preference. */
    readonly hostKeyAlgorithms: ServerHostKeyAlgorithm[]
    readonly logOn: SshLogOn | undefined
  },
): Promise<SshSession> {
  const { Client: SshClient } = await import('ssh2')
  const client = new SshClient()
  const { logOn } = asked
  const offered: Record<string, readonly string[]> = {}
  let hostKey: HostKey | undefined
  let disapproval: unknown
  const tried: string[] = []
  let methods: readonly string[] = []

  const failed = Promise.withResolvers<never>()
  const shaken = Promise.withResolvers<NegotiatedAlgorithms>()
  const ready = Promise.withResolvers<void>()
  failed.promise.catch(() => {})
  client.on('handshake', shaken.resolve)
  client.on('ready', () => ready.resolve())
  client.on('error', (error) =>
    failed.reject(disapproval ?? explainSsh(run, error, offered, { tried, methods, logOn })),
  )
  client.on('close', () => failed.reject(faults.connectionBroken({ server: run.server, step: 'handshake' })))
  run.own({ destroy: () => client.destroy() })

  const wanted: ('publickey' | 'password')[] = []
  if (logOn?.privateKey !== undefined) wanted.push('publickey')
  if (logOn?.password !== undefined) wanted.push('password')
  const config: ConnectConfig = {
    sock: socket,
    username: logOn?.user ?? 'nobody',
    readyTimeout: 0,
    hostVerifier: (blob: Buffer) => {
      hostKey = hostKeyOf(blob)
      try {
        asked.approve(hostKey)
        return true
      } catch (error) {
        disapproval = error
        return false
      }
    },
    algorithms: { serverHostKey: asked.hostKeyAlgorithms },
    debug: (line) => {
      const [, what = '', list = ''] = /^Handshake: \(remote\) ([^:]+?)s?: (.*)$/.exec(line) ?? []
      const name = offers[what]
      if (name !== undefined)
        offered[name] ??= list
          .split(',')
          .filter((one) => one !== '')
          .map(run.quote)
      const ident = /^Remote ident: '(.*)'$/.exec(line)?.[1]
      if (ident !== undefined) run.facts['server'] = run.quote(ident)
    },
    authHandler: (left: AuthenticationType[] | null, _partial: boolean | null, next) => {
      if (left !== null) methods = left
      if (logOn === undefined) return
      if (left === null) return next('none')
      const method = wanted.find((one) => !tried.includes(one) && left.includes(one))
      if (method === undefined) return next(none)
      tried.push(method)
      if (method === 'password') next({ type: 'password', username: logOn.user, password: logOn.password ?? '' })
      else next({ type: 'publickey', username: logOn.user, key: logOn.privateKey ?? '' })
    },
  }
  client.connect(config)
  const algorithms = await Promise.race([shaken.promise, failed.promise])
  if (hostKey === undefined) throw faults.protocolUnexpected({ server: run.server, protocol: 'SSH', words: '' })
  return { client, hostKey, algorithms, offered, loggedOn: () => Promise.race([ready.promise, failed.promise]) }
}

const agreements: Readonly<Record<string, readonly [words: string, list: string]>> = {
  'key exchange': ['key exchange', 'keyExchange'],
  'host key': ['host key algorithm', 'hostKeyAlgorithms'],
  cipher: ['cipher', 'ciphers'],
  MAC: ['MAC', 'macs'],
}

function explainSsh(
  run: Run,
  error: Error,
  offered: Readonly<Record<string, readonly string[]>>,
  logOn: {
    readonly tried: readonly string[]
    readonly methods: readonly string[]
    readonly logOn: SshLogOn | undefined
  },
): unknown {
  const { server } = run
  const { level, message } = error as Error & { level?: string }
  const because = { cause: error }
  if (level === 'client-authentication') {
    const wanted = [logOn.logOn?.privateKey && 'publickey', logOn.logOn?.password && 'password'].filter(Boolean)
    if (logOn.tried.length === 0)
      return faults.authenticationMethodMissing(
        { server, wanted: wanted.join(' and '), offered: logOn.methods.map(run.quote) },
        because,
      )
    const last = logOn.tried.at(-1) ?? ''
    if (last === 'publickey') return faults.keyRefused({ server, user: logOn.logOn?.user ?? '' }, because)
    const words = `by ${last}; it would go on with ${logOn.methods.join(', ') || 'nothing'}`
    return faults.authenticationRefused({ server, words: run.quote(words) }, because)
  }
  const agreement = /no matching (.*)/.exec(message)?.[1]
  if (agreement !== undefined) {
    const [, [which, list]] = Object.entries(agreements).find(([name]) => agreement.includes(name)) ?? [
      '',
      [agreement, ''],
    ]
    return faults.noCommonAlgorithm({ server, which, offered: offered[list] ?? [] }, because)
  }
  if (/ident|Protocol|version/i.test(message) && level === 'protocol')
    return faults.protocolUnexpected({ server, protocol: 'SSH', words: run.quote(message) }, because)
  if (level === 'client-socket' || /Connection lost|ended|before handshake/i.test(message))
    return faults.connectionBroken({ server, step: 'handshake' }, because)
  return error
}
