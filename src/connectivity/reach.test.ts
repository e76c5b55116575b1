import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import * as check from 'fast-check'

import { createReach } from './reach.ts'

describe('which addresses a test may reach', () => {
  const nothing = createReach({ allowed: [] })
  const everything = createReach({ allowed: ['0.0.0.0/0', '::/0'] })

  const closed: readonly (readonly [string, RegExp])[] = [
    ['127.0.0.1', /loopback/],
    ['127.255.255.254', /loopback/],
    ['0.0.0.0', /loopback/],
    ['::', /loopback/],
    ['::1', /loopback/],
    ['::ffff:127.0.0.1', /loopback/],
    ['::ffff:7f00:1', /loopback/],
    ['::127.0.0.1', /loopback/],
    ['64:ff9b::7f00:1', /loopback/],
    ['2002:7f00:1::', /loopback/],
    ['10.1.2.3', /private/],
    ['172.16.0.1', /private/],
    ['172.31.255.255', /private/],
    ['192.168.1.1', /private/],
    ['100.64.0.1', /private/],
    ['64:ff9b::10.0.0.1', /private/],
    ['fd12:3456::1', /private/],
    ['fe80::1', /link-local/],
    ['fe80::1%eth0', /link-local/],
    ['169.254.1.1', /link-local/],
    ['169.254.169.254', /credentials/],
    ['::ffff:169.254.169.254', /credentials/],
    ['64:ff9b::a9fe:a9fe', /credentials/],
    ['100.100.100.200', /credentials/],
    ['fd00:ec2::254', /credentials/],
    ['224.0.0.1', /multicast/],
    ['255.255.255.255', /multicast/],
    ['ff02::1', /multicast/],
    ['240.0.0.1', /reserved/],
    ['192.0.2.1', /reserved/],
    ['2001:db8::1', /reserved/],
    ['2001::1', /reserved/],
    ['localhost', /not an IP address/],
    ['', /not an IP address/],
    ['2130706433', /not an IP address/],
    ['0x7f.1', /not an IP address/],
  ]
  for (const [address, why] of closed) it(`not ${address}`, () => assert.match(nothing(address, 443) ?? '', why))

  for (const address of ['8.8.8.8', '172.32.0.1', '172.15.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    it(address, () => assert.equal(nothing(address, 443), undefined))

  describe('where private addresses are open, too', () => {
    const reach = createReach({ allowed: [], privateToo: true })
    for (const [address, why] of closed)
      it(`${/private/.test(why.source) ? '' : 'not '}${address}`, () =>
        /private/.test(why.source)
          ? assert.equal(reach(address, 443), undefined)
          : assert.match(reach(address, 443) ?? '', why))
  })

  it('what the operator allowed, in every spelling', () => {
    const reach = createReach({ allowed: ['10.1.0.0/16', ' fd00:1::/32', '192.168.7.7'] })
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1:2::3', '192.168.7.7'])
      assert.equal(reach(address, 22), undefined, address)
    for (const address of ['10.2.0.1', 'fd00:2::1', '192.168.7.8', '127.0.0.1']) assert.ok(reach(address, 22), address)
  })

  it('the credentials of the machine only when they are named themselves', () => {
    assert.match(everything('169.254.169.254', 80) ?? '', /credentials/)
    assert.match(createReach({ allowed: ['169.254.0.0/16'] })('169.254.169.254', 80) ?? '', /credentials/)
    assert.equal(createReach({ allowed: ['169.254.169.254'] })('169.254.169.254', 80), undefined)
    assert.equal(everything('127.0.0.1', 80), undefined)
  })

  it('no port outside the range', () => {
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) assert.match(nothing('8.8.8.8', port) ?? '', /no such port/)
  })

  it('an entry that is no network is refused when it is read', () => {
    for (const entry of ['10.0.0.0/33', '::/129', 'intranet', '', '10.0.0.0/x', '10.0.0.0/', '10.0.0/8', 'fe80::1%1'])
      assert.throws(() => createReach({ allowed: [entry] }), RangeError, entry)
  })

  it('the same for an IPv4 address and its mapped form', () => {
    check.assert(check.property(check.ipV4(), (address) => nothing(address, 443) === nothing(`::ffff:${address}`, 443)))
    check.assert(check.property(check.ipV6(), (address) => typeof (nothing(address, 443) ?? '') === 'string'))
  })
})
