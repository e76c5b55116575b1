import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { newTestApi } from '../../test/kit/api.ts'
import { selfSigned } from '../../test/kit/authority.ts'
import { flowBundle, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import { readBundle, signaturePath, signBundle } from '../flow/index.ts'
import { readZip, writeZip } from '../formats/index.ts'
import { faults as scriptFaults } from '../scripts/faults.ts'

const publisher = await selfSigned({ subject: 'CN=Publisher' })
const fingerprint = new X509Certificate(publisher.chain).fingerprint256.replaceAll(':', '').toLowerCase()
const Publishers = JSON.stringify([publisher.chain])

describe('what the policy of the tenant asks of bundles', () => {
  let api: Awaited<ReturnType<typeof newTestApi>>
  beforeEach(async () => {
    api = await newTestApi()
  })
  afterEach(() => api.dispose())

  const set = (body: object, roles?: readonly string[]) =>
    api.ask("PUT /InboundPolicies('tenant')", { body, ...(roles && { roles }) })
  const policy = async () =>
    (await api.read('GET /InboundPolicies')).results.find(
      ({ Address }: { Address: string }) => Address === 'tenant',
    ) as Record<string, unknown>

  const settings = [
    { LintStop: '["error","print"]' },
    { Publishers },
    { RequireSignature: false },
    { ScriptNetworks: '["127.0.0.0/8"]' },
  ]
  for (const body of settings)
    it(`${Object.keys(body)[0]} is changed only by somebody who could approve, and is shown`, async () => {
      assert.equal((await set(body, ['SecurityMaterialEdit'])).status, 403)
      assert.equal((await set(body, ['FlowCapabilitiesApprove'])).status, 403)
      assert.equal((await set(body, ['SecurityMaterialEdit', 'FlowCapabilitiesApprove'])).status, 204)
      const [name = '', value] = Object.entries(body)[0] ?? []
      assert.equal((await policy())[name], value)
    })

  it('Groovy needs no approver', async () => {
    assert.equal((await set({ Groovy: '4' }, ['SecurityMaterialEdit'])).status, 204)
    assert.equal((await policy())['Groovy'], '4')
  })

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ['a rule that there is not', { LintStop: '["print","nosuch"]' }, /There are no rules for scripts named nosuch/],
    ['a signature by nobody', { RequireSignature: true }, /requireSignature needs publishers/],
    ['no certificate', { Publishers: '["x"]' }, /publishers has what is no certificate/],
    ['a list that is none', { ScriptNetworks: '"127.0.0.1"' }, /ScriptNetworks/],
    ['a Groovy that there is not', { Groovy: '3' }, /groovy: '3' is none of/],
  ]
  for (const [what, body, words] of refused)
    it(`${what} is refused, and nothing is changed`, async () => {
      const before = await policy()
      const answer = await set(body)
      assert.equal(Math.floor(answer.status / 100), 4)
      assert.match(String(answer.body), words)
      assert.deepEqual(await policy(), before)
    })

  it('a Groovy that is not installed is refused when it is set', async () => {
    await api.dispose()
    api = await newTestApi({
      checkPolicy: async ({ groovy }) => {
        if (groovy === '2.4') throw scriptFaults.groovyMissing({ wanted: groovy })
      },
    })
    const answer = await set({ Groovy: '2.4' })
    assert.match(String(answer.body), /need Groovy 2\.4, and none was found/)
    assert.equal((await policy())['Groovy'], 'auto')
  })

  it('holds for no single address', async () => {
    const answer = await api.ask('POST /InboundPolicies', { body: { Address: '/http/a', LintStop: '["print"]' } })
    assert.match(String(answer.body), /it holds for the whole tenant/)
  })

  it('publishers stand in the audit log by name and fingerprint', async () => {
    await set({ Publishers })
    const { results } = await api.read("GET /AuditLogEntries?$filter=ObjectType eq 'Tenant Policy'")
    const [{ ChangedAttributes }] = results as [{ ChangedAttributes: string }]
    assert.match(ChangedAttributes, new RegExp(`CN=Publisher \\(${fingerprint}\\)`))
    assert.doesNotMatch(ChangedAttributes, /BEGIN/)
  })

  it('who signed what is deployed is shown', async () => {
    const plain = await flowBundle({ id: 'Orders', processes: [mainProcess([messageStart(), messageEnd()])] })
    const key = { privateKey: createPrivateKey(publisher.key), certificates: [publisher.chain] }
    const signature = await signBundle(await readBundle(plain), key, Date.UTC(2026, 0, 1))
    const body = await writeZip(new Map([...(await readZip(plain)), [signaturePath, signature]]))
    const headers = { 'content-type': 'application/zip' }
    assert.equal((await api.ask('POST /IntegrationRuntimeArtifacts', { body, headers })).status, 202)
    const shown = async () => {
      const { Status, Signer, Fingerprint, Reason } = await api.read("GET /BundleSignatures('Orders')")
      return [Status, Signer, Fingerprint, Reason]
    }
    const at = new Date(new X509Certificate(publisher.chain).validFrom).getTime()
    api.time.now = at + 1000
    assert.deepEqual(await shown(), ['untrusted', 'CN=Publisher', fingerprint, 'its signer is no trusted publisher'])
    await set({ Publishers })
    assert.deepEqual(await shown(), ['valid', 'CN=Publisher', fingerprint, null])
    assert.equal((await api.read('GET /BundleSignatures')).results.length, 1)
    assert.equal((await api.ask("GET /BundleSignatures('Other')")).status, 404)
    assert.equal((await api.ask('GET /BundleSignatures', { roles: ['UsersRead'] })).status, 403)
  })
})
