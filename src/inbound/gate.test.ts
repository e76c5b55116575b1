import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:https'
import { after, before, beforeEach, describe, it } from 'node:test'

import { echo, type FrontDoor, openFrontDoor } from '../../test/kit/front-door.ts'
import { principalOf } from '../../test/kit/http-request.ts'
import type { TokenOwner } from './tokens.ts'

let door: FrontDoor
let settle: ((owner: TokenOwner) => void) | undefined
let runs = 0

const owner: TokenOwner = {
  principal: principalOf('ada', { method: 'bearer', clientId: 'c', issuer: 'us' }),
  roles: new Set(['ESBMessaging.send']),
  plan: 'integration-flow',
  method: 'bearer',
  client: 'instance 1',
  until: Number.POSITIVE_INFINITY,
}

before(async () => {
  door = await openFrontDoor({
    tokens: { revision: 1, verify: () => new Promise((resolve) => (settle = resolve)) },
    body: { memory: 1000, idle: 2000 },
  })
})
after(() => door.close())
beforeEach(() => {
  settle = undefined
  runs = 0
  door.refusals.length = 0
  door.routes.swap('Echo', [echo({ handle: ({ body }) => (runs++, { status: 200, headers: [], body }) })])
})

const headers = { Authorization: 'Bearer slow' }
const proved = async () => {
  await door.until(() => settle !== undefined)
  settle?.(owner)
}

describe('while it is found out who calls', () => {
  for (const size of [0, 10, 5000])
    it(`a body of ${size} bytes waits, and comes whole`, async () => {
      const body = 'x'.repeat(size)
      const answer = door.call('/http/echo', { method: 'POST', headers, body })
      await proved()
      assert.deepEqual([(await answer).text, runs], [body, 1])
    })

  it('a caller that waits for leave waits on', async () => {
    const sent = request({
      port: door.port,
      path: '/http/echo',
      method: 'POST',
      ca: door.ca.certificate,
      agent: false,
      headers: { ...headers, Expect: '100-continue', 'Content-Length': 5 },
    })
    let leave = false
    sent.on('continue', () => {
      leave = true
      sent.end('hello')
    })
    sent.flushHeaders()
    await door.until(() => settle !== undefined)
    assert.equal(leave, false)
    await proved()
    const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume: () => void }]
    response.resume()
    assert.deepEqual([response.statusCode, leave], [200, true])
  })

  it('a caller that goes is not served: nothing runs, and a record is left', async () => {
    const sent = request({ port: door.port, path: '/http/echo', ca: door.ca.certificate, agent: false, headers })
    sent.on('error', () => undefined)
    sent.end()
    await door.until(() => settle !== undefined)
    sent.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await proved()
    await door.until(() => door.refusals.length > 0)
    assert.deepEqual([door.refusals.map(({ code }) => code), runs], [['transfer.aborted'], 0])
  })

  it('others on their connections are served', async () => {
    const { auth } = await door.secretKey()
    const slow = door.call('/http/echo', { headers })
    await door.until(() => settle !== undefined)
    assert.equal((await door.call('/http/echo', { auth, body: 'x', method: 'POST' })).text, 'x')
    await proved()
    assert.equal((await slow).status, 200)
  })
})

describe('a route that fails behind a slow proof', () => {
  it('is a 500 as everywhere else', async () => {
    door.routes.swap('Echo', [
      echo({
        handle: () => {
          throw new Error('broken')
        },
      }),
    ])
    const answer = door.call('/http/echo', { headers })
    await proved()
    assert.equal((await answer).status, 500)
    assert.ok(!(await answer).text.includes('broken'))
  })
})
