import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { contextWith, plainServer } from '../../test/kit/connectivity.ts'
import { declaredFaults, systemClock } from '../base/index.ts'
import { describeFields } from '../fields/index.ts'
import { connectivityTests } from './connectivity-tests.ts'
import type { TestAudit } from './contracts.ts'
import { createConnectivity } from './create-connectivity.ts'
import { createReach } from './reach.ts'
import { createTestGate } from './test-gate.ts'

function connectivity(limits = { perMinute: 100, concurrent: 10 }, audit?: () => Promise<void>) {
  const entries: TestAudit[] = []
  const gate = createTestGate({ clock: systemClock, ...limits })
  const keep = (entry: TestAudit): Promise<void> => Promise.resolve(void entries.push(entry))
  const { run } = createConnectivity({ context: contextWith(), gate, audit: audit ?? keep })
  return { run, entries }
}

describe('tests as an audited act', () => {
  it('notes who tested what, and how it ended', async () => {
    await using server = await plainServer((socket) => socket.destroy())
    const { run, entries } = connectivity()
    const inputs = { host: '127.0.0.1', port: `${server.port}` }
    await run({ who: 'anna', kind: 'tls', inputs })
    await run({ who: 'bert', kind: 'oidc', inputs: { issuer: 'https://169.254.169.254/x?secret=1' } })
    assert.deepEqual(entries, [
      { who: 'anna', kind: 'tls', host: '127.0.0.1', port: server.port, outcome: 'connectivity.connectionBroken' },
      { who: 'bert', kind: 'oidc', host: '169.254.169.254', port: 443, outcome: 'connectivity.addressNotPermitted' },
    ])
  })

  it('notes what was refused before it began, without the inputs', async () => {
    const { run, entries } = connectivity({ perMinute: 0, concurrent: 1 })
    const refusals: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
      ['telnet', {}, 'connectivity.kindUnknown'],
      ['tls', { host: 'a b', port: '70000', password: 'geheim' }, 'connectivity.inputInvalid'],
      ['tls', { host: 'a.example' }, 'connectivity.tooManyTests'],
    ]
    for (const [kind, inputs, code] of refusals) {
      await assert.rejects(run({ who: 'anna', kind, inputs }), { code })
      assert.equal(entries.at(-1)?.outcome, code)
    }
    assert.deepEqual(
      entries.map(({ host }) => host),
      ['', '', 'a.example'],
    )
  })

  it('names all problems of the inputs at once, and none of their values that are secret', async () => {
    const { run } = connectivity()
    const inputs = { host: 'https://x', port: '0', password: 'geheim' }
    await assert.rejects(run({ who: 'anna', kind: 'tls', inputs }), (fault: Error) => {
      for (const field of ['host', 'port', 'password']) assert.ok(fault.message.includes(`'${field}'`), field)
      return !fault.message.includes('geheim')
    })
  })

  it('gives no result when it cannot be audited', async () => {
    const { run } = connectivity(undefined, () => Promise.reject(new Error('the audit log is full')))
    await assert.rejects(
      run({ who: 'anna', kind: 'tls', inputs: { host: '127.0.0.1', port: '1' } }),
      /audit log is full/,
    )
  })

  it('lets the next one in when a test has ended', async () => {
    const { run } = connectivity({ perMinute: 100, concurrent: 1 })
    const asked = { who: 'anna', kind: 'tls', inputs: { host: '127.0.0.1', port: '1' } }
    const [first, second] = await Promise.allSettled([run(asked), run(asked)])
    assert.equal(first.status, 'fulfilled')
    assert.equal(second.status === 'rejected' && (second.reason as { code: string }).code, 'connectivity.tooManyAtOnce')
    assert.equal((await run(asked)).problem?.code, 'connectivity.connectionRefused')
  })

  it('ends a test whose asker has gone', async () => {
    await using server = await plainServer(() => {})
    const inputs = { host: '127.0.0.1', port: `${server.port}` }
    const result = await connectivity().run({ who: 'anna', kind: 'tls', inputs, signal: AbortSignal.timeout(50) })
    assert.equal(result.problem?.code, 'connectivity.cancelled')
  })
})

describe('the list of tests', () => {
  it('names every kind once, with words for each input', () => {
    const kinds = connectivityTests.map(({ kind }) => kind)
    const all = ['tls', 'http', 'ssh', 'smtp', 'imap', 'pop3', 'ftp', 'amqp', 'kafka', 'ldap', 'oidc', 'saml']
    assert.deepEqual(kinds, all)
    for (const { kind, fields, label, help } of connectivityTests) {
      assert.ok(label !== '' && help.endsWith('.'), kind)
      for (const { name, label: words, help: more } of describeFields(fields)) {
        assert.ok(words !== '' && more.endsWith('.'), `${kind} ${name}`)
      }
    }
  })

  it('has no kind that reaches this machine unless it is allowed', async () => {
    await using server = await plainServer(() => assert.fail('it was reached'))
    const context = contextWith({
      mayReach: createReach({ allowed: [] }),
      userCredential: () => Promise.resolve({ user: 'u', password: 'geheim' }),
    })
    const { run } = createConnectivity({
      context,
      gate: createTestGate({ clock: systemClock, perMinute: 100, concurrent: 1 }),
      audit: () => Promise.resolve(),
    })
    for (const { kind, fields } of connectivityTests) {
      const address = `http://localhost:${server.port}/`
      const inputs: Record<string, string> = {
        host: 'localhost',
        port: `${server.port}`,
        url: address,
        issuer: address,
      }
      inputs['credentialName'] = 'x'
      const known = Object.entries(inputs).filter(([name]) => name in fields)
      const { problem } = await run({ who: 'anna', kind, inputs: Object.fromEntries(known) })
      assert.equal(problem?.code, 'connectivity.addressNotPermitted', kind)
    }
  })

  it('declares its faults', () => {
    assert.ok(declaredFaults().filter(({ code }) => code.startsWith('connectivity.')).length > 40)
  })
})
