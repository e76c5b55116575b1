import assert from 'node:assert/strict'
import { it } from 'node:test'

import { bundle, channel, flowFacts } from '../../test/kit/step.ts'
import { receivers, senders } from '../adapters/index.ts'
import type { ExtraGrants, Grant } from '../flow/index.ts'
import { steps } from '../steps/index.ts'
import { createGrants } from './flow-grants.ts'

const nothing: ExtraGrants = { added: [], removed: [] }

function grantsWith(properties: Readonly<Record<string, string>>, extra: ExtraGrants) {
  const flow = flowFacts()
  const grants = createGrants({
    catalog: { steps, receivers, senders },
    collection: () => undefined,
    extraGrants: () => extra,
  })
  const all = { ComponentType: 'HTTP', direction: 'Receiver', ...properties }
  const channels = [channel({ properties: new Map(Object.entries(all)) })]
  grants.add(flow, bundle({ channels }), { deployedBy: 'ann', deployedAt: 1 })
  return (kind: 'credential' | 'key' | 'impersonation', alias: string, implied?: true) =>
    grants.mayHave(flow, { kind, alias, use: 'use', ...(implied && { implied }) })
}

it('a channel gets the credential and the key that it names, and impersonates nobody', () => {
  const may = grantsWith({ credentialName: 'Client', privateKeyAlias: 'pair', authenticationUser: 'boss' }, nothing)
  assert.deepEqual([may('credential', 'Client'), may('credential', 'Other')], [true, false])
  assert.deepEqual([may('key', 'pair'), may('key', 'other')], [true, false])
  assert.deepEqual([may('impersonation', 'Client'), may('impersonation', 'pair')], [false, false])
})

it('a person grants impersonation, with one credential or with all', () => {
  const grant = (alias: string): Grant => ({
    flowId: 'TestFlow',
    kind: 'impersonation',
    alias,
    basis: 'administrator',
    where: '',
    by: 'ann',
    at: 1,
  })
  const one = grantsWith({}, { added: [grant('Client')], removed: [] })
  assert.deepEqual([one('impersonation', 'Client'), one('impersonation', 'Other')], [true, false])
  assert.equal(grantsWith({}, { added: [grant('*')], removed: [] })('impersonation', 'Other'), true)
})

it('what is implied is granted until a person takes it away', () => {
  const alias = 'sap_cloudintegrationcertificate'
  assert.equal(grantsWith({}, nothing)('key', alias, true), true)
  assert.equal(grantsWith({}, { added: [], removed: [{ kind: 'key', alias }] })('key', alias, true), false)
})
