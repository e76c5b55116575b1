import assert from 'node:assert/strict'
import { it } from 'node:test'

import { bundle, flowFacts, testRun } from '../../test/kit/step.ts'
import type { Bundle, Run } from '../flow/index.ts'
import { createGrants } from './flow-grants.ts'
import { guardSecrets, type SecretRead, type SecretSources } from './secret-access.ts'

const scripts = (source: string): Bundle => ({
  ...bundle(),
  files: new Map([['src/main/resources/script/a.groovy', Buffer.from(source)]]),
})

function permitsOf(source: string) {
  const flow = flowFacts()
  const grants = createGrants({
    catalog: { steps: [], receivers: [], senders: [] },
    collection: () => undefined,
    extraGrants: undefined,
  })
  grants.add(flow, scripts(source), { deployedBy: 'dev', deployedAt: 1 })
  const reads: SecretRead[] = []
  const { permits } = guardSecrets({
    sources: {} as SecretSources,
    mayHave: () => false,
    mayCall: grants.mayCall,
    secretRead: (read) => reads.push(read),
  })
  const run: Run = testRun({ messageId: 'm', flow })
  return {
    reads,
    permit: (kind: 'valueMapping' | 'numberRange' | 'partnerDirectory' | 'host', name: string) =>
      permits.permit({ kind, name }, run),
  }
}

it('scripts may call what they name, and are told what is missing', () => {
  const { permit, reads } = permitsOf(
    `PartnerDirectoryService p\np.getParameter('url', id, String)\nr.getNextValuefromNumberRange('Invoices', null)`,
  )
  permit('partnerDirectory', 'url')
  permit('numberRange', 'Invoices')
  assert.deepEqual(reads, [])
  assert.throws(() => permit('numberRange', 'Orders'), {
    code: 'runtime.capabilityMissing',
    message: /may not use the number range 'Orders'/,
  })
  assert.throws(() => permit('partnerDirectory', '(partners)'), { code: 'runtime.capabilityMissing' })
  assert.throws(() => permit('valueMapping', 'A/s > B/t'), { code: 'runtime.capabilityMissing' })
  assert.deepEqual(
    reads.map(({ kind, alias, granted }) => [kind, alias, granted]),
    [
      ['numberRange', 'Orders', false],
      ['partnerDirectory', '(partners)', false],
      ['valueMapping', 'A/s > B/t', false],
    ],
  )
})

it('scripts whose names are drawn when a message runs may call all of that kind', () => {
  const { permit } = permitsOf(`api.getMappedValue(a, s, v, b, t)`)
  permit('valueMapping', 'A/s > B/t')
  assert.throws(() => permit('numberRange', 'Invoices'), { code: 'runtime.capabilityMissing' })
})

it('scripts may call the hosts whose URLs they hold, at their ports', () => {
  const { permit, reads } = permitsOf(`new URL('https://api.example.com/' + id).text; new URL("http://b.example:8080")`)
  permit('host', 'api.example.com:443')
  permit('host', 'b.example:8080')
  for (const name of ['api.example.com:80', 'b.example:80', 'example.com:443'])
    assert.throws(() => permit('host', name), { code: 'runtime.capabilityMissing', message: /may not use the host/ })
  assert.deepEqual(
    reads.map(({ kind, granted }) => [kind, granted]),
    [1, 2, 3].map(() => ['host', false]),
  )
})

it('scripts whose URLs are drawn when a message runs may call any host', () => {
  const { permit } = permitsOf(`new URL(address).text`)
  permit('host', 'api.example.com:443')
})
