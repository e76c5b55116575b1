/**
 * Certificates, CAs, revocation lists, roles and thousands of keys change while others call: nobody fails but those from
 * whom something was taken on purpose, and they on their next call, also over connections that are open.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { createApiCaller, tally } from '../kit/caller.ts'
import { deploy } from '../kit/deploy.ts'
import { callOnce, type Credential } from '../kit/door-call.ts'
import { type Api, change, create, newInstance, newKey, registerKey } from '../kit/door-world.ts'
import { echoFlow } from '../kit/flows.ts'
import { type ClientPair, leafOf, type OpensslAuthority, opensslAuthority, opensslSelfSigned } from '../kit/openssl.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const perSecond = 200
const many = 800
const path = '/http/heavy/Roll'

let sluice: RunningSluice
let api: Api
let ca = ''
let folder = ''
const authorities: OpensslAuthority[] = []

before(async () => {
  sluice = await startSluice()
  api = createApiCaller(sluice)
  ca = readFileSync(sluice.file('ca.pem'), 'utf8')
  folder = temporaryFolder('rollover')
  await deploy(sluice, await echoFlow('Roll', 'rolled'))
})
after(async () => {
  api?.close()
  for (const authority of authorities) authority.dispose()
  await sluice?.dispose()
})

function authority(subject: string): OpensslAuthority {
  const made = opensslAuthority(subject)
  authorities.push(made)
  return made
}

/** A caller under load: some calls over connections that stay open, some over new ones. */
interface Client {
  readonly name: string
  readonly credential: Credential
  readonly agent: Agent
  /** What calls are answered from then on. */
  expected: number
  /** From this moment on (monotonic milliseconds). */
  since: number
  /** When it was known for certain that the change had not begun. */
  before: number
  readonly wrong: string[]
  crossed: number
  answered: number
  refused: number
}

const clients: Client[] = []
function client(name: string, credential: Credential): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })
  const made = {
    name,
    credential,
    agent,
    expected: 200,
    since: 0,
    before: 0,
    wrong: [],
    crossed: 0,
    answered: 0,
    refused: 0,
  }
  clients.push(made)
  return made
}

const statusOver = (credential: Credential, agent?: Agent): Promise<number> =>
  callOnce(sluice.runtimeUrl, { ca, path, credential, body: 'x', ...(agent && { agent }) }).then(
    ({ status }) => status,
    (error: unknown) => {
      lastError = String(error)
      return 0
    },
  )
let lastError = ''

async function callOf(one: Client, isNew: boolean): Promise<void> {
  const began = performance.now()
  const status = await statusOver(one.credential, isNew ? undefined : one.agent)
  one.answered++
  if (status !== 200) one.refused++
  if (status === one.expected) return
  // A call that was under way while the change was made may be answered either way.
  if (one.before > 0 && began < one.since && (began >= one.before || status === 200)) return
  // A connection that lost its trust is closed, and one that was refused since is closed by the next change; a call may
  // cross that. Each client has two, and there are some dozen changes.
  if (one.expected === 401 && status === 0 && one.crossed++ < 10) return
  one.wrong.push(`${status}${status === 0 ? ` ${lastError}` : ''} instead of ${one.expected}`)
}

/** Calls at a steady rate as all clients in turns while the work is done. */
async function during(work: () => Promise<void>): Promise<number> {
  const open = new Set<Promise<void>>()
  let number = 0
  const start = performance.now()
  const timer = setInterval(() => {
    for (; number < ((performance.now() - start) * perSecond) / 1000; number++) {
      const one = clients[number % clients.length]
      if (one === undefined) continue
      const call = callOf(one, number % 11 === 0)
      open.add(call)
      void call.finally(() => open.delete(call))
    }
  }, 5)
  try {
    await wait(500)
    await work()
    await wait(500)
  } finally {
    clearInterval(timer)
    await Promise.all(open)
  }
  return number
}

/** Takes something from clients: from the end of the work on they are answered with the status. */
async function taking(status: number, from: readonly Client[], work: () => Promise<unknown>): Promise<void> {
  for (const one of from) one.before = performance.now()
  for (const one of from) one.since = Number.POSITIVE_INFINITY
  for (const one of from) one.expected = status
  await work()
  for (const one of from) one.since = performance.now()
  for (const one of from) assert.equal(await statusOver(one.credential), status, `${one.name} on a new connection`)
  await wait(200)
}

const addTo = (KeyId: string, pair: ClientPair) =>
  create(api, 'ServiceKeyCertificates', { KeyId, Certificate: pair.cert })
const map = (User: string, cert: string) =>
  create(api, 'CertificateUserMappings', { User, Certificate: Buffer.from(leafOf(cert)).toString('base64') })
const send = ['ESBMessaging.send']
const now = (): string => `/Date(${Date.now()})/`
const fingerprint = async (name: string): Promise<string> =>
  (await api.all('ServiceKeyCertificates')).find(({ Subject }) => String(Subject).includes(`CN=${name},`)).Fingerprint

describe('while others call', () => {
  let instance = ''
  let own: (name: string, hours?: number) => ClientPair
  let root: OpensslAuthority
  let roleOnly: string
  before(async () => {
    root = authority('/O=Roll/CN=Roll Root')
    own = (name, hours = 1) => root.issue({ subject: `/O=Roll/CN=${name}`, from: Date.now() - hours * 3_600_000 })
    await create(api, 'TrustAnchors', { Name: 'Roll', Certificate: root.certificate })
    await change(api, 'PUT', "InboundPolicies('tenant')", { Revocation: 'soft' })
    instance = await newInstance(api, 'roll', 'integration-flow', send)
    roleOnly = await newInstance(api, 'roll-role', 'integration-flow', send)
    const steady = own('steady')
    await registerKey(api, instance, 'steady', steady)
    client('steady', steady)
    client('secret', (await newKey(api, instance, 'secret')).credential)
    client('generated', (await newKey(api, instance, 'generated', { 'key-type': 'certificate' })).credential)
  })
  after(() => {
    for (const { agent } of clients) agent.destroy()
  })

  it('certificates are renewed, CAs follow each other, and what is taken is gone at once', async () => {
    const first = own('first')
    const key = await registerKey(api, instance, 'renewed', first)
    const renewed = client('renewed, first', first)
    const old = own('unpinned', 9)
    await registerKey(api, instance, 'unpinned', old, false)
    const unpinned = client('unpinned, old', old)
    const before = authority('/O=Private/CN=Private Root')
    const after = authority('/O=Private/CN=Private Root')
    const anchor = await create(api, 'TrustAnchors', { Name: 'Private', Certificate: before.certificate })
    const private1 = before.issue({ subject: '/O=Private/CN=private' })
    const privateKey = await registerKey(api, instance, 'private', private1)
    const ofOldRoot = client('of the old CA', private1)
    const revoked = own('revoked')
    await registerKey(api, instance, 'revoked', revoked)
    const ofList = client('revoked', revoked)
    const self = opensslSelfSigned({ subject: '/O=Roll/CN=self' })
    const { id: selfId } = await registerKey(api, instance, 'self', self)
    assert.ok(selfId)
    const pinned = client('self-signed', self)
    const deleted = own('deleted')
    const deletedKey = await registerKey(api, instance, 'deleted', deleted)
    const ofDeleted = client('of a deleted key', deleted)
    const secretKey = await newKey(api, instance, 'deleted-secret')
    const ofSecret = client('deleted secret', secretKey.credential)
    const withRole = client('without its role', (await newKey(api, roleOnly, 'secret')).credential)
    const rolePair = own('role')
    await registerKey(api, roleOnly, 'role', rolePair)
    const withRole2 = client('without its role, by certificate', rolePair)
    for (const Name of ['roll-user', 'roll-mapped', 'roll-group'])
      await create(api, 'Users', {
        Name,
        Roles: Name === 'roll-group' ? '[]' : JSON.stringify(send),
        Password: 'some long words 12',
      })
    await create(api, 'UserGroups', { Name: 'rollers', Roles: JSON.stringify(send), Members: '["roll-group"]' })
    const user = client('deleted user', { basic: { user: 'roll-user', password: 'some long words 12' } })
    const member = client('out of the group', { basic: { user: 'roll-group', password: 'some long words 12' } })
    const mappedPair = own('mapped')
    const mapping = await map('roll-mapped', mappedPair.cert)
    const mapped = client('unmapped', mappedPair)
    const gone = await newInstance(api, 'roll-gone', 'integration-flow', send)
    const ofGone = client(
      'of a deleted instance',
      (await newKey(api, gone, 'generated', { 'key-type': 'certificate' })).credential,
    )

    const calls = await during(async () => {
      const second = own('second')
      await addTo(key.id, second)
      client('renewed, second', second)
      await wait(300)
      await taking(401, [renewed], async () =>
        change(api, 'PUT', `ServiceKeyCertificates('${await fingerprint('first')}')`, { Until: now() }),
      )
      const third = own('third')
      const { status } = await api.write('POST', `RotateServiceKey?Id='${key.id}'&OverlapDays=1`, {
        'X.509': third.cert,
      })
      assert.equal(status, 200)
      client('renewed, third', third)
      const newer = own('unpinned', 2)
      await taking(401, [unpinned], async () => assert.equal(await statusOver(newer), 200))
      client('unpinned, newer', newer)
      await create(api, 'TrustAnchors', { Name: 'Private 2', Certificate: after.certificate })
      const private2 = after.issue({ subject: '/O=Private/CN=private' })
      await addTo(privateKey.id, private2)
      client('of the new CA', private2)
      await wait(500)
      await taking(401, [ofOldRoot], () => change(api, 'DELETE', `TrustAnchors('${anchor.Fingerprint}')`))
      await taking(401, [ofList], () =>
        create(api, 'CertificateRevocationLists', { RevocationList: root.revoke(revoked) }),
      )
      const pin = (await api.all('TrustAnchors')).find(({ Subject }) => String(Subject).startsWith('CN=self,'))
      await taking(401, [pinned], () => change(api, 'DELETE', `TrustAnchors('${pin.Fingerprint}')`))
      await taking(401, [ofDeleted], () => change(api, 'DELETE', `ServiceKeys('${deletedKey.id}')`))
      await taking(401, [ofSecret], () => change(api, 'DELETE', `ServiceKeys('${secretKey.id}')`))
      const none = { Parameters: JSON.stringify({ roles: ['Roll.none'] }) }
      await create(api, 'UserRoles', { Name: 'Roll.none', Description: '' })
      await taking(403, [withRole, withRole2], () => change(api, 'PUT', `ServiceInstances('${roleOnly}')`, none))
      await taking(401, [user], () => change(api, 'DELETE', "Users('roll-user')"))
      await taking(403, [member], () => change(api, 'PUT', "UserGroups('rollers')", { Members: '[]' }))
      await taking(401, [mapped], () => change(api, 'DELETE', `CertificateUserMappings('${mapping.Id}')`))
      await taking(401, [ofGone], () => change(api, 'DELETE', `ServiceInstances('${gone}')`))
    })
    const wrong = clients.flatMap((one) => one.wrong.map((what) => `${one.name}: ${what}`))
    assert.deepEqual(tally(wrong), {})
    for (const one of clients) assert.ok(one.answered > 3, `${one.name} called ${one.answered} times`)
    for (const one of clients) assert.equal(one.refused > 0, one.expected !== 200, one.name)
    assert.ok(calls > 700, String(calls))
    console.log(`${calls} calls as ${clients.length} clients`)
  })

  it(`${many} service keys with certificates and ${many} mappings are made`, async () => {
    clients.splice(0, clients.length, ...clients.filter(({ expected }) => expected === 200))
    const certificates = root.issueMany({ subject: '/O=Roll/CN=many' }, 2 * many)
    await create(api, 'Users', { Name: 'many', Roles: JSON.stringify(send) })
    const keys = certificates.slice(0, many)
    const mappings = certificates.slice(many)
    const left = [
      ...keys.map((cert, nth) => () => registerKey(api, instance, `many-${nth}`, { cert, key: '' })),
      ...mappings.map((cert) => () => map('many', cert)),
    ]
    const start = performance.now()
    const calls = await during(async () => {
      const lane = async (): Promise<void> => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) await one()
      }
      await Promise.all(Array.from({ length: 4 }, lane))
    })
    const seconds = (performance.now() - start) / 1000
    console.log(`${2 * many} registrations in ${seconds.toFixed(1)} s beside ${calls} calls`)
    assert.deepEqual(tally(clients.flatMap((one) => one.wrong.map((what) => `${one.name}: ${what}`))), {})
    assert.ok((await api.all('CertificateUserMappings?$top=5000')).length >= many)
  })
})

describe('on one open connection', () => {
  const cases: readonly (readonly [string, number, (made: { id: string; instance: string }) => Promise<unknown>])[] = [
    ['a deleted key', 401, ({ id }) => change(api, 'DELETE', `ServiceKeys('${id}')`)],
    ['a deleted instance', 401, ({ instance }) => change(api, 'DELETE', `ServiceInstances('${instance}')`)],
    [
      'a role that was taken',
      403,
      ({ instance }) =>
        change(api, 'PUT', `ServiceInstances('${instance}')`, { Parameters: JSON.stringify({ roles: ['Roll.none'] }) }),
    ],
    [
      'certificates forbidden for the address',
      403,
      () => create(api, 'InboundPolicies', { Address: path, Methods: '["password"]' }),
    ],
  ]
  for (const way of ['secret', 'certificate'] as const)
    for (const [what, status, take] of cases)
      it(`the next call by ${way} is refused: ${what}`, async () => {
        const instance = await newInstance(api, `open-${what}-${way}`, 'integration-flow', send)
        const { id, credential } = await newKey(api, instance, 'k', { 'key-type': way })
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        try {
          assert.equal(await statusOver(credential, agent), 200)
          await take({ id, instance })
          const next = await statusOver(credential, agent)
          // Whose certificate is nobody's any more has lost the connection by now.
          assert.ok(next === status || (way === 'certificate' && status === 401 && next === 0), `${next} ${lastError}`)
          assert.equal(await statusOver(credential), status)
        } finally {
          agent.destroy()
          if (what.startsWith('certificates'))
            await change(api, 'DELETE', `InboundPolicies('${encodeURIComponent(path)}')`)
        }
      })
})

describe('a TLS session that is resumed', () => {
  /** Speaks by `openssl s_client`; gives the status, and whether a session was taken up again. */
  function speak(words: readonly string[]): Promise<{ readonly status: number; readonly reused: boolean }> {
    const { host, port } = new URL(sluice.runtimeUrl)
    const args = [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-servername',
      'localhost',
      '-ign_eof',
      '-CAfile',
      sluice.file('ca.pem'),
    ]
    return new Promise((resolve) => {
      const child = execFile('openssl', [...args, ...words], { timeout: 10_000 }, (_, out) =>
        resolve({ status: Number(/HTTP\/1\.1 (\d+)/.exec(out)?.[1] ?? 0), reused: /^Reused, /m.test(out) }),
      )
      child.stdin?.end(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    })
  }

  for (const version of ['-tls1_2', '-tls1_3'])
    for (const what of ['key', 'CA'] as const)
      it(`${version} counts no more when its ${what} is gone`, async () => {
        const name = `session${version}-${what}`
        const root = authority(`/O=Session/CN=${name}`)
        const pair = root.issue({ subject: `/O=Session/CN=${name}-client` })
        const anchor = await create(api, 'TrustAnchors', { Name: name, Certificate: root.certificate })
        const instance = await newInstance(api, name, 'integration-flow', send)
        const key = await registerKey(api, instance, 'key', pair)
        const file = (end: string) => join(folder, `${name}.${end}`)
        writeFileSync(file('pem'), pair.cert)
        writeFileSync(file('key'), pair.key)
        const identity = ['-cert', file('pem'), '-key', file('key')]
        assert.equal((await speak([version, ...identity, '-sess_out', file('session')])).status, 200)
        // The session alone, without certificate and key, speaks for the client.
        assert.deepEqual(await speak([version, '-sess_in', file('session')]), {
          status: 200,
          reused: true,
        })
        if (what === 'key') await change(api, 'DELETE', `ServiceKeys('${key.id}')`)
        else await change(api, 'DELETE', `TrustAnchors('${anchor.Fingerprint}')`)
        for (const words of [[], identity]) {
          const { status } = await speak([version, '-sess_in', file('session'), ...words])
          assert.equal(status, 401, words.join(' '))
        }
      })
})
