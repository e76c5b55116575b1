import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { flowBundle, mainProcess, messageEnd, messageStart, senderChannel, step } from '../kit/bundle.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The way of a newcomer: start, call the sample, look at the log, deploy a flow, call it, take it away again. */
describe('the first flow', () => {
  let sluice: RunningSluice
  before(async () => {
    sluice = await startSluice()
  })
  after(() => sluice.dispose())

  const order = (customer: string): string =>
    `<order id="A-1"><customer>${customer}</customer><country>FR</country><item quantity="2" price="10.50"/></order>`

  function call(path: string, body: string, certificate = true): Promise<Answer> {
    const file = (name: string): string => readFileSync(sluice.file(name), 'utf8')
    const client = certificate ? { cert: file('client.pem'), key: file('client.key') } : {}
    return new Promise((resolve, reject) => {
      const url = `${sluice.runtimeUrl}${path}`
      const sent = request(url, { method: 'POST', ca: file('ca.pem'), ...client, agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  it('the sample routes and enriches', async () => {
    const { status, text } = await call('/http/sample/orders', order('C1000'))
    assert.equal(status, 200)
    const { received, ...rest } = JSON.parse(text) as Record<string, unknown>
    assert.match(String(received), /^\d{4}-\d\d-\d\dT/)
    assert.deepEqual(rest, { order: 'A-1', accepted: true, handling: 'export', tier: 'gold', total: 21 })
  })

  it('the sample answers an error by its exception subprocess, and the log keeps the error', async () => {
    const { status, text, headers } = await call('/http/sample/orders', order('nobody'))
    assert.equal(status, 422)
    assert.equal((JSON.parse(text) as { accepted: boolean }).accepted, false)
    const id = String(headers.sap_messageprocessinglogid)
    const message = JSON.parse(await sluice.cli('logs', id, '--json')) as { Status?: string; status?: string }
    assert.match(JSON.stringify(message), /OrderRefused/)
  })

  it('a call without a certificate is refused, and says why to the administrator only', async () => {
    const { status, text } = await call('/http/sample/orders', order('C1000'), false)
    assert.equal(status, 401)
    const reference = /[2-9B-Z]{10}/.exec(text)?.[0] ?? ''
    assert.notEqual(reference, '')
    // Refusals are written in batches; an administrator sees one within two seconds.
    let refusals = ''
    for (let tries = 0; tries < 4 && !refusals.includes(reference); tries++) {
      refusals = await sluice.cli('refusals', '--reference', reference, '--json')
    }
    assert.match(refusals, /identity\.credentialMissing/)
    assert.ok(!text.includes('credentialMissing'))
  })

  it('a flow is deployed, called, logged and undeployed', async () => {
    const folder = temporaryFolder('journey')
    const file = join(folder, 'hello.zip')
    const hello = await flowBundle({
      id: 'Hello',
      channels: [senderChannel('HTTPS', { urlPath: '/hello', xsrfProtection: '0' })],
      processes: [
        mainProcess([
          messageStart(),
          step('Set', 'Enricher', { bodyType: 'expression', wrapContent: 'Hello ${in.body}' }),
          messageEnd(),
        ]),
      ],
    })
    writeFileSync(file, hello)
    assert.match(await sluice.cli('deploy', file), /Hello/)
    const answer = await call('/http/hello', 'world')
    assert.deepEqual([answer.status, answer.text], [200, 'Hello world'])
    assert.match(await sluice.cli('logs', '--flow', 'Hello'), /COMPLETED/)
    await sluice.cli('undeploy', 'Hello')
    assert.equal((await call('/http/hello', 'world')).status, 404)
  })

  it('everything comes back after a restart', async () => {
    await sluice.end()
    sluice = await sluice.startAgain()
    assert.equal((await call('/http/sample/orders', order('C1000'))).status, 200)
  })
})
