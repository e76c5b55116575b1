import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { bundleOf } from '../../test/kit/bundle.ts'
import { testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog } from '../base/index.ts'
import type { Principal } from '../flow/index.ts'
import { Exchange } from '../message/index.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

const long = 'g'.repeat(10_000)
const principal = Object.freeze({
  method: 'certificate',
  name: 'sb-1!b2|it',
  subject: 'sb-1!b2|it',
  clientId: 'sb-1!b2|it',
  issuer: 'CN=ca',
  certificate: { fingerprint: 'ab12', subject: 'CN=a', issuer: 'CN=ca' },
  attributes: { mail: 'a@example.com', class: 'first', long },
  groups: ['admins', 'buyers'],
  actors: ['portal', 'gateway'],
  addedLater: 'new',
} satisfies Principal & { addedLater: string })
const bare: Principal = Object.freeze<Principal>({
  method: 'basic',
  name: 'me',
  subject: 'me',
  clientId: undefined,
  issuer: undefined,
  certificate: undefined,
  attributes: {},
  groups: [],
  actors: [],
})

// Without Java nothing of this can run; CI has Java.
describe(`the principal in Groovy${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  let cacheFolder: string
  let host: GroovyHost

  before(() => {
    cacheFolder = temporaryFolder('groovy')
    host = createGroovyHost({ cacheFolder, log: silentLog, calls: {}, maxHeapMb: 256 })
  })
  after(async () => {
    await host.close()
  })
  if (java === undefined) return

  /** Runs the lines as a script on a message of this caller. */
  async function run(lines: string, caller: Principal = principal): Promise<Exchange> {
    const source = `def processData(message) {\ndef principal = message.getProperty('principal')\n${lines}\nreturn message\n}`
    const bundle = await bundleOf({ id: 'Scripts', processes: [], files: { 'script.groovy': source } })
    const compiled = await createScripts({ host, collections: () => undefined }).compile({
      language: 'groovy',
      bundle,
      file: 'script.groovy',
      functionName: '',
      collection: '',
    })
    const exchange = new Exchange({ properties: [['principal', caller]] })
    await compiled.run(exchange, testRun({ messageId: `m${Math.random()}`, principal: caller }))
    return exchange
  }

  it('gives each field by its name', async () => {
    const cases: readonly (readonly [expression: string, text: string, ofBare: string])[] = [
      ['principal instanceof Map', 'true', 'true'],
      ['principal.method', 'certificate', 'basic'],
      ['principal.name', 'sb-1!b2|it', 'me'],
      ["principal['subject']", 'sb-1!b2|it', 'me'],
      ["principal.get('clientId')", 'sb-1!b2|it', 'null'],
      ['principal.issuer', 'CN=ca', 'null'],
      ['principal.certificate?.fingerprint', 'ab12', 'null'],
      ['principal.attributes.mail', 'a@example.com', 'null'],
      ["principal.attributes['class']", 'first', 'null'],
      ['principal.attributes["${\'ma\'}il"]', 'a@example.com', 'null'],
      ['principal.attributes.long?.length()', '10000', 'null'],
      ['principal.groups instanceof List', 'true', 'true'],
      ["principal.groups.join(',')", 'admins,buyers', ''],
      ["'admins' in principal.groups", 'true', 'false'],
      ['principal.actors instanceof List', 'true', 'true'],
      ["principal.actors.join(',')", 'portal,gateway', ''],
      ['principal.addedLater', 'new', 'null'],
      ['principal.none', 'null', 'null'],
      ["principal.containsKey('issuer')", 'true', 'true'],
      ['principal.toString()', 'sb-1!b2|it', 'me'],
      ['String.valueOf(principal)', 'sb-1!b2|it', 'me'],
      ['message.properties.principal.name', 'sb-1!b2|it', 'me'],
    ]
    const lines = cases.map(([expression], n) => `message.setProperty('r${n}', String.valueOf(${expression}))`)
    const [full, less] = [await run(lines.join('\n')), await run(lines.join('\n'), bare)]
    for (const [n, [expression, text, ofBare]] of cases.entries())
      assert.deepEqual(
        [full, less].map(({ properties }) => properties.get(`r${n}`)),
        [text, ofBare],
        expression,
      )
  })

  for (const [what, line] of [
    ['a field', `principal.name = 'x'`],
    ['a new field', `principal.put('x', 'y')`],
    ['the loss of a field', `principal.remove('name')`],
    ['the loss of all', `principal.clear()`],
    ['a field behind an entry', `principal.entrySet().iterator().next().setValue('x')`],
    ['an attribute', `principal.attributes.mail = 'x'`],
    ['a field of the certificate', `principal.certificate.fingerprint = 'x'`],
    ['a group', `principal.groups.add('x')`],
    ['a sorted list of groups', `principal.groups.sort()[0] = 'x'; principal.groups.set(0, 'x')`],
  ] as const)
    it(`refuses ${what}`, async () => {
      await assert.rejects(run(line), { code: 'scripts.failed', message: /UnsupportedOperationException/ })
    })

  for (const [what, line] of [
    ['leaves it alone', ''],
    ['reads it', `principal.groups.each { principal.attributes[it] }`],
    ['writes back what it read', `message.setProperty('principal', principal)`],
    ['writes back all properties', `message.setProperties(new HashMap(message.getProperties()))`],
  ] as const)
    it(`is the same object after a script that ${what}`, async () => {
      assert.equal((await run(line)).properties.get('principal'), principal)
    })

  it('goes elsewhere as what it is, and into header and body by its name', async () => {
    const { properties, headers, body } = await run(`
      message.setProperty('caller', principal)
      message.setProperty('list', [principal, 1])
      message.setProperty('certificate', principal.certificate)
      message.setProperty('groups', principal.groups)
      message.setHeader('X-Caller', principal)
      message.setBody(principal)`)
    assert.equal(properties.get('caller'), principal)
    assert.equal((properties.get('list') as unknown[])[0], principal)
    assert.equal(String(properties.get('list')), `[${principal.name}, 1]`)
    assert.equal(String(properties.get('certificate')), '{fingerprint=ab12, subject=CN=a, issuer=CN=ca}')
    assert.equal(String(properties.get('groups')), '[admins, buyers]')
    assert.deepEqual([headers.get('x-caller'), body.text()], [principal.name, principal.name])
  })

  it('may be replaced in the message by a value of the flow', async () => {
    assert.equal((await run(`message.setProperty('principal', 'mine')`)).properties.get('principal'), 'mine')
    const copied = (await run(`message.setProperty('principal', new HashMap(principal) + [name: 'x'])`)).properties
    assert.equal((copied.get('principal') as Map<string, unknown>).get('name'), 'x')
    assert.equal((await run(`message.getProperties().remove('principal')`)).properties.has('principal'), false)
  })
})
