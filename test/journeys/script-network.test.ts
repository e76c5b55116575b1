import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { textOf } from '../kit/caller.ts'
import { moduleFlow } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

/** An installation whose scripts call a server on its own machine. */
describe('the network of scripts', () => {
  let sluice: RunningSluice
  let server: Server
  let port: number
  before(async () => {
    server = createServer((_request, response) => response.end('reached'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    sluice = await startSluice()
    const call = (url: string): string => `message.body = message.services.http.request({ url: ${url} }).text()`
    const urls = {
      Named: `'http://127.0.0.1:${port}/x?secret=1'`,
      Hidden: `'http://api.example.com/'.replace('api.example.com', '127.0.0.1:${port}')`,
    }
    for (const [id, url] of Object.entries(urls)) {
      writeFileSync(join(sluice.folder, `${id}.zip`), await moduleFlow(id, call(url)))
      await sluice.cli('deploy', join(sluice.folder, `${id}.zip`))
    }
  })
  after(async () => {
    await sluice.dispose()
    server.closeAllConnections()
    server.close()
  })

  const call = (path: string): Promise<string> => textOf(sluice.runtimeUrl, sluice, `/http/${path}`, 'x')

  it('is closed where no policy opens it, and the refusal is audited', async () => {
    assert.doesNotMatch(await call('Named'), /reached/)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.match(await sluice.cli('logs', '--flow', 'Named', '--json'), /"FAILED"/)
    const audited = await sluice.cli('audit', 'list', '--json')
    assert.match(audited, new RegExp(`127\\.0\\.0\\.1:${port}`))
    assert.match(audited, /loopback/)
  })

  it('is open from the next request on where the policy says so, for hosts of the manifest only', async () => {
    await sluice.cli('policy', 'set', 'script-networks=127.0.0.0/8')
    assert.equal(await call('Named'), 'reached')
    assert.doesNotMatch(await call('Hidden'), /reached/)
  })
})
