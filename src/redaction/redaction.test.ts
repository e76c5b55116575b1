import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { assert as assertAll, boolean, nat, property, string } from 'fast-check'

import type { LentSecret, LentSecrets } from '../flow/index.ts'
import { createLentSecrets, mark } from './index.ts'

const secretOf = (value: string | Buffer, alias = 'box', user = 'me'): LentSecret => ({ alias, user, values: [value] })

function lend(...values: readonly (string | Buffer)[]): LentSecrets {
  const lent = createLentSecrets()
  for (const value of values) lent.add(secretOf(value))
  return lent
}

const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64')
const hexOf = (value: string): string => Buffer.from(value).toString('hex')
const percentAll = (value: string): string => hexOf(value).replace(/../g, '%$&')
const formOf = (value: string): string => new URLSearchParams({ v: value }).toString().slice(2)
const jsonAscii = (value: string): string =>
  JSON.stringify(value)
    .slice(1, -1)
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const xmlOf = (value: string): string =>
  value.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replaceAll('&#38;', '&amp;')
const mime = (base64: string): string => base64.replace(/.{76}/g, '$&\r\n')

describe('redaction', () => {
  const password = 'c4nary/ü+"<&secret'

  for (const [how, written] of [
    ['as it is', password],
    ['base64', Buffer.from(password).toString('base64')],
    ['base64url', Buffer.from(password).toString('base64url')],
    ['Basic with its user', basic('someone', password)],
    ['base64 of a document around it', Buffer.from(`{"a":"${'x'.repeat(80)}${password}"}`).toString('base64')],
    ['base64 in lines', mime(Buffer.from(`${'x'.repeat(70)}${password}`).toString('base64'))],
    ['hex', hexOf(password)],
    ['HEX', hexOf(password).toUpperCase()],
    ['URL-encoded', encodeURIComponent(password)],
    ['URL-encoded throughout', percentAll(password)],
    ['form-encoded', formOf(password)],
    ['base64, URL-encoded', encodeURIComponent(Buffer.from(password).toString('base64'))],
    ['escaped for JSON', jsonAscii(password)],
    ['escaped for XML', xmlOf(password)],
  ] as const) {
    it(`finds a secret ${how}`, () => {
      const text = lend(password).redactText(`before ${written} after`)
      assert.match(text, /^before .*\*\*\*.* after$/s)
      assert.equal(lend(password).redactText(text), text, 'nothing is left to be found')
      assert.ok(text.length < `before ${written} after`.length)
      assert.deepEqual(lend(password).foundIn(`before ${written} after`), ['box'])
      assert.match(
        lend(password)
          .redactBytes(Buffer.from(`before ${written} after`))
          .toString(),
        /\*\*\*/,
      )
    })
  }

  for (const charset of ['utf16le', 'latin1'] as const) {
    it(`finds a secret in a body of ${charset}`, () => {
      const bytes = Buffer.concat([Buffer.from('x '), Buffer.from('größe4711', charset), Buffer.from(' y')])
      assert.equal(lend('größe4711').redactBytes(bytes).toString(), `x ${mark} y`)
    })
  }

  it('leaves everything else alone, and the very same bytes where there is nothing', () => {
    const bytes = Buffer.from([0, 255, 128, 10])
    assert.equal(lend('secret').redactText('größe % + &amp; \\n'), 'größe % + &amp; \\n')
    assert.deepEqual(lend('secret').redactBytes(bytes), bytes)
    assert.equal(createLentSecrets().redactText('secret'), 'secret')
    assert.equal(lend('secret').redactText('größe secret größe'), `größe ${mark} größe`)
  })

  for (const [text, expected] of [
    ['abc', mark],
    ['x=abc&y', `x=${mark}&y`],
    ['abcd xabc', 'abcd xabc'],
    [`Basic ${basic('me', 'abc')}`, `Basic ${mark}`],
    [Buffer.from('abc').toString('base64'), mark],
    [`${hexOf('abc')}!`, `${mark}!`],
  ] as const) {
    it(`finds a secret of three characters only where it stands alone: ${text}`, () =>
      assert.equal(lend('abc').redactText(text), expected))
  }

  for (const unit of ['\\u0061', '%61', '&#97;', '+', '\\n', 'secr', '\\']) {
    it(`reads a long text fast: ${JSON.stringify(unit)}`, () => {
      const text = `${unit.repeat(1_000_000 / unit.length)} secret`
      const start = performance.now()
      assert.match(lend('secret').redactText(text).slice(-10), /\*\*\*$/)
      assert.ok(performance.now() - start < 3_000)
    })
  }

  it('finds no empty secret', () => assert.equal(lend('').redactText('a b'), 'a b'))

  it('never cuts a secret in two: what begins before the cut is blotted out', () => {
    assert.equal(lend('secret').redactText('ab secret cd', 5), `ab ${mark}`)
    assert.equal(lend('secret').redactText('ab secret cd', 2), 'ab')
    assert.equal(lend('secret').redactText('ü secret cd', 10), `ü ${mark} c`)
    assert.equal(lend('secret').redactBytes(Buffer.from('ab secret cd'), 5).toString(), `ab ${mark}`)
  })

  it('blots out overlapping secrets as one', () => {
    assert.equal(lend('secret-one', 'one-secret').redactText('a secret-one-secret b'), `a ${mark} b`)
    assert.equal(lend('secret', 'secretly').redactText('secretly'), mark)
  })

  it('finds a key in PEM whatever its line length, in one line, and as bytes', () => {
    const der = Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 37) % 256))
    const digits = der.toString('base64')
    for (const width of [64, 76, 1000]) {
      const pem = `-----BEGIN PRIVATE KEY-----\n${digits.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n')}-----END PRIVATE KEY-----`
      assert.equal(lend(der).redactText(pem), `-----BEGIN PRIVATE KEY-----\n${mark}-----END PRIVATE KEY-----`)
    }
    assert.equal(
      lend(der)
        .redactBytes(Buffer.concat([Buffer.from('a'), der, Buffer.from('b')]))
        .toString(),
      `a${mark}b`,
    )
  })

  const forms: readonly ((value: string, noise: string) => string)[] = [
    (value) => value,
    (value) => Buffer.from(value).toString('base64'),
    (value) => Buffer.from(value).toString('base64url'),
    (value, noise) => `Basic ${basic(noise.replaceAll(':', ''), value)}`,
    (value, noise) => Buffer.from(noise + value + noise).toString('base64'),
    (value, noise) => mime(Buffer.from(noise.repeat(9) + value + noise).toString('base64')),
    hexOf,
    (value) => hexOf(value).toUpperCase(),
    encodeURIComponent,
    percentAll,
    formOf,
    jsonAscii,
    (value) => JSON.stringify(value),
    xmlOf,
  ]
  /** What a reader could do to find the secret; of base64 what all of its inner digits say. */
  const readings: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.replace(/%[0-9a-f]{2}/gi, (hex) => `\0${hex.slice(1)}`),
    (text) => text.replaceAll(/[\r\n]/g, ''),
  ]

  it('lets no random secret survive in any form and place', () => {
    const secret = string({ unit: 'grapheme', minLength: 4, maxLength: 60 }).filter(
      (text) => !text.includes('*') && text.length >= 4,
    )
    const noise = string({ unit: 'grapheme', maxLength: 20 })
    assertAll(
      property(secret, noise, noise, nat(forms.length - 1), boolean(), (value, before, after, form, asBytes) => {
        const written = forms[form]?.(value, before) ?? ''
        const text = `${before} ${written} ${after}`
        const lent = lend(value)
        const result = asBytes ? lent.redactBytes(Buffer.from(text)).toString() : lent.redactText(text)
        assert.notEqual(result, text)
        for (const reading of readings) {
          const seen = reading(result)
          for (const needle of [
            value,
            ...[forms[1], forms[2], hexOf, encodeURIComponent].map((f) => f?.(value, '') ?? ''),
          ])
            assert.ok(!seen.includes(needle), `${JSON.stringify(needle)} survived in ${JSON.stringify(seen)}`)
        }
        assert.deepEqual(lent.foundIn(result), [])
      }),
      { numRuns: 3_000 },
    )
  })
})
