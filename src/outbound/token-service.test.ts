import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'

import { oauthCredential, receiverWorld, type ReceiverWorld } from '../../test/kit/receiver-world.ts'
import { Fault, systemClock } from '../base/index.ts'
import { askForToken } from './token-service.ts'

describe('the answer of a token service', () => {
  let world: ReceiverWorld
  before(async () => {
    world = await receiverWorld()
  })
  after(() => world[Symbol.asyncDispose]())
  beforeEach(() => {
    world.tokenAnswer = undefined
  })

  const canary = 's3cret+/ä'
  async function ask(answer?: (response: ServerResponse) => void, url = `${world.origin}/token`) {
    world.tokenAnswer = answer && ((_, response) => answer(response))
    const credential = oauthCredential(world, { shown: { tokenServiceUrl: url } })
    const request = {
      inUrl: {},
      inBody: { client_secret: canary },
      headers: {},
      form: 'urlencoded',
      keyPair: undefined,
    } as const
    const trusted = await world.outbound.trustedServers?.()
    return askForToken({ credential, ...request }, trusted ?? { id: '', certificates: [] }, systemClock)
  }
  const json =
    (body: object, status = 200) =>
    (response: ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const fine = { access_token: 'a.b-c_d~e+/=', token_type: 'BEARER' }

  it('is a token with its life', async () => {
    const cases: readonly [object, number][] = [
      [{ expires_in: 600 }, 600],
      [{ expires_in: '599' }, 599],
      [{}, 3_600],
      [{ expires_in: -1 }, 3_600],
      [{ expires_in: 'soon' }, 3_600],
      [{ expires_in: 1e12 }, 86_400 * 365],
    ]
    for (const [more, seconds] of cases) {
      const { value, issuedAt, expiresAt } = await ask(json({ ...fine, ...more }))
      assert.deepEqual([value, (expiresAt - issuedAt) / 1_000], [fine.access_token, seconds])
    }
  })

  const wrong: readonly [name: string, answer: (response: ServerResponse) => void, code: string, words: RegExp][] = [
    ['a page', (response) => void response.end(`<html>${canary}</html>`), 'tokenAnswerInvalid', /it is a page/],
    ['no JSON', (response) => void response.end(canary), 'tokenAnswerInvalid', /no JSON object/],
    ['a list', (response) => void response.end('[]'), 'tokenAnswerInvalid', /no JSON object/],
    ['nothing', (response) => void response.end(), 'tokenAnswerInvalid', /no JSON object/],
    ['no token', json({ token_type: 'Bearer', note: canary }), 'tokenAnswerInvalid', /no access token/],
    ['a number for a token', json({ ...fine, access_token: 1 }), 'tokenAnswerInvalid', /no access token/],
    [
      'a token with a line break',
      json({ ...fine, access_token: `${canary}\r\nX: 1` }),
      'tokenAnswerInvalid',
      /no header/,
    ],
    ['another type', json({ ...fine, token_type: 'mac' }), 'tokenAnswerInvalid', /another type/],
    ['no type but a number', json({ ...fine, token_type: 7 }), 'tokenAnswerInvalid', /another type/],
    ['an error page', (response) => void response.writeHead(500).end(`<b>${canary}`), 'tokenRefused', /status 500/],
    [
      'an error',
      json({ error: 'invalid_client', error_description: canary }, 401),
      'tokenRefused',
      /error invalid_client/,
    ],
    ['an unknown error', json({ error: canary }, 400), 'tokenRefused', /without an error code/],
    ['a redirect', (response) => void response.writeHead(302, { location: '/x' }).end(), 'tokenRefused', /status 302/],
    ['too much', (response) => void response.end('x'.repeat(300_000)), 'tokenServiceUnreachable', /too large/],
    [
      'half',
      (response) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
      'tokenServiceUnreachable',
      /UND_ERR|ECONN|connection/,
    ],
    [
      'a closed door',
      (response) => void response.socket?.destroy(),
      'tokenServiceUnreachable',
      /UND_ERR|ECONN|connection/,
    ],
  ]
  for (const [name, answer, code, words] of wrong)
    it(`is refused: ${name}`, async () => {
      await assert.rejects(ask(answer), (error: Error) => {
        assert.ok(error instanceof Fault)
        assert.equal(error.code, `outbound.${code}`)
        assert.match(error.message, words)
        assert.match(error.message, /'Client' at localhost/)
        assert.ok(!JSON.stringify([error, error.details, String(error.cause), error.stack]).includes('s3cret'))
        return true
      })
    })

  it('is not waited for for ever', { timeout: 5_000 }, async (context) => {
    const soon = AbortSignal.timeout(200)
    context.mock.method(AbortSignal, 'timeout', () => soon)
    await assert.rejects(
      ask(() => {}),
      /did not answer in time/,
    )
  })

  it('comes from a server that is trusted, or not at all', async () => {
    const credential = oauthCredential(world)
    const request = { inUrl: {}, inBody: {}, headers: {}, form: 'urlencoded', keyPair: undefined } as const
    await assert.rejects(askForToken({ credential, ...request }, { id: '', certificates: [] }, systemClock), {
      code: 'outbound.tokenServiceUnreachable',
    })
    await assert.rejects(ask(undefined, 'https://localhost:1/token'), { code: 'outbound.tokenServiceUnreachable' })
  })
})
