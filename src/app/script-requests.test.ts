import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'

import { services, testRun } from '../../test/kit/step.ts'
import { silentLog } from '../base/index.ts'
import type { TenantPolicy } from '../identity/index.ts'
import { openScriptRequests } from './script-requests.ts'

let server: Server
before(async () => {
  server = createServer((_request, response) => response.end('reached'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
after(() => {
  server.closeAllConnections()
  server.close()
})

it('scripts reach the networks that the policy opens, from the next request on', async () => {
  let scriptNetworks: readonly string[] = []
  const noted: unknown[] = []
  await using requests = openScriptRequests({
    policy: { get: () => ({ scriptNetworks }) as TenantPolicy },
    audit: { note: (event) => void noted.push(event) },
    log: silentLog,
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const request = {
    method: 'GET',
    url: `http://${host}/`,
    headers: [],
    body: undefined,
    followRedirects: true,
    connectTimeout: 0,
    readTimeout: 0,
  }
  const call = async (): Promise<string> =>
    (await requests.request(request, testRun({ messageId: 'm', services: services() }))).body.toString()

  await assert.rejects(call(), { code: 'outbound.addressRefused' })
  const why = 'it is the machine of Sluice itself (loopback)'
  const attributes = { flow: 'TestFlow', message: 'm', use: 'read', kind: 'host', why }
  assert.deepEqual(noted, [{ action: 'Refuse', objectType: 'Grant', objectId: host, attributes }])
  scriptNetworks = ['127.0.0.1/32']
  assert.equal(await call(), 'reached')
  scriptNetworks = []
  await assert.rejects(call(), { code: 'outbound.addressRefused' })
})
