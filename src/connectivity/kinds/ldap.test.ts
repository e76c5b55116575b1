import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { contextWith, plainServer, runTest } from '../../../test/kit/connectivity.ts'

const password = 'ldap-geheim-1'
const context = contextWith({ userCredential: () => Promise.resolve({ user: 'cn=admin', password }) })

/** Answers each request with a result code (RFC 4511, 4.1.9): tag of the answer by tag of the request. */
const answerOf: Readonly<Record<number, number>> = { 0x60: 0x61, 0x63: 0x65, 0x77: 0x78 }
function directory(codes: Readonly<Record<number, number>>, words = '') {
  return plainServer((socket) =>
    socket.on('data', (request: Buffer) => {
      // A request of these tests is one packet: 30 len, 02 01 id, tag.
      const at = (request[1] ?? 0) >= 0x80 ? 2 + ((request[1] ?? 0) & 0x7f) : 2
      const tag = request[at + 3] ?? 0
      const answer = answerOf[tag]
      if (answer === undefined) {
        socket.end()
        return
      }
      const text = Buffer.from(words)
      const result = Buffer.concat([Buffer.from([0x0a, 1, codes[tag] ?? 0, 4, 0, 4, text.length]), text])
      const operation = Buffer.concat([Buffer.from([2, 1, request[at + 2] ?? 0, answer, result.length]), result])
      socket.write(Buffer.concat([Buffer.from([0x30, operation.length]), operation]))
    }),
  )
}

describe('the LDAP test', () => {
  const simple = { protection: 'off', authentication: 'simple', credentialName: 'x' }
  it('binds and reads the root', async () => {
    await using server = await directory({})
    const result = await runTest('ldap', { host: 'localhost', port: `${server.port}`, ...simple }, context)
    assert.equal(result.problem, undefined)
    assert.equal(result.steps.at(-1)?.detail, 'it tells nothing about itself')
  })

  const bind = 0x60
  const search = 0x63
  const extended = 0x77
  const failures: readonly (readonly [
    string,
    Readonly<Record<number, number>>,
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    ['a bind that is refused', { [bind]: 49 }, simple, 'authenticationRefused'],
    ['a bind that must be encrypted', { [bind]: 13 }, simple, 'authenticationMethodMissing'],
    ['a root that is not shown', { [search]: 50 }, simple, 'requestRefused'],
    ['StartTLS that is not known', { [extended]: 2 }, { protection: 'starttls_mandatory' }, 'starttlsNotOffered'],
    ['StartTLS that is refused', { [extended]: 52 }, { protection: 'starttls_mandatory' }, 'starttlsRefused'],
  ]
  for (const [what, codes, more, code] of failures)
    it(`names ${what}`, async () => {
      await using server = await directory(codes, `said of ${password}`)
      const result = await runTest('ldap', { host: 'localhost', port: `${server.port}`, ...more }, context)
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result))
      if (more === simple) assert.ok(!JSON.stringify(result).includes(password))
    })
})
