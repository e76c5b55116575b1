import assert from 'node:assert/strict'
import type { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { newAuthority } from '../../test/kit/authority.ts'
import { readCertificates } from '../keystore/index.ts'
import { readForwarded, saidBy } from './forwarded.ts'

type Lines = [string, string][]
let leaf: X509Certificate
let chain: readonly X509Certificate[]
let pem = ''

const base64 = (certificate: X509Certificate) => certificate.raw.toString('base64')
const sequence = (certificate: X509Certificate) => `:${base64(certificate)}:`

before(async () => {
  const issuer = await (await newAuthority('CN=root')).intermediate('CN=between')
  pem = (await issuer.issue({ subject: 'CN=client+more' })).chain
  chain = readCertificates(pem)
  leaf = chain[0] as X509Certificate
})

describe('a certificate that a proxy passes on', () => {
  const accepted: readonly (readonly [string, () => Lines, number])[] = [
    ['Client-Cert', () => [['client-cert', sequence(leaf)]], 0],
    [
      'Client-Cert with its chain',
      () => [
        ['client-cert', sequence(leaf)],
        ['client-cert-chain', chain.slice(1).map(sequence).join(', ')],
      ],
      1,
    ],
    [
      'Client-Cert with its chain in several lines',
      () => [
        ['client-cert', sequence(leaf)],
        ['client-cert-chain', sequence(chain[1] as X509Certificate)],
        ['client-cert-chain', sequence(chain[1] as X509Certificate)],
      ],
      2,
    ],
    ['PEM encoded for URLs, as nginx does', () => [['ssl-client-cert', encodeURIComponent(leaf.toString())]], 0],
    [
      'PEM encoded for URLs with bare pluses, as nginx does',
      () => [['ssl-client-cert', encodeURIComponent(leaf.toString()).replaceAll('%2B', '+')]],
      0,
    ],
    ['PEM in one line', () => [['ssl-client-cert', leaf.toString().replaceAll('\n', ' ')]], 0],
    ['PEM in one line with its chain', () => [['ssl-client-cert', pem.replaceAll('\n', ' ')]], 1],
    ['base64 of DER', () => [['ssl-client-cert', base64(leaf)]], 0],
    [
      'one header filled and one empty',
      () => [
        ['ssl-client-cert', ''],
        ['client-cert', sequence(leaf)],
      ],
      0,
    ],
  ]
  for (const [name, lines, sent] of accepted)
    it(`as ${name} is read`, () => {
      const presented = readForwarded(lines())
      assert.ok(!('why' in presented), JSON.stringify(presented))
      assert.deepEqual(presented.certificate.raw, leaf.raw)
      assert.equal(presented.sent.length, sent)
    })

  const broken: readonly (readonly [string, () => Lines])[] = [
    ['twice', () => Array.from({ length: 2 }, () => ['client-cert', sequence(leaf)])],
    [
      'in both headers',
      () => [
        ['client-cert', sequence(leaf)],
        ['ssl-client-cert', base64(leaf)],
      ],
    ],
    ['without colons', () => [['client-cert', base64(leaf)]]],
    ['as garbage', () => [['ssl-client-cert', 'garbage']]],
    ['as a broken escape', () => [['ssl-client-cert', '%zz']]],
    ['cut off', () => [['client-cert', `:${base64(leaf).slice(0, 200)}:`]]],
    [
      'with a broken chain',
      () => [
        ['client-cert', sequence(leaf)],
        ['client-cert-chain', ':AAAA:'],
      ],
    ],
  ]
  for (const [name, lines] of broken)
    it(`${name} is refused, with words that hold none of it`, () => {
      const read = readForwarded(lines())
      assert.ok('why' in read)
      assert.ok(!read.why.includes(base64(leaf).slice(0, 10)))
    })

  for (const value of ['', '(null)'])
    it(`as '${value}' is none`, () => assert.equal(saidBy([['ssl-client-cert', value]]).certificate, ''))
})

describe('the address of the client', () => {
  for (const [values, expected] of [
    [[], undefined],
    [['203.0.113.7'], '203.0.113.7'],
    [['1.1.1.1, 203.0.113.7'], '203.0.113.7'],
    [['1.1.1.1', '2.2.2.2'], '2.2.2.2'],
    [['203.0.113.7:4711'], '203.0.113.7'],
    [['2001:db8::1'], '2001:db8::1'],
    [['[2001:db8::1]:4711'], '2001:db8::1'],
    [['::ffff:203.0.113.7'], '203.0.113.7'],
    [['unknown'], false],
    [['203.0.113.7, '], false],
    [['203.0.113.999'], false],
  ] as const)
    it(`in ${JSON.stringify(values)} is ${String(expected)}`, () =>
      assert.equal(saidBy(values.map((value) => ['x-forwarded-for', value] as const)).remoteAddress, expected))
})
