import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import * as fc from 'fast-check'

import {
  newSigner,
  outcomeOf,
  storedCertificate,
  testAudience,
  testProvider,
  testReader,
  type TestSigner,
} from '../../test/kit/assertions.ts'
import { encoded, forged } from '../../test/kit/forged-saml.ts'

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
const signatureForm = /<ds:Signature .*<\/ds:Signature>/s

describe('signature wrapping', () => {
  let signer: TestSigner
  let good: string
  const read = async (xml: string): Promise<string> =>
    outcomeOf(
      await testReader(testProvider({ certificates: [storedCertificate(signer.certificate)] })).saml(
        encoded(xml),
        testAudience,
      ),
    )

  before(async () => {
    signer = await newSigner()
    good = forged(signer)
  })

  it('is told from the assertion as it was signed', async () =>
    assert.equal(await read(good), 'user alice@example.com'))

  const evil = (xml: string): string => xml.replaceAll('alice@example.com', 'admin@example.com')
  const withId = (xml: string, id: string): string => xml.replace('ID="_a1"', id === '' ? '' : `ID="${id}"`)
  const without = (xml: string): string => xml.replace(signatureForm, '')
  const signatureOf = (xml: string): string => signatureForm.exec(xml)?.[0] ?? assert.fail()

  /** Where the forged assertion takes in the true one. */
  const places: Record<string, (host: string, guest: string) => string> = {
    'in Advice': (host, guest) => host.replace('<saml:Subject>', `<saml:Advice>${guest}</saml:Advice><saml:Subject>`),
    'in an attribute': (host, guest) => host.replace('<saml:AttributeValue>', `<saml:AttributeValue>${guest}`),
    'in the confirmation': (host, guest) =>
      host.replace('</saml:SubjectConfirmationData>', `${guest}</saml:SubjectConfirmationData>`),
    'in the object of the signature': (host, guest) =>
      host.replace('</ds:Signature>', `<ds:Object>${guest}</ds:Object></ds:Signature>`),
    'in KeyInfo': (host, guest) => host.replace('</ds:Signature>', `<ds:KeyInfo>${guest}</ds:KeyInfo></ds:Signature>`),
    'as the first child': (host, guest) => host.replace('<saml:Issuer>', `${guest}<saml:Issuer>`),
    'as the last child': (host, guest) => host.replace(/<\/saml:Assertion>$/, `${guest}</saml:Assertion>`),
  }
  /** Which of the two keeps the signature. */
  const holders: Record<string, (place: (host: string, guest: string) => string, id: string) => string> = {
    'the signature moves to the forged one': (place, id) => place(withId(evil(good), id), without(good)),
    'both have the signature': (place, id) => place(withId(evil(good), id), good),
    'the signature stays': (place, id) =>
      place(
        withId(evil(good), id).replace(
          signatureForm,
          '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature>',
        ),
        good,
      ),
  }
  for (const [where, place] of Object.entries(places)) {
    for (const [who, hold] of Object.entries(holders)) {
      for (const [which, id] of [
        ['the same ID', '_a1'],
        ['another ID', '_evil'],
        ['no ID', ''],
      ] as const)
        it(`is refused: the true assertion ${where}, ${who}, ${which}`, async () => {
          const xml = hold(place, id)
          assert.ok(xml.includes('admin@example.com') && xml.includes('alice@example.com'))
          assert.equal(await read(xml), 'saml.nested')
        })
    }
  }

  const response = (content: string, id = '_r'): string =>
    `<samlp:Response xmlns:samlp="${protocol}" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0">${content}</samlp:Response>`
  /** The families that are known as XSW1 to XSW8, of which all have a Response as their document. */
  const families: [string, () => string][] = [
    [
      '1: the true Response in the signature of a forged one',
      () =>
        response(
          `${signatureOf(good).replace('</ds:Signature>', `<ds:Object>${response(good)}</ds:Object></ds:Signature>`)}${evil(without(good))}`,
          '_x',
        ),
    ],
    [
      '2: the true Response after the signature of a forged one',
      () => response(signatureOf(good) + response(good) + evil(without(good)), '_x'),
    ],
    ['3: a forged assertion before the true one', () => response(withId(evil(without(good)), '_evil') + good)],
    [
      '4: the true assertion in a forged one',
      () => response(withId(evil(without(good)), '_evil').replace(/<\/saml:Assertion>$/, `${good}</saml:Assertion>`)),
    ],
    [
      '5: the signature in a forged assertion, the true one after it',
      () => response(withId(evil(good), '_evil') + without(good)),
    ],
    [
      '6: the true assertion in the signature of a forged one',
      () => response(withId(evil(good), '_evil').replace('</ds:Signature>', `${without(good)}</ds:Signature>`)),
    ],
    [
      '7: a forged assertion in Extensions',
      () => response(`<samlp:Extensions>${withId(evil(without(good)), '_a1')}</samlp:Extensions>${good}`),
    ],
    [
      '8: the true assertion in an Object of a forged signature',
      () =>
        response(
          withId(evil(good), '_evil').replace(
            '</ds:Signature>',
            `<ds:Object>${without(good)}</ds:Object></ds:Signature>`,
          ),
        ),
    ],
    ['a Response around the true assertion', () => response(good)],
    ['a forged assertion after the true one', () => response(good + evil(without(good)))],
    ['a SOAP envelope', () => `<e:Envelope xmlns:e="urn:e"><e:Body>${good}</e:Body></e:Envelope>`],
  ]
  for (const [what, make] of families)
    it(`is refused: family ${what}`, async () => assert.equal(await read(make()), 'saml.root'))

  const copies: [string, string, (xml: string) => string][] = [
    ['a signature of another assertion', 'saml.reference', (xml) => withId(evil(xml), '_evil')],
    ['a signature of another assertion and its ID', 'saml.digest', evil],
    [
      'a second NameID',
      'saml.digest',
      (xml) => xml.replace('<saml:NameID', '<saml:NameID>admin@example.com</saml:NameID><saml:NameID'),
    ],
    [
      'a second Subject',
      'saml.digest',
      (xml) =>
        xml.replace('<saml:Subject>', '<saml:Subject><saml:NameID>admin</saml:NameID></saml:Subject><saml:Subject>'),
    ],
    [
      'a second Issuer',
      'saml.issuer',
      (xml) => xml.replace('<saml:Issuer>', '<saml:Issuer>evil</saml:Issuer><saml:Issuer>'),
    ],
    [
      'another prefix for SAML in the subject',
      'saml.digest',
      (xml) =>
        xml
          .replaceAll('saml:NameID', 's:NameID')
          .replace('<s:NameID', '<s:NameID xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"'),
    ],
    [
      'another namespace for the same prefix',
      'saml.digest',
      (xml) => xml.replace('<saml:Subject>', '<saml:Subject xmlns:saml="urn:evil">'),
    ],
  ]
  for (const [what, check, change] of copies)
    it(`is refused: ${what}: ${check}`, async () => assert.equal(await read(change(good)), check))

  it('no change of any byte makes another user', async () => {
    const bytes = Buffer.from(good)
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      to: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('<>"&/ -'))),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(bytes)
        for (const { at, to } of changes) changed[at] = to
        const answer = await testReader(testProvider({ certificates: [storedCertificate(signer.certificate)] })).saml(
          encoded(changed),
          testAudience,
        )
        if (!('failed' in answer)) {
          const { user, issuer, id } = answer
          assert.deepEqual(
            { user, issuer, id },
            { user: 'alice@example.com', issuer: 'https://idp.example', id: '_a1' },
          )
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('no piece put anywhere makes another user', async () => {
    const pieces = [
      evil(good),
      evil(without(good)),
      good,
      without(good),
      signatureOf(good),
      '<saml:NameID>admin</saml:NameID>',
      '<!-- -->',
      '<?a b?>',
      '<![CDATA[admin]]>',
      '&#97;',
      '</saml:Assertion>',
    ]
    const ends = [...good.matchAll(/[<>]/g)].flatMap(({ index }) => [index, index + 1])
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pieces),
        fc.constantFrom(...ends),
        fc.constantFrom(...ends),
        async (piece, from, to) => {
          const outcome = await read(good.slice(0, from) + piece + good.slice(Math.max(from, to)))
          assert.ok(!outcome.startsWith('user') || outcome === 'user alice@example.com', outcome)
        },
      ),
      { numRuns: 1500 },
    )
  })
})
