import type { Client, FileEntryWithStats, SFTPWrapper, ServerHostKeyAlgorithm } from 'ssh2'

import { choice, flag, text } from '../../fields/index.ts'
import { credentialName, host, port, privateKeyAlias, proxy, timeout } from '../common-fields.ts'
import { connect } from '../connect.ts'
import type { Target } from '../contracts.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { type HostKey, judgeHostKey, knownTypes } from '../known-hosts.ts'
import type { Run } from '../run.ts'
import { sshPrivateKey } from '../ssh-private-key.ts'
import { type SshLogOn, type SshSession, sshSession } from '../ssh-session.ts'

const fields = {
  host,
  port: port('22'),
  ...proxy,
  timeout,
  authentication: choice({
    label: 'Authentication',
    help: 'How the test logs on. None only does the handshake, and shows all host keys to copy.',
    options: { none: 'None', publicKey: 'Public Key', userCredentials: 'User Credentials', dual: 'Dual' },
    default: 'none',
  }),
  userName: text({
    label: 'User Name',
    help: 'User of the log-on by public key; with a credential its user is taken.',
    default: '',
    maxLength: 200,
  }),
  privateKeyAlias,
  credentialName,
  hostKeyVerification: choice({
    label: 'Host Key Verification',
    help: 'Whether the host key must be in the known hosts of the tenant.',
    options: { tenant: 'Against Tenant', off: 'Off' },
    default: 'tenant',
    unsupported: ['partnerDirectory'],
  }),
  checkDirectoryAccess: flag({ label: 'Check Directory Access', help: 'List the directory by SFTP.', default: false }),
  directory: text({
    label: 'Directory',
    help: 'Directory to list, below the home directory of the user; empty for that itself.',
    default: '',
    maxLength: 1000,
  }),
}

const mostNames = 200

/** Algorithms by which a server proves that it has a key of the type. */
const algorithmsOf: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  // Not by SHA-1, which `ssh-rsa` stands for as an algorithm.
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

export const ssh = declareTest({
  kind: 'ssh',
  label: 'SSH',
  help: 'Does the handshake, compares the host key, logs on and lists a directory by SFTP.',
  fields,
  target: ({ host, port }) => ({ host, port: port ?? 22 }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const logOn = await logOnOf(run, values)
    const known = values.hostKeyVerification === 'tenant' ? await run.context.knownHosts() : undefined
    const approve = (key: HostKey): void => {
      run.facts['hostKey'] = key.text
      run.facts['hostKeyFingerprint'] = key.fingerprint
      if (known !== undefined) approveKey(run, known, target, key)
    }
    const preferred = known === undefined ? [] : knownTypes(known, target.host, target.port)
    const socket = await connect(run, target)
    const session = await run.step('handshake', async (note) => {
      const made = await sshSession(run, socket, {
        approve,
        hostKeyAlgorithms: [...new Set([...preferred, ...Object.keys(algorithmsOf)])].flatMap(
          (type) => algorithmsOf[type] ?? [],
        ),
        logOn,
      })
      note(`${made.hostKey.type} ${made.hostKey.fingerprint}`)
      return made
    })
    describe(run, session)
    if (values.authentication === 'none') {
      session.client.destroy()
      await otherHostKeys(run, session, target)
    } else {
      await run.step('authenticate', async (note) => {
        await session.loggedOn()
        note(`logged on as ${logOn?.user ?? ''}`)
      })
    }
    if (values.checkDirectoryAccess) {
      if (values.authentication === 'none')
        throw faults.inputInvalid({ problems: [{ field: 'checkDirectoryAccess', problem: 'needs a log-on' }] })
      await run.step('check directory', async (note) => note(await list(run, session.client, values.directory)))
    }
    session.client.end()
  },
})

async function logOnOf(
  run: Run,
  values: {
    readonly authentication: string
    readonly userName: string
    readonly privateKeyAlias: string
    readonly credentialName: string
  },
): Promise<SshLogOn | undefined> {
  const { authentication } = values
  if (authentication === 'none') return undefined
  const credential = authentication === 'publicKey' ? undefined : await run.credential(values.credentialName)
  const pair = authentication === 'userCredentials' ? undefined : await run.keyPair(values.privateKeyAlias)
  const user = credential?.user ?? values.userName
  if (user === '') throw faults.inputInvalid({ problems: [{ field: 'userName', problem: 'must not be empty' }] })
  return {
    user,
    ...(credential && { password: credential.password }),
    ...(pair && { privateKey: sshPrivateKey(values.privateKeyAlias, pair.key) }),
  }
}

function approveKey(run: Run, known: string, { host, port }: Target, key: HostKey): void {
  const found = judgeHostKey(known, host, port, key)
  const { server } = run
  const { type, fingerprint } = key
  run.facts['hostKeyVerdict'] = found.verdict
  if (found.verdict === 'unknown') throw faults.hostKeyUnknown({ server, type, fingerprint })
  if (found.verdict === 'revoked') throw faults.hostKeyRevoked({ server, fingerprint })
  if (found.verdict === 'changed') throw faults.hostKeyChanged({ server, type, fingerprint, known: found.known })
}

function describe(run: Run, { algorithms, offered, hostKey }: SshSession): void {
  run.facts['hostKeys'] = [hostKey.text]
  run.facts['keyExchange'] = algorithms.kex
  run.facts['cipher'] = algorithms.cs.cipher
  if (algorithms.cs.mac) run.facts['mac'] = algorithms.cs.mac
  for (const [name, list] of Object.entries(offered)) run.facts[`offered.${name}`] = list
}

/** The other keys of the host, one connection each: a server shows one key at a time. */
async function otherHostKeys(run: Run, { hostKey, offered }: SshSession, target: Target): Promise<void> {
  const keys = [hostKey.text]
  const others = Object.entries(algorithmsOf).flatMap(([type, algorithms]) =>
    type === hostKey.type ? [] : algorithms.filter((name) => offered['hostKeyAlgorithms']?.includes(name)).slice(0, 1),
  )
  for (const only of others) {
    const { address = target.host } = run.facts
    const socket = await connect(run, { host: String(address), port: target.port })
    await run.step('handshake', async (note) => {
      const session = await sshSession(run, socket, { approve: () => {}, hostKeyAlgorithms: [only], logOn: undefined })
      keys.push(session.hostKey.text)
      note(`${session.hostKey.type} ${session.hostKey.fingerprint}`)
      session.client.destroy()
    })
  }
  run.facts['hostKeys'] = keys
}

async function list(run: Run, client: Client, directory: string): Promise<string> {
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, opened) => (error ? reject(error) : resolve(opened))),
  ).catch((error: Error) => {
    throw faults.requestRefused({ server: run.server, what: 'SFTP', words: run.quote(error.message) }, { cause: error })
  })
  const path = directory === '' ? '.' : directory
  const names: string[] = []
  try {
    const handle = await new Promise<Buffer>((resolve, reject) =>
      sftp.opendir(path, (error, opened) => (error ? reject(error) : resolve(opened))),
    )
    for (let batch = await readBatch(sftp, handle); batch !== undefined && names.length < mostNames; ) {
      names.push(...batch.map(({ filename }) => filename).filter((name) => name !== '.' && name !== '..'))
      batch = await readBatch(sftp, handle)
    }
  } catch (error) {
    const { message } = error as Error
    throw faults.directoryMissing({ server: run.server, directory: path, words: run.quote(message) }, { cause: error })
  }
  run.facts['entries'] = names.length
  run.facts['names'] = names.slice(0, mostNames).map(run.quote)
  return `${names.length} entries`
}

const endOfFile = 1

/** The next names of a directory; undefined at the end. */
const readBatch = (sftp: SFTPWrapper, handle: Buffer): Promise<readonly FileEntryWithStats[] | undefined> =>
  new Promise((resolve, reject) =>
    sftp.readdir(handle, (error, batch) => {
      if (!error) resolve(batch)
      else if ((error as Error & { code?: number }).code === endOfFile) resolve(undefined)
      else reject(error)
    }),
  )
