import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import {
  bundleOf,
  mainProcess,
  messageEnd,
  messageStart,
  modifierRow,
  receiverChannel,
  step,
} from '../../test/kit/bundle.ts'
import { receivers, senders } from '../adapters/index.ts'
import { steps } from '../steps/index.ts'
import { allows, effectiveGrants, type Grant, inferGrants } from './index.ts'

const catalog = { steps, receivers, senders }

const scripts = (files: Readonly<Record<string, string>>, id = 'Orders') => bundleOf({ id, processes: [], files })

const keystore = 'import com.sap.it.api.keystore.KeystoreService\n'

describe('grants that scripts ask for', () => {
  for (const [code, ...expected] of [
    [`service.getUserCredential("box")`, 'credential box'],
    [`service.getUserCredential('a b-c_d')`, 'credential a b-c_d'],
    [`service.getUserCredential 'box'`, 'credential box'],
    [`service.getAccesTokenForOauth2AuthorizationCodeCredential('mail')`, 'credential mail'],
    [`service.getAccesTokenForOauth2ClientCredential(name)`, 'credential *'],
    [`service?.getUserCredential(\n  'box'\n)`, 'credential box'],
    [`service.getUserCredential('box'\n + name)`, 'credential *'],
    [`service.getUserCredential( 'box' ).getPassword()`, 'credential box'],
    [`def name = 'box'\nservice.getUserCredential(name)`, 'credential box'],
    [`String name = "box";\nservice.getUserCredential(name)`, 'credential box'],
    [`var name = 'box';\nservice.getUserCredential(name);`, 'credential box'],
    [`def name = 'box'\nname = message.getProperty('n')\nservice.getUserCredential(name)`, 'credential *'],
    [`def name = 'box'\nname += 'x'\nservice.getUserCredential(name)`, 'credential *'],
    [`def name = 'box' + x\nservice.getUserCredential(name)`, 'credential *'],
    [`def name = 'box'\ndef f(name) { service.getUserCredential(name) }`, 'credential *'],
    [`def name = 'box'\n[1].each { name -> service.getUserCredential(name) }`, 'credential *'],
    [`def name = 'box'\nfor (name in names) service.getUserCredential(name)`, 'credential *'],
    [`service.getUserCredential(message.getProperty('name'))`, 'credential *'],
    [`service.getUserCredential("box$n")`, 'credential *'],
    [`service.getUserCredential("box" + n)`, 'credential *'],
    [
      `service.getUserCredential('a'); service.getUserCredential(x); service.getUserCredential('a')`,
      'credential a',
      'credential *',
    ],
    [`// service.getUserCredential('old')\n/* getUserCredential('older') */`],
    [`def u = 'http://x' // service.getUserCredential('old')\nservice.getUserCredential('new')`, 'credential new'],
    [`map.entrySet().each { it.getKey() }; json.getKey('x')`],
    [`${keystore}service.getKey('k'); service.getCertificate("c"); entry.getKey()`, 'key k', 'key c'],
    [`${keystore}service.getCertificateChain(c); service.getKeyManagers('m')`, 'key *', 'key m'],
  ] as const) {
    it(`of ${JSON.stringify(code)}: ${expected.join(', ') || 'none'}`, async () => {
      const grants = inferGrants(await scripts({ 'a.groovy': code }), catalog)
      assert.deepEqual(
        grants.map(({ kind, alias }) => `${kind} ${alias}`),
        expected,
      )
      assert.ok(grants.every(({ basis, flowId }) => basis === 'script' && flowId === 'Orders'))
    })
  }

  it('name the place, also in a script collection', async () => {
    const collection = await scripts({ 'shared.groovy': `\n\nx.getUserCredential('theirs')` }, 'Shared')
    const grants = inferGrants(await scripts({ 'own.js': `x.getUserCredential('mine')` }), catalog, [collection])
    assert.deepEqual(
      grants.map(({ flowId, alias, where }) => [flowId, alias, where]),
      [
        ['Orders', 'mine', 'own.js:1'],
        ['Orders', 'theirs', 'Shared/shared.groovy:3'],
      ],
    )
  })
})

describe('grants of an alias that a script takes from an exchange property', () => {
  const reading = `def map = message.getProperties()\nservice.getUserCredential(map.get('Box'))`
  const flow = (code: string, row: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) =>
    bundleOf({
      id: 'Orders',
      parameters: { Alias: 'from-parameter' },
      processes: [mainProcess([messageStart(), step('Set', 'Enricher', { propertyTable: [row] }), messageEnd()])],
      files: { 'a.groovy': code, ...more },
    })

  for (const [what, code, row, expected, more] of [
    ['a constant', reading, modifierRow('Box', 'constant', 'box'), 'box'],
    ['a parameter', reading, modifierRow('Box', 'constant', '{{Alias}}'), 'from-parameter'],
    [
      'a property by name',
      `def a = message.getProperty("Box")\nx.getUserCredential(a)`,
      modifierRow('Box', 'constant', 'box'),
      'box',
    ],
    [
      'a String of it',
      `String a = new String (map.get('Box'));\nx.getUserCredential(a)`,
      modifierRow('Box', 'constant', 'box'),
      'box',
    ],
    ['an expression', reading, modifierRow('Box', 'expression', '${header.box}'), '*'],
    ['a part', `x.getUserCredential(message.getProperty('Box') + '_X')`, modifierRow('Box', 'constant', 'box'), '*'],
    ['nothing', reading, modifierRow('Other', 'constant', 'box'), '*'],
    ['a name made later', reading, modifierRow('${header.n}', 'constant', 'box'), '*'],
    [
      'a header',
      `def map = message.getHeaders()\nx.getUserCredential(map.get('Box'))`,
      modifierRow('Box', 'constant', 'box'),
      '*',
    ],
    [
      'a property that a script writes',
      reading,
      modifierRow('Box', 'constant', 'box'),
      '*',
      { 'b.groovy': `message.setProperty('Box', y)` },
    ],
    [
      'a property that a script may write',
      reading,
      modifierRow('Box', 'constant', 'box'),
      '*',
      { 'b.groovy': `message.setProperty(n, y)` },
    ],
  ] as const) {
    it(`of ${what}: ${expected}`, async () => {
      const grants = inferGrants(await flow(code, row, more), catalog)
      assert.deepEqual(
        grants.map(({ alias }) => alias),
        [expected],
      )
    })
  }
})

describe('scripts of nonsense', () => {
  for (const [what, unit] of [
    ['comments that do not end', '/*'],
    ['escaped quotes', `\\'`],
    ['quotes', `'`],
    ['braces', '{ a '],
    ['calls', 'getUserCredential(a '],
    ['parentheses', 'a('],
    ['blanks', ' '.repeat(50)],
  ] as const) {
    it(`are read fast: ${what}`, async () => {
      const code = `x.getUserCredential(a)\n${unit.repeat(200_000 / unit.length)}\na = 'b'`
      const bundle = await scripts({ 'a.groovy': code })
      const start = performance.now()
      inferGrants(bundle, catalog)
      assert.ok(performance.now() - start < 3_000)
    })
  }
})

describe('grants that the model asks for', () => {
  const flow = (credentialName: string) =>
    bundleOf({
      id: 'Orders',
      parameters: { Box: 'from-parameter' },
      channels: [receiverChannel('HTTP', 'Call', { authenticationMethod: 'Basic', credentialName })],
      processes: [mainProcess([messageStart(), step('Call', 'ExternalCall'), messageEnd()])],
    })

  for (const [credentialName, expected] of [
    ['box', ['box']],
    ['{{Box}}', ['from-parameter']],
    ['${header.box}', ['*']],
    ['', []],
  ] as const) {
    it(`by the alias '${credentialName}'`, async () => {
      const grants = inferGrants(await flow(credentialName), catalog)
      assert.deepEqual(
        grants.map(({ alias }) => alias),
        expected,
      )
      assert.ok(grants.every(({ basis, kind, where }) => basis === 'model' && kind === 'credential' && where !== ''))
    })
  }
})

describe('a grant', () => {
  const grant = (alias: string, basis: Grant['basis'] = 'script', kind: Grant['kind'] = 'credential'): Grant => ({
    flowId: 'Orders',
    kind,
    alias,
    basis,
    where: '',
    by: 'me',
    at: 0,
  })
  const credential = (alias: string, use: 'use' | 'read' = 'read') => ({ kind: 'credential', alias, use }) as const

  for (const [name, grants, removed, wanted, expected] of [
    ['of a script lets it read', [grant('a')], [], credential('a'), true],
    ['lets nobody read another alias', [grant('a')], [], credential('b'), false],
    ['of the keystore is none of the secure store', [grant('a', 'script', 'key')], [], credential('a'), false],
    ['of the model lets an adapter use', [grant('a', 'model')], [], credential('a', 'use'), true],
    ['of the model lets no script read', [grant('a', 'model')], [], credential('a'), false],
    ['for any alias of the model lets no script read', [grant('*', 'model')], [], credential('a'), false],
    ['for any alias covers each', [grant('*')], [], credential('a'), true],
    ['of a person lets a script read', [grant('a', 'administrator')], [], credential('a'), true],
    ['that was taken away is gone', [grant('a')], [credential('a')], credential('a'), false],
    ['taken away by name does not come back by any alias', [grant('*')], [credential('a')], credential('a'), false],
    ['for any alias still covers the others', [grant('*')], [credential('a')], credential('b'), true],
    [
      'for any alias, taken away, leaves the named ones',
      [grant('*'), grant('a')],
      [credential('*')],
      credential('a'),
      true,
    ],
    ['for any alias, taken away, covers nothing', [grant('*')], [credential('*')], credential('a'), false],
  ] as const) {
    it(name, () => assert.equal(allows(effectiveGrants(grants, { added: [], removed }), removed, wanted), expected))
  }

  it('that a person added holds against what was taken away', () => {
    const changed = { added: [grant('a', 'administrator')], removed: [credential('a')] }
    assert.equal(allows(effectiveGrants([], changed), changed.removed, credential('a')), true)
  })
})
