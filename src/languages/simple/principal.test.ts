import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange, type Value } from '../../message/index.ts'
import { compileXPath } from '../xpath/xpath.ts'
import { compileCondition } from './condition.ts'
import { sampleEnvironment as env } from './sample.ts'
import { compileTemplate } from './template.ts'
import { textOf } from './text-of.ts'

const principal = Object.freeze({
  method: 'bearer',
  name: 'anna',
  subject: 'anna',
  clientId: 'sb-1!b2|it',
  issuer: 'https://idp.example',
  certificate: { fingerprint: 'ab12', subject: 'CN=anna', issuer: 'CN=ca' },
  attributes: { mail: 'anna@example.com', 'cost center': '7', 'http://a.example/claims/x.y': 'z', size: 'XL' },
  groups: ['admins', 'buyers'],
  actors: ['portal', 'gateway'],
  addedLater: 'new',
})
const bare = Object.freeze({
  method: 'basic',
  name: 'sb-2',
  subject: 'sb-2',
  clientId: 'sb-2',
  issuer: undefined,
  certificate: undefined,
  attributes: {},
  groups: [],
  actors: [],
})

const exchangeOf = (given: object, ...more: readonly (readonly [string, Value])[]): Exchange =>
  new Exchange({ properties: [['principal', given], ...more] })

const texts: readonly (readonly [source: string, text: string, ofBare: string])[] = [
  ['${property.principal}', 'anna', 'sb-2'],
  ['<${exchangeProperty.principal}>', '<anna>', '<sb-2>'],
  ['${property[principal]}', 'anna', 'sb-2'],
  ['${property.principal.name}', 'anna', 'sb-2'],
  ['${property.principal.subject}', 'anna', 'sb-2'],
  ['${property.principal.clientId}', 'sb-1!b2|it', 'sb-2'],
  ['${property.principal.method}', 'bearer', 'basic'],
  ['${property.principal.issuer}', 'https://idp.example', ''],
  ['${property.principal.certificate.fingerprint}', 'ab12', ''],
  ['${property.principal?.certificate?.subject}', 'CN=anna', ''],
  ['${property.principal[certificate][issuer]}', 'CN=ca', ''],
  ['${property.principal.certificate}', '{fingerprint=ab12, subject=CN=anna, issuer=CN=ca}', ''],
  ['${property.principal.attributes.mail}', 'anna@example.com', ''],
  ['${property.principal[attributes][mail]}', 'anna@example.com', ''],
  ["${property.principal.attributes['cost center']}", '7', ''],
  ["${property.principal.attributes['http://a.example/claims/x.y']}", 'z', ''],
  ["${property.principal.attributes.get('mail').toUpperCase()}", 'ANNA@EXAMPLE.COM', ''],
  ['${property.principal.attributes.none}', '', ''],
  ['${property.principal.attributes.constructor}', '', ''],
  ['${property.principal.attributes.__proto__}', '', ''],
  ['${property.principal[attributes][toString]}', '', ''],
  ['${property.principal.actors}', 'portal,gateway', ''],
  ['${property.principal.actors[0]}', 'portal', ''],
  ['${property.principal.groups}', 'admins,buyers', ''],
  ['${property.principal.groups[1]}', 'buyers', ''],
  ['${property.principal.groups[last]}', 'buyers', ''],
  ['${property.principal.groups.size()}', '2', '0'],
  ["${property.principal.groups.contains('admins')}", 'true', 'false'],
  ['${property.principal.toUpperCase()}', 'ANNA', 'SB-2'],
  ['${property.principal.none}', '', ''],
  ['${property.principal.addedLater}', 'new', ''],
  ['[${property.principal.issuer}|${property.principal.name}]', '[https://idp.example|anna]', '[|sb-2]'],
]

for (const [source, text, ofBare] of texts)
  test(`${source} is '${text}', and '${ofBare}' where the caller has less`, () => {
    const template = compileTemplate(source)
    assert.equal(template.text(exchangeOf(principal), env), text)
    assert.equal(template.text(exchangeOf(bare), env), ofBare)
    assert.equal(template.text(new Exchange(), env).replace(/[<>[|\]]/g, ''), '')
  })

test('a missing part is null, as a missing property is', () => {
  for (const part of ['issuer', 'certificate', 'certificate.fingerprint', 'attributes.mail', 'none'])
    assert.equal(compileTemplate(`\${property.principal.${part}}`).value(exchangeOf(bare), env), null, part)
})

test('the property itself stays the one object of the caller', () => {
  const exchange = exchangeOf(principal)
  assert.equal(compileTemplate('${property.principal}').value(exchange, env), principal)
  assert.equal(compileTemplate('${property.principal.name}').text(exchange, env), 'anna')
  assert.equal(exchange.properties.get('principal'), principal)
})

test('a property whose name has the dots comes first', () => {
  const exchange = exchangeOf(
    principal,
    ['principal.subject', 'own'],
    ['principal.attributes', new Map([['mail', 'm']])],
  )
  assert.equal(compileTemplate('${property.principal.subject}').text(exchange, env), 'own')
  assert.equal(compileTemplate('${property.principal.attributes.mail}').text(exchange, env), 'm')
  assert.equal(compileTemplate('${property.principal.name}').text(exchange, env), 'anna')
})

const conditions: readonly (readonly [source: string, holds: boolean])[] = [
  ["${property.principal} == 'anna'", true],
  ["${property.principal} == 'bert'", false],
  ["${property.principal.method} == 'bearer'", true],
  ["${property.principal.groups} contains 'admins'", true],
  ["${property.principal.groups} contains 'admin'", false],
  ["'buyers' in ${property.principal.groups}", true],
  ["${property.principal.attributes.mail} regex '.*@example[.]com'", true],
  ['${property.principal.certificate} != null', true],
  ['${property.principal.attributes.none} == null', true],
]

for (const [source, holds] of conditions)
  test(`${source} is ${holds}`, () => {
    assert.equal(compileCondition(source).test(exchangeOf(principal), env), holds)
  })

test('XPath reads the name', () => {
  const exchange = exchangeOf(principal)
  exchange.body = Body.ofText('<a/>')
  assert.equal(compileXPath('string($principal)', new Map()).string(exchange), 'anna')
})

test('two callers are told apart', () => {
  const template = compileTemplate('${property.principal.subject} ${property.principal.groups}')
  assert.equal(template.text(exchangeOf({ ...principal, subject: 'x', groups: ['g'] }), env), 'x g')
  assert.equal(template.text(exchangeOf(principal), env), 'anna admins,buyers')
})

test('a caller of whom only names are known has no name as text', () => {
  assert.equal(textOf({ ...bare, name: '' }), '')
})
