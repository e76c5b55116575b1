import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { echo } from '../../test/kit/front-door.ts'
import { checkAddress } from './addresses.ts'
import { createRoutes } from './routes.ts'

describe('addresses', () => {
  for (const address of ['/orders', '/Orders/v1.0', '/$metadata', '/a/~b', '/a_b-c', '/orders/*', '/*', '/a/.hidden'])
    it(`${address} can be served`, () => checkAddress(address))
  for (const address of [
    '',
    'orders',
    '/',
    '/.a',
    '/-a',
    '/~a',
    '/a~b',
    '/a$',
    '/a/$b',
    '/a*',
    '/*/a',
    '/a/*/b',
    '/a//b',
    '/a/../b',
    '/a/.',
    '/a b',
    '/ä',
    '/a%20b',
    '/a?b',
  ])
    it(`${JSON.stringify(address)} cannot be served`, () =>
      assert.throws(() => checkAddress(address), { code: 'inbound.addressInvalid' }))
})

const rest = (address: string, flowId = 'A') => echo({ address, flowId })
const soap = (address: string, flowId: string) => echo({ base: '/cxf', address, flowId, protocol: 'SOAP' })

describe('the table of routes', () => {
  const routes = createRoutes()
  routes.swap('A', [rest('/orders'), rest('/Customer/*')])
  routes.swap('B', [soap('/service', 'B')])
  routes.swap('C', [soap('/service/v2', 'C')])
  for (const [path, flow, behind] of [
    ['/http/orders', 'A', ''],
    ['/HTTP/Orders', 'A', ''],
    ['/http/orders/', 'A', ''],
    ['/http/%6Frders', 'A', ''],
    ['/http/customer/4711/Addr', 'A', '4711/Addr'],
    ['/http/customer/a%20b/c', 'A', 'a%20b/c'],
    ['/http/c%75stomer/a', 'A', 'a'],
    ['/http/customer/', 'A', ''],
    ['/http/customer', 'A', ''],
    ['/cxf/service', 'B', ''],
    ['/cxf/service/anything', 'B', ''],
    ['/cxf/service/v2/x', 'C', ''],
    ['/cxf/service/v22', 'B', ''],
    ['/http/orders/1', undefined, ''],
    ['/http/customers', undefined, ''],
    ['/http/customer/../orders', undefined, ''],
    ['/http/customer/%2e%2e/orders', undefined, ''],
    ['/http/customer/a%2fb', undefined, ''],
    ['/http/customer/a%00', undefined, ''],
    ['/http/customer/%zz', undefined, ''],
    ['/http/customer/a\\b', undefined, ''],
    ['/orders', undefined, ''],
    ['/', undefined, ''],
    ['', undefined, ''],
    ['*', undefined, ''],
  ] as const)
    it(`${path} leads to ${flow}`, () => {
      const match = routes.find(path)
      assert.equal(match?.door.route.flowId, flow)
      if (match) assert.equal(match.rest, behind)
    })

  it('serves the shorter address again when the longer one goes', () => {
    routes.swap('C', [])
    assert.equal(routes.find('/cxf/service/v2/x')?.door.route.flowId, 'B')
  })
})

describe('a slash that is encoded', () => {
  const routes = createRoutes()
  routes.swap('A', [rest('/plain/*'), echo({ address: '/keys/*', flowId: 'A', encodedSlashes: true })])
  for (const [path, behind] of [
    ["/http/keys/Things('a%2Fb')", "Things('a%2Fb')"],
    ["/HTTP/Keys/Things('a%2fb')/c", "Things('a%2fb')/c"],
    ['/http/keys/a%252fb', 'a%252fb'],
    ['/http/plain/a%2Fb', undefined],
    ['/http/keys%2Fa', undefined],
    ['/http%2Fkeys/a', undefined],
    ['/http/keys/..%2Fplain', undefined],
    ['/http/keys/%2e%2e%2fplain/a', undefined],
    ['/http/keys/a%2f..%2fb', undefined],
    ['/http/keys/a%5Cb', undefined],
  ] as const)
    it(`${path} is ${behind === undefined ? 'served by nobody' : 'part of a segment'}`, () =>
      assert.equal(routes.find(path)?.rest, behind))
})

describe('swapping', () => {
  for (const [present, next] of [
    ['/orders', '/Orders'],
    ['/orders/*', '/orders/1'],
    ['/orders/1', '/orders/*'],
    ['/a/*', '/a/b/*'],
    ['/*', '/orders'],
    ['/orders/*', '/ORDERS/*'],
  ] as const)
    it(`${next} is refused beside ${present} of another flow, which is named`, () => {
      const routes = createRoutes()
      routes.swap('First', [rest(present, 'First')])
      assert.throws(() => routes.swap('Second', [rest('/free', 'Second'), rest(next, 'Second')]), {
        code: 'inbound.addressTaken',
        message: /'First'/,
      })
      assert.notEqual(routes.find('/http/free')?.door.route.flowId, 'Second')
      assert.deepEqual(
        routes.list().map(({ address }) => address),
        [present],
      )
    })

  it('replaces the routes of one flow at once, and takes them out', () => {
    const routes = createRoutes()
    routes.swap('A', [rest('/a'), rest('/b')])
    routes.swap('A', [rest('/b'), rest('/c')])
    assert.deepEqual(
      ['/http/a', '/http/b', '/http/c'].map((path) => routes.find(path) !== undefined),
      [false, true, true],
    )
    routes.swap('A', [])
    assert.deepEqual(routes.list(), [])
  })

  it('refuses one address twice within a flow', () => {
    assert.throws(() => createRoutes().swap('A', [rest('/a'), rest('/A')]), { code: 'inbound.addressTaken' })
  })

  it('addresses of different bases do not meet', () => {
    const routes = createRoutes()
    routes.swap('A', [rest('/x/*')])
    routes.swap('B', [soap('/x/y', 'B')])
    assert.equal(routes.find('/cxf/x/y')?.door.route.flowId, 'B')
  })
})
