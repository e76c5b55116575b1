/** Canary secrets of every kind, and how each comes into the product. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { encryptKey, generateKey } from 'openpgp'
import ssh2 from 'ssh2'

export interface World {
  /** What the test itself makes, and what the product hands out to a person who may have it. */
  readonly workshop: string
  /** Runs the command line, with a line of input; rejects when it fails. */
  readonly say: (words: readonly string[], input?: string) => Promise<string>
  /** Runs the command line; rejects unless it fails. */
  readonly refused: (words: readonly string[], input: string) => Promise<void>
  /** Sends an entity; rejects unless the status is the one wanted, or 202. */
  readonly post: (set: string, body: object, wanted?: number, method?: 'POST' | 'PUT') => Promise<void>
}

export const canaries = new Map<string, Buffer | readonly Buffer[]>()

/** A new secret, with letters that every kind of writing has to escape. */
export function canary(name: string, tail = '/+&<"~ü'): string {
  const secret = randomBytes(12).toString('base64url') + tail
  canaries.set(name, Buffer.from(secret))
  return secret
}

/** The private part of a key, in pieces: lines of PEM break it anywhere. */
export function privateCanary(name: string, bytes: Buffer): void {
  const size = 16
  const pieces = Math.floor(bytes.length / size)
  const cut = Array.from({ length: pieces }, (_, nth) => bytes.subarray(nth * size, (nth + 1) * size))
  canaries.set(name, cut)
}

export const privateNumber = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')

const fileOf =
  ({ workshop }: World) =>
  (name: string): string =>
    join(workshop, name)
const runOf =
  ({ workshop }: World) =>
  (program: string, ...words: string[]): Buffer =>
    execFileSync(program, words, { cwd: workshop, stdio: ['ignore', 'pipe', 'pipe'] })

/** Credentials and secure parameters, which scripts can read. */
export const readable = [
  'USER1',
  'USER2',
  'USER3',
  'FACTORS',
  'CONNECTORS',
  'PARAM1',
  'PARAM2',
  'PARAM3',
  'PARAM4',
  'PARAM5',
]

async function makeMaterials({ say, post }: World): Promise<void> {
  const url = 'https://127.0.0.1:1/token'
  for (const name of ['USER1', 'USER2', 'USER3'])
    await say(['credentials', 'set', name, '--user', 'svc'], canary(`password of ${name}`))
  // The first value of one that was changed is gone, not kept somewhere.
  await say(['credentials', 'set', 'USER3', '--user', 'svc'], canary('second password of USER3'))
  const factors = ['--user', 'sf', '--type', 'successfactors', '--company-id', 'ACME']
  await say(['credentials', 'set', 'FACTORS', ...factors], canary('SuccessFactors password'))
  await post('UserCredentials', {
    Name: 'CONNECTORS',
    Kind: 'openconnectors',
    User: 'oc',
    Password: canary('Open Connectors user secret'),
    Organization: canary('Open Connectors organization secret'),
    Element: canary('Open Connectors element token'),
  })
  for (const name of readable.filter((each) => each.startsWith('PARAM')))
    await say(['secure-parameter', 'set', name], canary(`value of ${name}`))
  await post(`SecureParameters('PARAM5')`, { SecureParam: canary('second value of PARAM5') }, 202, 'PUT')
  // Custom parameters are shown, as in the original: no canary is in them.
  for (const name of ['CLIENT1', 'CLIENT2'])
    await say(
      ['oauth-credential', 'set', name, '--token-url', url, '--client-id', 'c', '--custom', 'body:audience=x'],
      canary(`client secret of ${name}`),
    )
  const code = ['--type', 'authorization-code', '--authorization-url', url, '--token-url', url, '--client-id', 'c']
  await say(['oauth-credential', 'set', 'CODE', ...code], canary('client secret of an authorization code'))
  await say(['oauth-credential', 'authorize', 'CODE'])
  const assertion = { Audience: 'a', TokenServiceUrl: url, TokenServiceUser: 'u' }
  await post('OAuth2SamlBearerAssertions', {
    Name: 'BEARER',
    ...assertion,
    TargetSystemType: 'cf',
    ClientKey: canary('client key of SAML bearer'),
    TokenServicePassword: canary('token service password'),
  })
  const database = { Name: 'DATABASE', DatabaseType: 'postgresql', JdbcUrl: 'jdbc:postgresql://h:1/n' }
  await post('JdbcDataSources', { ...database, User: 'u', Password: canary('JDBC password') })
  const byToken = { DatabaseType: 'hana', DatabaseId: 'x', AccessToken: canary('JDBC access token') }
  await post('JdbcDataSources', { Name: 'BYTOKEN', ...byToken })
}

async function makeKeys(world: World): Promise<void> {
  const { say, refused } = world
  const file = fileOf(world)
  const run = runOf(world)
  const subject = ['-subj', '/CN=me', '-days', '90']
  const unverified = ['--fingerprint-verified']
  const certificate = ['--cn', 'me', '--country', 'DE']
  for (const name of ['p12', 'pem', 'phrase'])
    run(
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      ...subject,
    )
  const made = (name: string) =>
    privateCanary(`private key of ${name}`, privateNumber(createPrivateKey(readFileSync(file(`${name}.key`)))))
  for (const name of ['p12', 'pem', 'phrase']) made(name)
  const p12 = canary('password of PKCS#12', '/+&')
  run(
    'openssl',
    'pkcs12',
    '-export',
    '-in',
    'p12.crt',
    '-inkey',
    'p12.key',
    '-name',
    'keyp12',
    '-passout',
    `pass:${p12}`,
    '-out',
    'a.p12',
  )
  await refused(['key', 'import', file('a.p12')], canary('wrong password of PKCS#12'))
  await say(['key', 'import', file('a.p12'), ...unverified], p12)
  writeFileSync(file('pem.pem'), Buffer.concat([readFileSync(file('pem.key')), readFileSync(file('pem.crt'))]))
  await say(['key', 'import', file('pem.pem'), '--as', 'key', '--alias', 'keypem', '--no-password', ...unverified])
  const phrase = canary('passphrase of PEM', '/+&')
  run('openssl', 'pkcs8', '-topk8', '-in', 'phrase.key', '-passout', `pass:${phrase}`, '-out', 'phrase.pem')
  await say(
    ['key', 'import', file('phrase.pem'), '--as', 'rsa', '--alias', 'keyphrase', ...certificate, ...unverified],
    phrase,
  )
  const jks = canary('password of JKS', '/+&')
  const store = ['-keystore', 'a.jks', '-storetype', 'JKS', '-storepass', jks]
  run(
    'keytool',
    '-genkeypair',
    '-alias',
    'keyjks',
    '-keyalg',
    'EC',
    '-groupname',
    'secp256r1',
    '-dname',
    'CN=java',
    '-keypass',
    jks,
    ...store,
  )
  await say(['key', 'import', file('a.jks'), ...unverified], jks)
  const ssh = canary('passphrase of OpenSSH', '/+&')
  run('ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-a', '4', '-N', ssh, '-f', 'id')
  const parsed = ssh2.utils.parseKey(readFileSync(file('id')), ssh)
  assert.ok(!(parsed instanceof Error))
  privateCanary('private key of OpenSSH', privateNumber(createPrivateKey(parsed.getPrivatePEM())))
  await say(['key', 'import', file('id'), '--as', 'ssh', '--alias', 'keyssh', ...certificate, ...unverified], ssh)
  await say(['key', 'generate', 'newrsa', '--bits', '2048', ...certificate])
  await say(['key', 'generate', 'newec', '--type', 'EC', '--bits', '256', ...certificate])
  await say(['key', 'generate', 'newssh', '--ssh', '--bits', '2048', ...certificate])
  await say(['key', 'copy', 'newec', 'newcopy'])
  await say(['key', 'backup'])
}

async function makePgpKeys(world: World): Promise<void> {
  const { say, refused } = world
  const file = fileOf(world)
  for (const type of ['ecc', 'rsa'] as const) {
    const passphrase = canary(`passphrase of PGP ${type}`)
    const userIDs = [{ name: type, email: `${type}@example.com` }]
    const given = { userIDs, format: 'object' as const, ...(type === 'rsa' ? { type, rsaBits: 2048 } : { type }) }
    const { privateKey } = await generateKey(given)
    for (const [nth, { keyPacket }] of privateKey.getKeys().entries()) {
      const parts = (keyPacket as unknown as { privateParams: Record<string, Uint8Array> }).privateParams
      const secret = parts['d'] ?? parts['seed'] ?? Object.values(parts)[0]
      privateCanary(`PGP key ${type} ${nth}`, Buffer.from(secret ?? []))
    }
    const armored = (await encryptKey({ privateKey, passphrase })).armor()
    writeFileSync(file(`${type}.asc`), armored)
    if (type === 'rsa')
      await refused(['pgp', 'import', file(`${type}.asc`), '--secret'], canary('wrong PGP passphrase'))
    await say(['pgp', 'import', file(`${type}.asc`), '--secret'], passphrase)
  }
}

async function makeCallers(world: World): Promise<void> {
  const { say } = world
  const file = fileOf(world)
  await say(['service-instance', 'create', 'sales'])
  const own = canary('own secret of a service key', '-own'.repeat(6))
  // The new key and the kit are handed to the person who asked: they go to files of his, and are not searched.
  const key = (...words: string[]) => ['service-key', ...words, '--out']
  await say([...key('create', 'sales', 'own', '--own-secret'), file('own.json')], own)
  for (const name of ['drawn', 'certificate']) {
    const type = name === 'drawn' ? 'secret' : name
    await say([...key('create', 'sales', name, '--type', type), file(`${name}.json`)])
  }
  await say([...key('rotate', 'sales/drawn'), file('rotated.json')])
  for (const name of ['drawn', 'rotated', 'certificate']) {
    const document = JSON.parse(readFileSync(file(`${name}.json`), 'utf8')) as Record<string, string>
    if (name === 'certificate')
      privateCanary('generated private key of a client', privateNumber(createPrivateKey(document['key'] ?? '')))
    else canaries.set(`${name} secret of a service key`, Buffer.from(document['clientsecret'] ?? ''))
  }
  await say([...key('kit', 'sales/certificate'), file('kit.zip')], canary('password of the kit', '/+&<'))
  for (const name of ['ada', 'bob', 'eve'])
    await say(['user', 'create', name, '--role', 'ESBMessaging.send'], canary(`password of ${name}`))
  await say(['user', 'set-password', 'bob'], canary('second password of bob'))
  await say(['cert', 'issue', '--name', 'x', '--out', file('issued')])
  privateCanary('issued private key', privateNumber(createPrivateKey(readFileSync(file('issued/x.key')))))
}

async function makeRefusals(world: World): Promise<void> {
  const { refused, post } = world
  const file = fileOf(world)
  const jdbc = `jdbc:mysql://h:1/n?password=${canary('password in a JDBC URL', '')}`
  await post(
    'JdbcDataSources',
    { Name: 'D2', DatabaseType: 'mysql', User: 'u', Password: canary('password beside it'), JdbcUrl: jdbc },
    400,
  )
  await post('UserCredentials', { Name: 'USER1', User: 'u', Password: canary('password of a duplicate') }, 409)
  await post('SecureParameters', { Name: 'BAD', SecureParam: { Value: canary('nested value') } }, 400)
  await post('Users', { Name: 'mallory', Password: canary('password with an unknown role'), Roles: '["None"]' }, 400)
  await refused(['backup', '--out', file('none.backup')], canary('short passphrase', '').slice(0, 8))
}

/** Key pairs, which scripts can read. */
export const aliases = ['keyp12', 'keypem', 'keyphrase', 'keyjks', 'keyssh', 'newrsa', 'newec', 'newssh']

/** Makes all of them, and what is refused. */
export async function makeCanaries(world: World): Promise<void> {
  await makeMaterials(world)
  await makeKeys(world)
  await makePgpKeys(world)
  await makeCallers(world)
  await makeRefusals(world)
}
