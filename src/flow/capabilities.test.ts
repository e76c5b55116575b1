import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { bundleOf, mainProcess, messageEnd, messageStart, step } from '../../test/kit/bundle.ts'
import {
  capabilityDifference,
  capabilityGrowth,
  type CapabilityManifest,
  type CapabilityPolicy,
  decideCapabilities,
  fingerprintOf,
  inferCapabilities,
} from './capabilities.ts'
import type { Capability } from './capability.ts'

const catalog = { steps: [], senders: [], receivers: [] }

async function inferred(source: string): Promise<readonly string[]> {
  const processes = [mainProcess([messageStart(), step('Script', 'Script', { script: 'a.groovy' }), messageEnd()])]
  const bundle = await bundleOf({ id: 'Flow', processes, files: { 'a.groovy': source } })
  return inferCapabilities(bundle, catalog).capabilities.map(({ kind, name, where }) => `${kind} ${name} ${where}`)
}

describe('capabilities of a flow', () => {
  const cases: readonly [what: string, source: string, expected: readonly string[]][] = [
    [
      'a credential, and that its value is seen',
      `store.getUserCredential('box')`,
      ['credential box a.groovy:1', 'secretReading  a.groovy:1'],
    ],
    [
      'a credential that is drawn later',
      `store.getUserCredential(x)`,
      ['credential * a.groovy:1', 'secretReading  a.groovy:1'],
    ],
    [
      'value mappings',
      `// none\napi.getMappedValue('A', 's', value(1, 2), "B", 't')\napi.getMappedValue(a, 's', v, 'B', 't')`,
      ['valueMapping * a.groovy:3', 'valueMapping A/s > B/t a.groovy:2'],
    ],
    ['number ranges', `service.getNextValuefromNumberRange('Invoices', null)`, ['numberRange Invoices a.groovy:1']],
    [
      'the partner directory',
      `PartnerDirectoryService s\ns.getParameter('url', pid, String)\ns.getParameter(n, pid, String)`,
      ['partnerDirectory * a.groovy:3', 'partnerDirectory url a.groovy:2'],
    ],
    [
      'questions about partners',
      `PartnerDirectoryService s\ns.getPartnerIdOfAuthorizedUser(u)\ns.getAuthorizedUsers(p)`,
      ['partnerDirectory (partners) a.groovy:2'],
    ],
    [
      'methods that are handed around',
      `def map = api.&getMappedValue\nrange."getNextValuefromNumberRange"('Invoices')`,
      ['numberRange * a.groovy:2', 'valueMapping * a.groovy:1'],
    ],
    ['parameters of something else', `request.getParameter('url')`, []],
    [
      'hosts and ports',
      `new URL('https://API.example.com/x').openConnection()\ndef u = "http://b.example:8080/y"`,
      ['host api.example.com:443 a.groovy:1', 'host b.example:8080 a.groovy:2'],
    ],
    ['a host without a call of openConnection', `new URL("http://a.example/x").text`, ['host a.example:80 a.groovy:1']],
    ['a host of a literal that has methods', `'https://a.example/x'.toURL().text`, ['host a.example:443 a.groovy:1']],
    [
      'a host that stands although its path is drawn later',
      `new URL('https://a.example/' + id); new URL("https://b.example:1/\${id}"); "https://c.example/\${id}".toURL()`,
      ['host a.example:443 a.groovy:1', 'host b.example:1 a.groovy:1', 'host c.example:443 a.groovy:1'],
    ],
    [
      'the host that a number or a name in another case means',
      `new URL('http://2130706433/'); new URL('https://B\u00dcCHER.example/'); new URL('http://me:pw@[::1]:80/')`,
      ['host 127.0.0.1:80 a.groovy:1', 'host [::1]:80 a.groovy:1', 'host xn--bcher-kva.example:443 a.groovy:1'],
    ],
    ...[
      'new URL(address).text',
      `new URL('https://' + host)`,
      'new URL("https://${host}/x")',
      'new URL("https://api.${region}.example/x")',
      `new URL('https://api.' + name)`,
      'new URL(base, path)',
      'URL.newInstance(a).text',
      'address.toURL().text',
      '"https://${host}/x".toURL().text',
      '(address as URL).text',
      'URI.create(address).toURL()',
      'new java.net.URL(address).openConnection()',
      'message.services.http.request({ method, url })',
      'message.services.http.request({ url: `https://${host}/` })',
      'const { request } = message.services.http',
    ].map((source): [string, string, readonly string[]] => [`any host of ${source}`, source, ['host * a.groovy:1']]),
    [
      'a host of a request in JavaScript',
      `message.services.http.request({ url: 'https://a.example/x' }); http.request({ method: 'GET', url: \`https://b.example/\${id}\` })`,
      ['host a.example:443 a.groovy:1', 'host b.example:443 a.groovy:1'],
    ],
    ['names of namespaces that nobody calls', `def ns = 'http://www.w3.org/2001/XMLSchema'`, []],
    ['a literal that goes on', `service.getNextValue('a' + b)`, ['numberRange * a.groovy:1']],
  ]
  for (const [what, source, expected] of cases)
    it(`tell ${what}`, async () => {
      assert.deepEqual([...(await inferred(source))].sort(), [...expected].sort())
    })
})

const capability = (kind: Capability['kind'], name: string, basis: Capability['basis'] = 'script'): Capability => ({
  kind,
  name,
  basis,
  where: 'a.groovy:1',
})
const manifest = (...capabilities: readonly Capability[]): CapabilityManifest => ({ flowId: 'Flow', capabilities })
const names = (list: readonly Capability[]): readonly string[] => list.map(({ name }) => name)

describe('capabilities compared with those before', () => {
  it('tell what came and what went', () => {
    const before = manifest(capability('credential', 'a'), capability('host', 'x:443'))
    const after = manifest(capability('credential', 'a'), capability('credential', 'b'))
    const { added, removed } = capabilityDifference(before, after)
    assert.deepEqual([names(added), names(removed)], [['b'], ['x:443']])
    assert.deepEqual(names(capabilityDifference(undefined, after).added), ['a', 'b'])
  })

  const cases: readonly [what: string, before: Capability, after: Capability, grown: boolean][] = [
    ['a name that any covers', capability('credential', '*'), capability('credential', 'a'), false],
    ['any where there was a name', capability('credential', 'a'), capability('credential', '*'), true],
    ['a use of what a script could read', capability('key', 'a'), capability('key', 'a', 'model'), false],
    ['a reading of what was used unseen', capability('key', 'a', 'model'), capability('key', 'a'), true],
    ['any of another kind', capability('key', '*'), capability('credential', 'a'), true],
    ['the same from elsewhere', capability('host', 'x:1'), { ...capability('host', 'x:1'), where: 'b:2' }, false],
  ]
  for (const [what, before, after, grown] of cases)
    it(`${what} is ${grown ? '' : 'no '}growth`, () => {
      assert.equal(capabilityGrowth(manifest(before), manifest(after)).length > 0, grown)
    })
})

describe('the decision about capabilities', () => {
  const before = manifest(capability('credential', 'a'))
  const after = manifest(capability('credential', 'a'), capability('credential', 'b'))
  const own = fingerprintOf(after)
  const approval = (by: string, fingerprint = own) => ({ by, fingerprint, at: 1 })
  const decide = (policy: CapabilityPolicy, approvals: readonly ReturnType<typeof approval>[], to = after): string => {
    const made = decideCapabilities({ policy, before, after: to, deployedBy: 'dev', approvals })
    return made.allowed ? `allowed ${made.approvedBy.join()}`.trim() : `${made.wanting} ${names(made.growth).join()}`
  }
  const cases: readonly [
    policy: CapabilityPolicy,
    approvals: readonly ReturnType<typeof approval>[],
    expected: string,
  ][] = [
    ['allow', [], 'allowed'],
    ['approval', [], 'approval b'],
    ['approval', [approval('dev')], 'allowed dev'],
    ['approval', [approval('boss', fingerprintOf(before))], 'approval b'],
    ['fourEyes', [], 'approval b'],
    ['fourEyes', [approval('dev'), approval('DEV')], 'secondPerson b'],
    ['fourEyes', [approval('dev'), approval('boss')], 'allowed boss'],
    ['fourEyes', [approval('boss', fingerprintOf(before))], 'approval b'],
  ]
  for (const [policy, approvals, expected] of cases)
    it(`${policy} with ${approvals.map(({ by }) => by).join(' and ') || 'nobody'}: ${expected}`, () => {
      assert.equal(decide(policy, approvals), expected)
    })

  it('needs nobody where nothing grows', () => {
    assert.equal(decide('fourEyes', [], before), 'allowed')
  })
})
