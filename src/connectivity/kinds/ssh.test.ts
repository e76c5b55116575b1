import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'

import ssh2 from 'ssh2'

import { contextWith, plainServer, runTest } from '../../../test/kit/connectivity.ts'
import { hostKeyOf } from '../known-hosts.ts'
import { sshPrivateKey } from '../ssh-private-key.ts'

const { generateKeyPairSync: newSshKey, parseKey, sftp } = ssh2.utils
const hostKeys = [newSshKey('ed25519'), newSshKey('ecdsa', { bits: 256 }), newSshKey('rsa', { bits: 2048 })]
const publicOf = (one: { readonly public: string }): string => one.public.split(' ').slice(0, 2).join(' ')
const [ed25519 = '', ecdsa = '', rsa = ''] = hostKeys.map(publicOf)

const users: Readonly<Record<string, KeyObject>> = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ed25519: generateKeyPairSync('ed25519').privateKey,
  stranger: generateKeyPairSync('ed25519').privateKey,
}
const password = 'ssh-geheim-1'

const context = (knownHosts = '', secret = password) =>
  contextWith({
    knownHosts: () => Promise.resolve(knownHosts),
    keyPair: (alias) => Promise.resolve(users[alias] && { chain: '', key: users[alias] }),
    userCredential: (alias) => Promise.resolve(alias === 'user' ? { user: 'anna', password: secret } : undefined),
  })

/** Blobs of the public keys that may log on. */
const accepted = ['rsa', 'ec', 'ed25519'].map((name) => {
  const parsed = parseKey(sshPrivateKey(name, users[name] ?? createPrivateKey('')))
  if (parsed instanceof Error) throw parsed
  return parsed.getPublicSSH().toString('base64')
})

function sshServer(methods: readonly ('publickey' | 'password')[], keys = hostKeys) {
  const server = new ssh2.Server({ hostKeys: keys.map((one) => one.private) }, (client) => {
    const left = new Set(methods)
    client.on('error', () => {})
    client.on('authentication', (asked) => {
      const right =
        asked.method === 'password'
          ? asked.username === 'anna' && asked.password === password
          : asked.method === 'publickey' && accepted.includes(asked.key.data.toString('base64'))
      if (!left.has(asked.method as 'password') || !right) return asked.reject([...left])
      if (asked.method === 'publickey' && asked.signature === undefined) return asked.accept()
      left.delete(asked.method as 'password')
      if (left.size > 0 && methods.length > 1) return asked.reject([...left], true)
      asked.accept()
    })
    client.on('session', (accept) =>
      accept().on('sftp', (acceptSftp) => {
        const stream = acceptSftp()
        let read = false
        stream.on('OPENDIR', (id, path) => {
          if (path === '/missing') stream.status(id, sftp.STATUS_CODE.NO_SUCH_FILE)
          else stream.handle(id, Buffer.from('1'))
        })
        stream.on('READDIR', (id) => {
          if (read) return stream.status(id, sftp.STATUS_CODE.EOF)
          read = true
          const attrs = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
          stream.name(
            id,
            ['.', '..', 'in', 'out'].map((filename) => ({ filename, longname: filename, attrs })),
          )
        })
        stream.on('CLOSE', (id) => stream.status(id, sftp.STATUS_CODE.OK))
      }),
    )
  })
  return plainServer((socket) => server.injectSocket(socket))
}

describe('the SSH test', () => {
  it('shows all host keys to copy and what the server offers, without a log-on', async () => {
    await using server = await sshServer(['password'])
    const inputs = { host: 'localhost', port: `${server.port}`, hostKeyVerification: 'off' }
    const result = await runTest('ssh', inputs, context())
    assert.equal(result.problem, undefined)
    assert.equal(result.summary, `Successfully reached host at localhost:${server.port}`)
    assert.deepEqual([...(result.facts['hostKeys'] as string[])].sort(), [ecdsa, ed25519, rsa].sort())
    assert.ok((result.facts['offered.hostKeyAlgorithms'] as string[]).includes('rsa-sha2-512'))
    assert.match(String(result.facts['server']), /^SSH-2\.0-ssh2js/)
    assert.ok(!result.steps.some(({ name }) => name === 'authenticate'))
  })

  it('rejects a host key that is not known, and shows it', async () => {
    await using server = await sshServer(['password'])
    const result = await runTest('ssh', { host: 'localhost', port: `${server.port}` }, context())
    assert.equal(result.problem?.code, 'connectivity.hostKeyUnknown')
    assert.match(result.problem.reason, /^reject HostKey: .*SHA256:/)
    assert.equal(result.facts['hostKey'], ed25519)
  })

  it('tells a host key that was changed from one that was revoked', async () => {
    await using server = await sshServer(['password'])
    const other = publicOf(newSshKey('ed25519'))
    const inputs = { host: 'localhost', port: `${server.port}` }
    const name = `[localhost]:${server.port}`
    const changed = await runTest('ssh', inputs, context(`${name} ${other}\n`))
    assert.equal(changed.problem?.code, 'connectivity.hostKeyChanged')
    assert.match(changed.problem.reason, /^HostKey has been changed: /)
    assert.ok(changed.problem.reason.includes(hostKeyOf(Buffer.from(other.split(' ')[1] ?? '', 'base64')).fingerprint))
    const revoked = await runTest('ssh', inputs, context(`@revoked * ${ed25519}\n${name} ${ed25519}\n`))
    assert.equal(revoked.problem?.code, 'connectivity.hostKeyRevoked')
  })

  it('asks for a key of the type that is known', async () => {
    await using server = await sshServer(['password'])
    const inputs = { host: 'localhost', port: `${server.port}` }
    const result = await runTest('ssh', inputs, context(`[localhost]:${server.port} ${rsa} comment\n`))
    assert.equal(result.ok, true)
    assert.equal(result.facts['hostKey'], rsa)
  })

  for (const alias of ['rsa', 'ec', 'ed25519'])
    it(`logs on with a key of the type ${alias} and lists the directory`, async () => {
      await using server = await sshServer(['publickey'])
      const inputs = {
        host: 'localhost',
        port: `${server.port}`,
        hostKeyVerification: 'off',
        checkDirectoryAccess: 'true',
      }
      const more = { authentication: 'publicKey', userName: 'anna', privateKeyAlias: alias }
      const result = await runTest('ssh', { ...inputs, ...more }, context())
      assert.equal(result.problem, undefined)
      assert.deepEqual(result.facts['names'], ['in', 'out'])
    })

  it('logs on with key and password', async () => {
    await using server = await sshServer(['publickey', 'password'])
    const inputs = { host: 'localhost', port: `${server.port}`, hostKeyVerification: 'off' }
    const dual = { ...inputs, authentication: 'dual', privateKeyAlias: 'rsa', credentialName: 'user' }
    assert.equal((await runTest('ssh', dual, context())).problem, undefined)
    const half = { ...inputs, authentication: 'userCredentials', credentialName: 'user' }
    assert.equal((await runTest('ssh', half, context())).problem?.code, 'connectivity.authenticationRefused')
  })

  const failures: readonly (readonly [
    string,
    readonly ('publickey' | 'password')[],
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    [
      'a key that is not installed',
      ['publickey'],
      { authentication: 'publicKey', userName: 'anna', privateKeyAlias: 'stranger' },
      'keyRefused',
    ],
    [
      'a log-on that is not offered',
      ['publickey'],
      { authentication: 'userCredentials', credentialName: 'user' },
      'authenticationMethodMissing',
    ],
    [
      'a directory that is not there',
      ['password'],
      {
        authentication: 'userCredentials',
        credentialName: 'user',
        checkDirectoryAccess: 'true',
        directory: '/missing',
      },
      'directoryMissing',
    ],
    ['a missing user name', ['publickey'], { authentication: 'publicKey', privateKeyAlias: 'rsa' }, 'inputInvalid'],
    [
      'a missing key',
      ['publickey'],
      { authentication: 'publicKey', userName: 'anna', privateKeyAlias: 'nobody' },
      'keyPairMissing',
    ],
  ]
  for (const [what, methods, more, code] of failures)
    it(`names ${what}`, async () => {
      await using server = await sshServer(methods)
      const inputs = { host: 'localhost', port: `${server.port}`, hostKeyVerification: 'off', ...more }
      const result = await runTest('ssh', inputs, context())
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result))
    })

  it('names a wrong password without showing it', async () => {
    await using server = await sshServer(['password'])
    const inputs = {
      host: 'localhost',
      port: `${server.port}`,
      hostKeyVerification: 'off',
      authentication: 'userCredentials',
    }
    const result = await runTest('ssh', { ...inputs, credentialName: 'user' }, context('', 'falsch-falsch'))
    assert.equal(result.problem?.code, 'connectivity.authenticationRefused')
    assert.ok(!JSON.stringify(result).includes('falsch-falsch'))
  })

  it('names a server that speaks another protocol, and one that hangs up', async () => {
    await using web = await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const other = await runTest('ssh', { host: 'localhost', port: `${web.port}`, timeout: '2000' }, context())
    assert.match(other.problem?.code ?? '', /protocolUnexpected|connectionBroken/)
    await using closing = await plainServer((socket) => socket.destroy())
    const broken = await runTest('ssh', { host: 'localhost', port: `${closing.port}` }, context())
    assert.equal(broken.problem?.code, 'connectivity.connectionBroken')
  })

  it('keeps the private key in a form that gives the same public key', () => {
    for (const [name, key] of Object.entries(users)) {
      const parsed = parseKey(sshPrivateKey(name, key))
      assert.ok(!(parsed instanceof Error), name)
      const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
      assert.ok(createPublicKey(parsed.getPublicPEM()).export({ format: 'der', type: 'spki' }).equals(spki), name)
    }
  })
})
