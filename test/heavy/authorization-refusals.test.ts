/**
 * Whoever gets no token, or calls with one that does not count, is told the code of the RFC and a reference. The
 * administrator finds the failed check under it, with what was expected and found; and nothing that could be used.
 */
import assert from 'node:assert/strict'
import { type KeyObject, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { SignJWT } from 'jose'

import { claimsOf, encodedPart, headOf, referenceIn, whoAmI } from '../kit/authorization-world.ts'
import { createApiCaller } from '../kit/caller.ts'
import { filesBelow, ownFiles } from '../kit/secret-search.ts'
import { basicOf, createTokenClient, type HttpAnswer, type TokenClient } from '../kit/token-client.ts'
import {
  byExchange,
  byJwt,
  byPassword,
  bySaml,
  openTokenRequests,
  type Refused,
  refusedClients,
  refusedGrants,
  stranger,
  type TokenRequests,
} from '../kit/token-request-rows.ts'

let given: TokenRequests
let client: TokenClient
before(async () => {
  given = await openTokenRequests()
  client = given.world.client
})
after(() => given?.world.dispose())

const callUrl = () => given.world.sluice.runtimeUrl + whoAmI
const clientToken = () => given.tokenBy({ grant_type: 'client_credentials' })

interface Row {
  readonly name: string
  readonly answer: HttpAnswer
  readonly expected: Refused
}

/** What is wrong with what callers were told, and with the records under their references. */
async function flawsOf(rows: readonly Row[]): Promise<readonly string[]> {
  await wait(1_500)
  const { sluice, say } = given.world
  const api = createApiCaller(sluice)
  const wrong: string[] = []
  try {
    for (const { name, answer, expected } of rows) {
      const [status, error, code, check = ''] = expected
      const reference = referenceIn(answer.text)
      const record = reference === '' ? {} : await api.read(`InboundRefusals('${reference}')`)
      const found = [answer.status, answer.json?.error, record.Code]
      if (JSON.stringify(found) !== JSON.stringify([status, error, code]))
        wrong.push(`${name}: ${JSON.stringify(found)}, not ${JSON.stringify([status, error, code])}: ${record.Reason}`)
      if (!record.Reason || !record.Remedy) wrong.push(`${name}: no words: ${answer.text}`)
      if (!`${record.Reason}`.includes(check)) wrong.push(`${name}: not ${check}, but ${record.Reason}`)
      if (code === 'oauth.assertion' && !/expected .+, found .+/s.test(record.Reason))
        wrong.push(`${name}: not what was expected and found: ${record.Reason}`)
      const shown = JSON.stringify(record) + (await say(['refusals', '--reference', reference])) + answer.text
      const held = [...given.hidden].filter((secret) => shown.includes(secret))
      if (held.length > 0) wrong.push(`${name}: told or recorded is ${held.join(' ')}`)
      const told = Object.keys(answer.json ?? {}).filter(
        (each) => !/^(?:error|error_description|reference)$/.test(each),
      )
      if (told.length > 0 || /expected|signature|digest|audience/i.test(answer.text))
        wrong.push(`${name}: the caller was told ${answer.text}`)
    }
  } finally {
    api.close()
  }
  return wrong
}

describe('a token request that is refused', () => {
  it('has a good twin for each grant', async () => {
    const { tokenBy, saml, jwt } = given
    await clientToken()
    await tokenBy(bySaml(saml()))
    await tokenBy(byJwt(await jwt()))
    await tokenBy(byExchange(await tokenBy(byPassword)))
  })

  it('leaves a record', async () => {
    const { key } = given
    const rows: Row[] = []
    for (const [name, [make, expected]] of Object.entries(refusedGrants(given)))
      rows.push({ name, expected, answer: await client.post(key.tokenurl, await make(), key) })
    for (const [name, [ask, expected]] of Object.entries(refusedClients(given)))
      rows.push({ name, expected, answer: await ask() })
    assert.ok(rows.length > 35)
    assert.deepEqual(await flawsOf(rows), [])
  })
})

describe('a call with a token that does not count', () => {
  const by = (signer: KeyObject, token: string, header: object = {}) =>
    new SignJWT(claimsOf(token)).setProtectedHeader({ ...headOf(token), alg: 'ES256', ...header }).sign(signer)

  /** 64 bytes leave four bits over in base64url, which a lax reader drops. */
  function otherBits(token: string): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return token.slice(0, -1) + letters[letters.indexOf(token.at(-1) ?? '') | 1]
  }

  const bad: Readonly<Record<string, readonly [(token: string) => string | Promise<string>, string, string?]>> = {
    'no token at all': [() => randomUUID(), 'token.malformed'],
    'two parts': [(token) => token.split('.').slice(0, 2).join('.'), 'token.malformed'],
    'an assertion': [() => given.jwt({ header: { typ: 'JWT' } }), 'token.keyUnknown', 'login-1'],
    'the algorithm none': [
      (token) => `${encodedPart({ ...headOf(token), alg: 'none' })}.${token.split('.')[1]}.AAAA`,
      'token.algorithm',
      'ES256',
    ],
    'another type': [(token) => by(stranger.privateKey, token, { typ: 'at+jwt' }), 'token.type', 'at+jwt'],
    'an unknown key': [(token) => by(stranger.privateKey, token, { kid: 'k-nobody' }), 'token.keyUnknown', 'k-nobody'],
    'a signature of another key': [(token) => by(stranger.privateKey, token), 'token.signature'],
    'a changed claim': [
      (token) => {
        const [head, , signature] = token.split('.')
        return `${head}.${encodedPart({ ...claimsOf(token), scope: ['Everything'] })}.${signature}`
      },
      'token.signature',
    ],
    padding: [(token) => `${token}=`, 'token.malformed'],
    'one bit more in the signature': [(token) => otherBits(token), 'token.malformed'],
  }

  for (const where of ['flow', 'API'] as const)
    it(`leaves a record at a ${where}`, async () => {
      const { world, hide } = given
      const token = await clientToken()
      const url = where === 'flow' ? callUrl() : `${world.sluice.controlUrl}/api/v1/IntegrationPackages`
      const rows: Row[] = []
      for (const [name, [make, code, check]] of Object.entries(bad)) {
        const answer = await client.bearer(url, hide(await make(token)))
        assert.match(String(answer.headers['www-authenticate']), /^Bearer .*error="invalid_token"/, name)
        rows.push({ name, answer, expected: [401, answer.json.error, code, check ?? ''] })
      }
      assert.deepEqual(await flawsOf(rows), [])
    })
})

describe('a token', () => {
  it('counts under any spelling of its scheme', async () => {
    const headers = { authorization: `bEARER ${await clientToken()}` }
    assert.equal((await client.ask(callUrl(), { headers })).status, 200)
  })

  it('counts in the header alone, where no log and no history keeps it', async () => {
    const token = await clientToken()
    assert.equal((await client.ask(`${callUrl()}?access_token=${token}`)).status, 401)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await client.ask(callUrl(), { headers, body: `access_token=${token}` })).status, 401)
  })

  it('does not count beside another credential, or twice', async () => {
    const { key, world } = given
    const { sluice, say } = world
    const token = await clientToken()
    for (const value of [`Bearer ${token}, ${basicOf(key)}`, `Bearer ${token} ${token}`, `Bearer ${token},${token}`])
      assert.equal((await client.ask(callUrl(), { headers: { authorization: value } })).status, 401)
    const pem = (name: string) => readFileSync(sluice.file(name), 'utf8')
    const other = createTokenClient({ ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') })
    try {
      const answer = await other.bearer(callUrl(), token)
      assert.equal(answer.status, 401)
      await wait(1_500)
      assert.match(await say(['refusals', '--reference', referenceIn(answer.text)]), /identity\.contradictory/)
    } finally {
      other.close()
    }
  })
})

describe('what was refused', () => {
  it('stands nowhere else either: in no file of the installation, and in nothing that it printed', () => {
    const { hidden, world } = given
    const { folder, output } = world.sluice
    assert.ok(hidden.size > 500)
    const places = [...filesBelow(folder, ownFiles), ['output', Buffer.from(output())] as const]
    const found = places.filter(([, content]) => [...hidden].some((secret) => content.includes(secret)))
    assert.deepEqual(
      found.map(([name]) => name),
      [],
    )
  })
})
