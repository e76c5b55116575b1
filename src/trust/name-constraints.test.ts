import assert from 'node:assert/strict'
import { it } from 'node:test'

import { silentLog } from '../base/index.ts'
import { alternativeNames, generalNames, make, nameConstraints, nameDer, noon } from './certificate-maker.ts'
import { createTrust } from './trust.ts'

const { dns, email, ip, uri, directory, registered } = generalNames
const acme = nameDer([['2.5.4.10', 'Acme']])
const unit = (name: string, organisation = 'Acme') =>
  nameDer([
    ['2.5.4.10', organisation],
    ['2.5.4.11', name],
  ])

const root = make({ subject: 'Root', authority: true })

function isIn(subject: Buffer | string, names: readonly Buffer[], permitted: Buffer[], excluded: Buffer[]): boolean {
  const ca = make({ subject: 'CA', issuer: root, authority: true, extensions: [nameConstraints(permitted, excluded)] })
  const extensions = names.length > 0 ? [alternativeNames(...names)] : []
  const leaf = make({ subject, issuer: ca, extensions })
  const trust = createTrust({ clock: { now: () => noon, monotonic: () => 0 }, log: silentLog })
  const anchors = [{ kind: 'ca', certificate: root.x509 }] as const
  trust.set({ anchors, crls: [], publicRoots: false, revocation: 'off', minimumRsaBits: 2048 })
  const verdict = trust.validate(leaf.x509, [ca.x509])
  assert.ok(!(verdict instanceof Promise))
  if (!verdict.trusted) assert.equal(verdict.failure.code, 'nameConstraints')
  return verdict.trusted
}

type Case = readonly [what: string, name: Buffer, base: Buffer, within: boolean]

/** Each is asked twice: with the base permitted, and excluded, where the answer must be the opposite. */
const cases: readonly Case[] = [
  ['a host', dns('a.example'), dns('a.example'), true],
  ['a host below', dns('x.a.example'), dns('a.example'), true],
  ['a host of another case', dns('X.A.EXAMPLE'), dns('a.example'), true],
  ['a host that only ends alike', dns('xa.example'), dns('a.example'), false],
  ['a wildcard below', dns('*.a.example'), dns('a.example'), true],
  ['any host', dns('b.example'), dns(''), true],
  ['a mailbox', email('me@a.example'), email('me@a.example'), true],
  ['a mailbox of another case before the @', email('ME@a.example'), email('me@a.example'), false],
  ['a mailbox of another case behind the @', email('me@A.example'), email('me@a.example'), true],
  ['a mailbox on a host', email('me@a.example'), email('a.example'), true],
  ['a mailbox on a host below', email('me@x.a.example'), email('a.example'), false],
  ['a mailbox on any host below', email('me@x.a.example'), email('.a.example'), true],
  ['a mailbox on the domain itself', email('me@a.example'), email('.a.example'), false],
  ['an asterisk is no pattern', email('me@a.example'), email('*@a.example'), false],
  ['an address', ip(10, 1, 2, 3), ip(10, 1, 0, 0, 255, 255, 0, 0), true],
  ['an address outside', ip(10, 2, 2, 3), ip(10, 1, 0, 0, 255, 255, 0, 0), false],
  ['an IPv6 address', ip(...v6(0x20, 1)), ip(...v6(0x20), ...v6(0xff)), true],
  ['an IPv6 address outside', ip(...v6(0x30, 1)), ip(...v6(0x20), ...v6(0xff)), false],
  ['a URI', uri('https://u@a.example:1/x'), uri('a.example'), true],
  ['a URI on a host below', uri('https://x.a.example'), uri('a.example'), false],
  ['a URI on any host below', uri('https://x.a.example'), uri('.a.example'), true],
  ['a name', directory(unit('X')), directory(acme), true],
  ['a name in another case', directory(unit('X', ' ACME ')), directory(acme), true],
  ['a name of somebody else', directory(unit('X', 'Other')), directory(acme), false],
]

for (const [what, name, base, within] of cases)
  it(`${what} is ${within ? 'within' : 'outside'}`, () => {
    // An empty subject would need a critical extension; one that meets the constraint on names does no harm.
    const subject = unit('Y', base[0] === 0xa4 && !within ? 'Third' : 'Acme')
    assert.equal(isIn(subject, [name], base[0] === 0xa4 ? [base, directory(subject)] : [base], []), within)
    if (base[0] !== 0xa4) assert.equal(isIn(subject, [name], [], [base]), !within)
  })

it('a name is excluded by its beginning, in the subject and among the alternatives', () => {
  assert.equal(isIn(unit('X'), [], [], [directory(acme)]), false)
  assert.equal(isIn(unit('X', 'Other'), [], [], [directory(acme)]), true)
  assert.equal(isIn(unit('X', 'Other'), [directory(unit('X'))], [], [directory(acme)]), false)
  assert.equal(isIn(unit('X', 'Other'), [], [directory(acme)], []), false)
})

it('a mail address in the subject counts as one', () => {
  const subject = nameDer([['1.2.840.113549.1.9.1', 'me@b.example']], 0x16)
  assert.equal(isIn(subject, [], [email('a.example')], []), false)
  assert.equal(isIn(subject, [], [email('b.example')], []), true)
})

it('excluded outweighs permitted, and other forms do not matter', () => {
  assert.equal(isIn('x', [dns('bad.a.example')], [dns('a.example')], [dns('bad.a.example')]), false)
  assert.equal(isIn('x', [dns('b.example')], [email('a.example')], []), true)
  assert.equal(isIn('x', [ip(1, 1, 1, 1)], [ip(...v6(0x20), ...v6(0xff))], []), true)
})

it('a wildcard that can stand for an excluded host is excluded', () => {
  assert.equal(isIn('x', [dns('*.a.example')], [], [dns('bad.a.example')]), false)
  assert.equal(isIn('x', [dns('*.a.example')], [], [dns('bad.b.example')]), true)
})

it('what cannot be compared is refused', () => {
  for (const [name, base] of [
    [email('me@you@a.example'), email('a.example')],
    [email('a.example'), email('a.example')],
    [uri('urn:x'), uri('a.example')],
    [uri('http://10.0.0.1/'), uri('.example')],
    [registered('1.2.3'), registered('1.2.3')],
    [ip(10, 0, 0), ip(10, 0, 0, 0, 255, 0, 0, 0)],
    [dns('a.example'), dns('.a.example')],
    [dns('a.example'), dns('*.example')],
    [ip(10, 0, 0, 1), ip(10, 0, 0, 0, 255, 0, 255, 0)],
    [ip(10, 0, 0, 1), ip(10, 0, 0, 1)],
  ] as const) {
    assert.equal(isIn('x', [name], [base], []), false, `${name.toString('latin1')} permitted`)
    assert.equal(isIn('x', [name], [], [base]), false, `${name.toString('latin1')} excluded`)
  }
  assert.equal(isIn('x', [dns('a.example')], [registered('1.2.3')], []), true, 'a form that does not occur')
})

function v6(...first: readonly number[]): number[] {
  return [...first, ...Array.from({ length: 16 - first.length }, () => 0)]
}
