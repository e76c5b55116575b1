import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { echo, newTenant, type Tenant } from '../../test/kit/front-door.ts'
import type { ExplainQuestion } from './explain.ts'

let tenant: Tenant
let user = ''
let password = ''
let certificate = ''
let clientId = ''

before(async () => {
  tenant = await newTenant()
  const { auth } = await tenant.secretKey()
  user = auth.split(':')[0] ?? ''
  password = auth.slice(user.length + 1)
  const opened = await tenant.certificateKey()
  certificate = opened.tls.cert
  clientId = opened.key.clientId
  await tenant.role('Orders')
  await tenant.identity.users.create({ name: 'ada', password: 'correct horse battery' }, 'test')
  tenant.routes.swap('Echo', [
    echo(),
    echo({ address: '/orders', authorization: { kind: 'role', role: 'Orders' } }),
    echo({ address: '/csrf', csrfProtected: true }),
  ])
})

const ask = (question: Partial<ExplainQuestion>) =>
  tenant.explain({ endpoint: '/http/echo', method: 'GET', remoteAddress: '10.0.0.1', ...question })
const firstRefusal = async (question: Partial<ExplainQuestion>) =>
  (await ask(question)).checks.find(({ outcome }) => outcome === 'refused')?.code

describe('the answer', () => {
  it('to what would be accepted names caller and flow', async () => {
    const answer = await ask({ certificate })
    assert.deepEqual(
      [answer.accepted, answer.reason, answer.remedy, answer.principal?.name, answer.flowId],
      [true, 'The call would be accepted.', '', clientId, 'Echo'],
    )
    assert.deepEqual([...new Set(answer.checks.map(({ outcome }) => outcome))], ['passed'])
  })

  it('to what would not be has the first reason, and all checks', async () => {
    const answer = await ask({ certificate, endpoint: '/http/orders?x=1' })
    assert.deepEqual([answer.accepted, answer.principal, answer.flowId], [false, undefined, 'Echo'])
    assert.match(answer.reason, /'Orders'/)
    assert.ok(answer.remedy.length > 10)
    assert.deepEqual(
      answer.checks.filter(({ outcome }) => outcome === 'refused').map(({ code }) => code),
      ['role.missing'],
    )
  })

  for (const [name, question, code] of [
    ['nobody', {}, 'identity.credentialMissing'],
    ['a wrong secret', { basic: { user: 'sb-x!y', password: 'x' } }, 'identity.secretWrong'],
    ['a wrong password', { basic: { user: 'ada', password: 'x' } }, 'identity.passwordWrong'],
    ['a right password without a role', { basic: { user: 'ada', password: 'correct horse battery' } }, 'role.missing'],
    ['a token where none are taken', { token: 'x.y.z' }, 'identity.bearerUnsupported'],
    ['a method that is not served', { method: 'trace' }, 'method.forbidden'],
  ] as const)
    it(`to ${name} is ${code}`, async () => assert.equal(await firstRefusal(question), code))

  it('to client id and secret is yes', async () => {
    assert.equal((await ask({ basic: { user, password } })).accepted, true)
  })

  it('to an unknown address still says what is known', async () => {
    const answer = await ask({ certificate, endpoint: '/http/none' })
    assert.equal(answer.checks.find(({ outcome }) => outcome === 'refused')?.code, 'route.unknown')
    assert.equal(answer.checks.find(({ stage }) => stage === 'role')?.outcome, 'open')
  })

  it('to an untrusted certificate has the words of path validation', async () => {
    const { chain } = await selfSigned({ subject: 'CN=x' })
    assert.equal(await firstRefusal({ certificate: chain }), 'certificate.selfSigned')
  })

  it('leaves open what only a real call has: a CSRF token, an address that was not given', async () => {
    const { remoteAddress: _, ...unknown } = { remoteAddress: '' }
    const answer = await tenant.explain({ endpoint: '/http/csrf', method: 'POST', certificate, ...unknown })
    assert.deepEqual(
      answer.checks.filter(({ outcome }) => outcome === 'open').map(({ stage }) => stage),
      ['network', 'network', 'network', 'csrf'],
    )
    assert.equal(answer.accepted, true)
    assert.match(answer.reason, /network, csrf/)
  })

  it('counts nothing: no wrong password, no call', async () => {
    const { identity } = tenant
    await identity.tenantPolicy.set(
      { lockAfter: 2, rates: { ...identity.policy().rates, client: { perSecond: 0.001, burst: 1 } } },
      'test',
    )
    for (let n = 0; n < 10; n++) {
      assert.equal(await firstRefusal({ basic: { user: 'ada', password: 'x' } }), 'identity.passwordWrong')
      assert.equal((await ask({ certificate })).accepted, true)
    }
    assert.equal(identity.users.find('ada')?.locked, false)
  })

  for (const [name, question] of [
    ['a certificate that is none', { certificate: 'garbage' }],
    ['both Basic and a token', { basic: { user: 'x', password: 'y' }, token: 'z' }],
    ['an endpoint that is no path', { endpoint: 'http/echo' }],
  ] as const)
    it(`cannot be given to ${name}`, () => assert.rejects(ask(question), { code: 'inbound.questionUnusable' }))
})
