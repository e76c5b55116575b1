import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'

import { receiverCalls } from '../../../test/kit/receiver-calls.ts'
import { principal, receiverWorld, type ReceiverWorld } from '../../../test/kit/receiver-world.ts'
import { flowFacts } from '../../../test/kit/step.ts'
import { Body, Exchange } from '../../message/index.ts'

describe('what calls of a channel share', () => {
  let world: ReceiverWorld
  let kit: ReturnType<typeof receiverCalls>
  before(async () => {
    world = await receiverWorld()
    kit = receiverCalls(world)
  })
  after(() => world[Symbol.asyncDispose]())
  beforeEach(() => world.reset())

  const client = { authenticationMethod: 'OAuth2 Client Credentials', credentialName: 'Client' }
  const propagation = { authenticationMethod: 'Principal Propagation', privateKeyAlias: 'users' }

  it('500 calls at once ask for one token', async () => {
    kit.credential()
    await using outlet = await kit.open(client)
    const users = await Promise.all(Array.from({ length: 500 }, () => kit.call(outlet, kit.runOf())))
    assert.deepEqual([users.length, new Set(users).size, world.asked.length], [500, 1, 1])
  })

  it('a refused token is dropped once, and the call repeated once', async () => {
    kit.credential()
    await using outlet = await kit.open(client)
    await kit.call(outlet, kit.runOf())
    world.revoke()
    assert.equal(await kit.call(outlet, kit.runOf(), new Exchange({ body: Body.ofText('again') })), 'client')
    assert.equal(world.asked.length, 2)
    world.tokenAnswer = (_, response) => void response.end('{"access_token":"unknown","token_type":"Bearer"}')
    world.revoke()
    await assert.rejects(kit.call(outlet, kit.runOf()), { code: 'http.failed' })
    assert.equal(world.asked.length, 3)
  })

  it('a changed credential has no tokens yet', async () => {
    kit.credential()
    await using outlet = await kit.open(client)
    await kit.call(outlet, kit.runOf())
    kit.credential()
    await kit.call(outlet, kit.runOf())
    assert.equal(world.asked.length, 2)
  })

  it('a token is in no header or property afterwards, and blotted out of what is recorded', async () => {
    kit.credential()
    await using outlet = await kit.open(client)
    const run = kit.runOf()
    const exchange = new Exchange({ headers: [['X-Mine', '1']], properties: [['p', '1']] })
    await outlet.send(exchange, run)
    const sent = world.served[0]?.headers.authorization ?? ''
    assert.match(sent, /^Bearer at-/)
    assert.ok(![...exchange.headers, ...exchange.properties].some(([, value]) => String(value).includes('at-')))
    assert.equal(run.lent.redactText(`saw ${sent}`), 'saw Bearer ***')
  })

  it('a message that is cancelled waits for no token', async () => {
    kit.credential()
    world.tokenAnswer = () => {}
    await using outlet = await kit.open(client)
    const controller = new AbortController()
    const sent = kit.call(outlet, kit.runOf(undefined, { signal: controller.signal }))
    setTimeout(() => controller.abort(new Error('cancelled')), 50)
    await assert.rejects(sent, /cancelled/)
  })

  it('two users interleaved 10,000 times are never mixed up', async () => {
    const read = kit.readerOf('c-1')
    world.userOf = ({ body }) => read('jwt', body.get('assertion') ?? '')
    world.expiresIn = 2
    kit.credential({ shown: { clientAuthentication: 'none', keyPairAlias: 'client' } })
    await using outlet = await kit.open({ authenticationMethod: 'OAuth2 JWT Bearer', credentialName: 'Client' })
    const users = ['anna', 'bert'].map((name) => principal(name))
    let wrong = 0
    for (let batch = 0; batch < 200; batch++)
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const who = users[(batch + index) % 2]
          if ((await kit.call(outlet, kit.runOf(who))) !== who?.name) wrong++
        }),
      )
    assert.equal(wrong, 0)
    assert.equal(world.served.length, 10_000)
    assert.ok(world.asked.length < 100, `${world.asked.length} tokens`)
  })

  for (const [name, properties, flow] of [
    ['with a certificate of their own', propagation, {}],
    [
      'in a session',
      { authenticationMethod: 'Basic', credentialName: '${header.who}' },
      { sessionHandling: 'onIntegrationFlow' },
    ],
  ] as const) {
    it(`no connection serves two users ${name}`, async () => {
      world.sessions = true
      await using outlet = await kit.open(properties, flow)
      const facts = flowFacts(flow)
      const names = ['anna', 'bert', 'carla']
      for (let round = 0; round < 20; round++)
        await Promise.all(
          [...names, ...names].map((who) => {
            const run = kit.runOf(principal(who), { flow: facts })
            return kit.call(outlet, run, new Exchange({ headers: [['who', who]] }))
          }),
        )
      const usersOf = Map.groupBy(world.served, ({ socket }) => socket)
      assert.ok(usersOf.size >= 3 && usersOf.size < 60, `${usersOf.size} connections`)
      for (const served of usersOf.values()) assert.equal(new Set(served.map(({ user }) => user)).size, 1)
      for (const { user, headers } of world.served)
        assert.ok(
          headers.cookie === undefined || headers.cookie === `session=${encodeURIComponent(user)}`,
          headers.cookie,
        )
    })
  }
})
