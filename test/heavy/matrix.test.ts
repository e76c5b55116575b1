/** Every way to prove who calls, at every kind of address, and every way to be refused, over the real listeners. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'

import { refusalTable } from '../../src/inbound/refusal-table.ts'
import { callOnce, failToConnect, newAddress, speakPlainHttp, speakRaw } from '../kit/door-call.ts'
import { apiRows, badRows, type DoorRow, goodRows, proxiedRows, requestRows, statusOf } from '../kit/door-rows.ts'
import { change, type DoorWorld, openDoorWorld } from '../kit/door-world.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
type Record = any

/** Old things that a client may still speak, and keys too short for OpenSSL today. */
const lax = { ciphers: 'DEFAULT@SECLEVEL=0' } as const

/** Curl trusts no CA of ours unless told, and says so to the server. */
const curl = (words: readonly string[]): Promise<unknown> =>
  new Promise((resolve) => execFile('curl', words, () => resolve(undefined)))

let world: DoorWorld
let count = 0
/** Records by reference and when they were first seen, milliseconds since 1970. */
const records = new Map<string, { readonly record: Record; readonly seenAt: number }>()
const watcher = { isOn: true, isPaused: false }
let watched: Promise<void>

before(async () => {
  world = await openDoorWorld()
  watched = watch()
})
after(async () => {
  watcher.isOn = false
  await watched
  await world?.dispose()
})

/** Looks again and again for new records, as somebody who follows them does. */
async function watch(): Promise<void> {
  let since = Date.now() - 60_000
  for (; watcher.isOn; await wait(150)) {
    if (watcher.isPaused) continue
    const time = new Date(since).toISOString().slice(0, 19)
    const found = await world.api.all(`InboundRefusals?$filter=Time%20ge%20datetime'${time}'`).catch(() => [])
    for (const record of found) {
      if (!records.has(record.Reference)) records.set(record.Reference, { record, seenAt: Date.now() })
      since = Math.max(since, Number(/\d+/.exec(record.Time)?.[0]) - 2_000)
    }
  }
}

/** The record, when it can be seen within two seconds. */
async function recordOf(find: (record: Record) => boolean, from: number): Promise<Record | undefined> {
  for (const end = from + 2_500; ; await wait(50)) {
    const found = [...records.values()].find(({ record }) => find(record))
    if (found !== undefined) return found.seenAt - from <= 2_000 ? found.record : undefined
    if (Date.now() > end) return undefined
  }
}

const describeRow = ({ at, method = 'POST', path, who }: DoorRow): string =>
  `${at}: ${who}: ${method} ${path.slice(0, 80)}`

/** Why a record is not what an administrator needs; undefined when it is. */
function problemOf(record: Record, code: string, from: string): string | undefined {
  if (record === undefined) return 'no record within 2 s'
  if (record.Code !== code) return `${record.Code} is recorded`
  if (record.RemoteAddress !== from) return `recorded for ${record.RemoteAddress} instead of ${from}`
  if (!/\w.*\.$/.test(record.Reason)) return 'the reason is no sentence'
  if (!/\w.*\.$/.test(record.Remedy)) return 'the remedy is no sentence'
  if (record.Stage === '' || record.Status !== statusOf(code)) return `stage ${record.Stage}, status ${record.Status}`
  return undefined
}

const forwardedAddress = ({ credential, headers = [] }: DoorRow): string | undefined =>
  [...(credential.headers ?? []), ...headers]
    .find(([name]) => name === 'X-Forwarded-For')?.[1]
    .split(', ')
    .at(-1)

/** Makes the call of a row and says what was wrong with its answer or its record. */
async function problemOfRow(row: DoorRow): Promise<string | undefined> {
  const base = row.at === 'runtime' ? world.sluice.runtimeUrl : world.sluice.controlUrl
  const from = newAddress()
  const { ca } = world
  const said = await callOnce(base, { ...row, ca, from, tls: lax }).catch((error: unknown) => ({
    status: 0,
    text: String(error),
    reference: '',
  }))
  const answeredAt = Date.now()
  if (said.status !== statusOf(row.code)) {
    const known =
      records.get(said.reference)?.record ?? (await recordOf((each) => each.Reference === said.reference, answeredAt))
    return `${said.status} ${known?.Code ?? said.text.slice(0, 200)} instead of ${statusOf(row.code)} ${row.code}`
  }
  if (row.code === '') return undefined
  if (row.method !== 'HEAD' && !/^\{"error":"\w+","reference":"\w+"\}\n$/.test(said.text))
    return `answered ${said.text}`
  const record = await recordOf((each) => each.Reference === said.reference, answeredAt)
  // Only a trusted proxy is believed about the address of its client.
  const isBelieved = row.who.startsWith('proxy')
  return problemOf(record, row.code, (isBelieved ? forwardedAddress(row) : undefined) ?? from)
}

/** All rows, some at a time; every problem by its row. */
async function check(rows: readonly DoorRow[]): Promise<void> {
  count += rows.length
  const left = [...rows]
  const problems: string[] = []
  const lane = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const problem = await problemOfRow(row)
      if (problem !== undefined) problems.push(`${describeRow(row)}: ${problem}`)
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
  assert.deepEqual(problems, [])
}

describe('the front door', () => {
  it('lets in who may call, and says to others why not', () => check(goodRows(world)))
  it('tells apart what paths, methods and headers mean', () => check(requestRows(world)))

  it('refuses who is not known, expired, revoked, not yet or no longer registered, or forged', async () => {
    await wait(Math.max(0, world.expired - Date.now()))
    await check(badRows(world))
  })

  it('believes no proxy more than its client would be believed', () => check(proxiedRows(world)))
  it('keeps flow clients and API clients apart', () => check(apiRows(world)))

  for (const [what, record] of [
    [
      'a hint where the missing intermediate is',
      (each: Record) => /CN=alone/.test(each.Reason) && /http:\/\/ca\.example\/issuing\.cer/.test(each.Reason),
    ],
    [
      'names, issuer and end of the certificate',
      (each: Record) =>
        each.CertificateSubject === 'CN=revoked,O=Matrix' &&
        /^[0-9a-f]{64}$/.test(each.CertificateFingerprint) &&
        each.CertificateValidTo > '2',
    ],
    ['the address without its query', (each: Record) => each.Endpoint === '/http/m/other'],
  ] as const)
    it(`records ${what}`, () => assert.ok([...records.values()].some(({ record: each }) => record(each))))
})

describe('before there is a call', () => {
  const connections: readonly (readonly [string, string, (base: string, from: string) => Promise<unknown>])[] = [
    ['plain HTTP', 'tls.plainHttp', (base, localAddress) => speakPlainHttp(base, localAddress)],
    [
      'TLS 1.1',
      'tls.versionUnsupported',
      (base, localAddress) =>
        failToConnect(base, {
          localAddress,
          ca: world.ca,
          ...lax,
          minVersion: 'TLSv1.1',
          maxVersion: 'TLSv1.1',
        } as object),
    ],
    [
      'no common cipher',
      'tls.cipherUnsupported',
      (base, localAddress) =>
        failToConnect(base, { localAddress, ca: world.ca, ciphers: 'AES128-SHA', maxVersion: 'TLSv1.2' } as object),
    ],
    [
      'a client that does not trust the server',
      'tls.serverNotTrusted',
      (base, localAddress) => curl(['--silent', '--interface', localAddress, base]),
    ],
    [
      'a client that goes away without a word',
      'tls.aborted',
      (base, localAddress) => failToConnect(base, { localAddress, ca: world.root.certificate } as object),
    ],
    ...Object.entries({
      'two lengths': 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      'a length and chunks': 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'chunks of two kinds': 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'a bare line feed that hides a header': 'X-A: b\nAuthorization: Basic eDp5\r\nContent-Length: 0\r\n\r\n',
      'a bare carriage return': 'X-A: b\rAuthorization: Basic eDp5\r\nContent-Length: 0\r\n\r\n',
      'a folded header': 'Authorization: Basic\r\n eDp5\r\nContent-Length: 0\r\n\r\n',
      'a blank before the colon': 'Authorization : Basic eDp5\r\nContent-Length: 0\r\n\r\n',
      'a zero byte': 'X-A: \0\r\nContent-Length: 0\r\n\r\n',
    }).map(([name, rest]) => {
      const bytes = `POST /http/m/role HTTP/1.1\r\nHost: x\r\n${rest}`
      const speak = (base: string, localAddress: string) =>
        speakRaw(base, { localAddress, ca: world.ca } as object, bytes)
      return [name, 'transfer.malformed', speak] as const
    }),
  ]
  for (const [name, code, speak] of connections)
    it(`${name} is recorded as ${code}`, async () => {
      for (const base of [world.sluice.runtimeUrl, world.sluice.controlUrl]) {
        count++
        const from = newAddress()
        await speak(base, from)
        const record = await recordOf((each) => each.RemoteAddress === from, Date.now())
        assert.equal(problemOf(record, code, from), undefined)
      }
    })
})

describe('policies of the whole tenant', () => {
  const set = (body: object) => change(world.api, 'PUT', "InboundPolicies('tenant')", body)
  const row = (who: string, code: string, more: Partial<DoorRow> = {}): DoorRow => {
    const credential = world.good[who] ?? world.bad[who] ?? {}
    return { who, at: 'runtime', path: '/http/m/role', credential, code, ...more }
  }
  const ways = [
    'pinned, of a CA',
    'mapped to a user',
    'proxy, RFC 9440',
    'secret',
    'password',
    'certificate and secret',
    'nobody',
    'revoked',
    'names only',
  ]
  const phases: readonly (readonly [string, object, object, (who: string) => string])[] = [
    [
      'certificates only',
      { Methods: '["certificate"]' },
      { Methods: '["certificate","clientSecret","password","bearer"]' },
      (who) =>
        who === 'secret' ? 'policy.methodForbidden' : who === 'password' ? 'identity.passwordForbidden' : usual(who),
    ],
    [
      'another network',
      { Networks: '["192.0.2.0/24","127.0.0.1/32"]' },
      { Networks: '[]' },
      () => 'network.addressForbidden',
    ],
    [
      'certificates from outside',
      { CertificateOutside: '["10.0.0.0/8"]' },
      { CertificateOutside: 'null' },
      (who) => (['secret', 'password'].includes(who) ? 'policy.certificateNeeded' : usual(who)),
    ],
    ['no public roots', { PublicRoots: false }, { PublicRoots: true }, (who) => usual(who)],
    ['no pinned certificates', { PinOnRegistration: false }, { PinOnRegistration: true }, (who) => usual(who)],
  ]
  const usual = (who: string): string =>
    ({ nobody: 'identity.credentialMissing', revoked: 'certificate.revoked', 'names only': unknownCertificate })[who] ??
    ''
  const unknownCertificate = 'identity.certificateUnknown'
  for (const [name, policy, back, codeOf] of phases)
    it(name, async () => {
      // The administrator of this test calls from 127.0.0.1 and stays inside.
      await set(policy)
      try {
        await check(ways.map((who) => row(who, codeOf(who))))
        if (name === 'no pinned certificates') await check([row('pinned, self-signed', 'certificate.selfSigned')])
      } finally {
        await set(back)
      }
      await check(ways.map((who) => row(who, usual(who))))
    })

  it('the name of the server in the handshake', async () => {
    const { ca, good, sluice } = world
    await set({ ServerNameRequired: true })
    try {
      for (const [servername, status] of [
        ['', 421],
        ['localhost', 200],
      ] as const) {
        count++
        const tls = { servername, checkServerIdentity: () => undefined }
        const said = await callOnce(sluice.runtimeUrl, {
          ca,
          path: '/http/m/role',
          credential: good['secret'] ?? {},
          tls,
        })
        assert.equal(said.status, status)
        if (status === 421) {
          const record = await recordOf((each) => each.Reference === said.reference, Date.now())
          assert.equal(problemOf(record, 'tls.serverNameMissing', '127.0.0.1'), undefined)
        }
      }
    } finally {
      await set({ ServerNameRequired: false })
    }
  })

  for (const [scope, code, path] of [
    ['Client', 'rate.clientExceeded', '/http/m/role'],
    ['Tenant', 'rate.tenantExceeded', '/http/m/role'],
    ['Endpoint', 'rate.endpointExceeded', '/http/m/role'],
    ['', 'rate.endpointExceeded', '/http/m/rate'],
  ] as const)
    it(`a rate of ${scope || 'one address'}`, async () => {
      const refused: { readonly reference: string; readonly from: string }[] = []
      // The API counts as well: who watches would be held up.
      watcher.isPaused = scope !== ''
      if (scope) await set({ [`${scope}RatePerSecond`]: 1, [`${scope}RateBurst`]: 1 })
      try {
        for (const who of ['pinned, of a CA', 'secret', 'password', 'mapped to a user', 'proxy, SSL_CLIENT_CERT']) {
          count++
          const from = newAddress()
          const { ca, good, sluice } = world
          const call = () => callOnce(sluice.runtimeUrl, { ca, path, from, credential: good[who] ?? {} })
          const answers = [await call(), await call(), await call()]
          const held = answers.find(({ status }) => status === 429)
          assert.ok(held, `${who}: ${answers.map(({ status }) => status).join()}`)
          assert.match(String(held.headers['retry-after']), /^[1-9]\d*$/)
          refused.push({ reference: held.reference, from })
        }
      } finally {
        await wait(1_500)
        if (scope) await set({ [`${scope}RatePerSecond`]: 0, [`${scope}RateBurst`]: 0 })
        watcher.isPaused = false
      }
      for (const { reference, from } of refused) {
        const record = await recordOf((each) => each.Reference === reference, Date.now())
        assert.equal(problemOf(record, code, from), undefined)
      }
    })

  it('a user is locked after wrong passwords', async () => {
    await set({ LockAfter: 3 })
    try {
      const { basic } = world.good['password'] ?? {}
      const wrong = { basic: { user: basic?.user ?? '', password: 'guess' } }
      await check(
        Array.from({ length: 3 }, () => row('password wrong', 'identity.passwordWrong', { credential: wrong })).slice(
          0,
          1,
        ),
      )
      await check([row('password wrong', 'identity.passwordWrong', { credential: wrong })])
      // The wrong one that locks the user, and the right one after it.
      await check([row('password wrong', 'identity.userLocked', { credential: wrong })])
      await check([row('password', 'identity.userLocked')])
      await change(world.api, 'PUT', "Users('pat')", { Locked: false })
      await check([row('password', '')])
    } finally {
      await set({ LockAfter: 0 })
    }
  })
})

describe('what an administrator reads', () => {
  it('has no secret in it', () => {
    const text = JSON.stringify([...records.values()].map(({ record }) => record))
    assert.ok(world.secrets.length > 5)
    assert.deepEqual(
      world.secrets.filter((secret) => text.includes(secret)),
      [],
    )
    assert.ok(!world.secrets.some((secret) => world.sluice.output().includes(secret)))
  })

  it('is in the table of all refusals', () => {
    const seen = new Set([...records.values()].map(({ record }) => record.Code as string))
    const known = new Set(refusalTable.map(({ code }) => code))
    assert.deepEqual(
      [...seen].filter((code) => !known.has(code)),
      [],
    )
    console.log(
      `${count} rows, ${seen.size} of ${known.size} refusals; not here: ${[...known].filter((code) => !seen.has(code)).join(' ')}`,
    )
    assert.ok(count > 500)
  })
})
