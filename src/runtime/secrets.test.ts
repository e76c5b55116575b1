import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'

import {
  externalCall,
  type FlowSketch,
  flowBundle,
  groovyScript,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
} from '../../test/kit/bundle.ts'
import { httpRequest } from '../../test/kit/http-request.ts'
import { services as testServices } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { receivers, senders } from '../adapters/index.ts'
import { type Log, systemClock as clock, uuid } from '../base/index.ts'
import type { ExtraGrants, HttpRoute } from '../flow/index.ts'
import { Body } from '../message/index.ts'
import type { MessageEnded, MessageEvent } from '../monitor/index.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from '../scripts/index.ts'
import { steps } from '../steps/index.ts'
import { createProcessDirect } from './process-direct.ts'
import { defaultLimits } from './recorder.ts'
import { createRuntime, type Runtime } from './runtime.ts'
import { createScheduler } from './scheduler.ts'
import type { SecretRead } from './secret-access.ts'

const java = await findJava(process.env).catch(() => undefined)

const sealer = {
  seal: (plain: Uint8Array) => Buffer.from(plain).toString('base64'),
  open: (sealed: string) => Buffer.from(sealed, 'base64'),
}

const canary = 'C4nary-pässword/"<&>+4711'
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keyDigits = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')

const reader = (statements: string): string => `
import com.sap.it.api.ITApiFactory
import com.sap.it.api.securestore.SecureStoreService
import com.sap.it.api.keystore.KeystoreService
def processData(message) {
  def store = ITApiFactory.getService(SecureStoreService.class, null)
  def keys = ITApiFactory.getService(KeystoreService.class, null)
  def log = messageLogFactory.getMessageLog(message)
  ${statements}
  return message
}`

/** Puts a secret wherever a script can put one. */
const leak = `
  def password = store.getUserCredential('box').getPassword().toString()
  def base64 = password.getBytes('UTF-8').encodeBase64().toString()
  message.setBody('{"password":' + groovy.json.JsonOutput.toJson(password) + ',"b":"' + base64 + '"}')
  message.setHeader('Plain', password)
  message.setHeader('Authorization-Too', 'Basic ' + ('me:' + password).getBytes('UTF-8').encodeBase64())
  message.setHeader('SAP_ApplicationID', password)
  message.setProperty('SAP_MessageProcessingLogCustomStatus', password)
  message.setProperty('own', password)
  message.setProperty('url', java.net.URLEncoder.encode(password, 'UTF-8'))
  message.setProperty('hex', password.getBytes('UTF-8').encodeHex().toString())
  message.setProperty('map', [a: [password]])
  log.setStringProperty('logged', password)
  log.addCustomHeaderProperty('custom', 'x' * 490 + password)
  log.addAttachmentAsString(password, '<a>' + groovy.xml.XmlUtil.escapeXml(password) + '</a>', 'text/xml')
  log.addAttachmentAsString('key', keys.getKey('pair').getEncoded().encodeBase64(true).toString(), 'text/plain')
  println('printed ' + password)
  println(java.util.Base64.getMimeEncoder().encodeToString(keys.getKey('pair').getEncoded()))`

describe(`secrets in flows${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  if (java === undefined) return
  const cacheFolder = temporaryFolder('groovy')
  const events: MessageEvent[] = []
  const reads: SecretRead[] = []
  const logged: unknown[] = []
  const routes = new Map<string, readonly HttpRoute[]>()
  const write = (words: string, fields?: object): void => void logged.push([words, fields])
  const log: Log = { debug: write, info: write, warn: write, error: write }
  let extra: ExtraGrants = { added: [], removed: [] }
  let host: GroovyHost
  let runtime: Runtime
  let tenant: Awaited<ReturnType<typeof newTenantStores>>

  const echo = createServer((request, response) => {
    response.setHeader('X-Seen', request.headers.authorization ?? '')
    response.end(`you sent ${request.headers.authorization}`)
  })
  const { promise: listening, resolve: nowListening } = Promise.withResolvers<void>()
  echo.listen(0, '127.0.0.1', nowListening)

  before(async () => {
    tenant = await newTenantStores()
    await listening
    host = createGroovyHost({ cacheFolder, log, calls: serviceCalls, maxHeapMb: 256 })
    const { stores } = tenant
    const processDirect = createProcessDirect()
    runtime = createRuntime({
      catalog: { steps, receivers, senders },
      store: stores.deployments,
      http: { swap: (flowId, next) => void routes.set(flowId, next) },
      processDirect,
      scheduler: createScheduler({ store: stores.schedules, node: 'n', clock, log }),
      services: testServices({
        processDirect,
        scripts: createScripts({ host, collections: (id) => runtime.collection(id) }),
        credentials: { userCredential: async () => ({ user: 'me', password: canary }) },
        keys: { privateKey: async () => privateKey, certificateChain: async () => [] },
      }),
      extraGrants: () => extra,
      secretRead: (read) => reads.push(read),
      clock,
      log,
      sink: { append: (event) => events.push(event), flushed: async () => {} },
      recording: { clock, sealer, node: 'n', limits: defaultLimits },
      messageTimeout: 60_000,
      drainTimeout: 1_000,
      ended: () => {},
    })
  })
  after(async () => {
    await runtime.stop(0)
    await host.close()
    echo.close()
    await tenant.dispose()
  })

  /** Deploys the flow at level Trace, sends it one message, and returns its log entry with everything opened. */
  async function runFlow(sketch: Omit<FlowSketch, 'id'> & { readonly id: string }) {
    const { id } = sketch
    const { deployments } = tenant.stores
    const content = await flowBundle({
      ...sketch,
      channels: [senderChannel('HTTPS', { urlPath: `/${id}`, xsrfProtection: '0' }), ...(sketch.channels ?? [])],
    })
    const facts = { artifactId: id, type: 'IntegrationFlow', packageId: 'P', name: id, version: '1.0.0' } as const
    await deployments.put({ ...facts, content, deployedBy: 'deployer', deployedAt: 4711, taskId: uuid() })
    await deployments.setLogLevel(id, 'TRACE')
    await runtime.sync()
    assert.equal((await deployments.find(id))?.fault?.message, undefined)
    for (const list of [events, reads, logged]) list.length = 0
    const answer = await routes.get(id)?.[0]?.handle(httpRequest({ body: Body.ofText(`in ${canary}`) }))
    const entry = events.at(-1) as MessageEnded
    const opened = [
      JSON.stringify(events),
      JSON.stringify(logged),
      ...entry.attachments.map(({ sealed }) => sealer.open(sealed).toString()),
      ...entry.steps.flatMap(({ trace }) => {
        if (trace === undefined) return []
        const text = sealer.open(trace.sealed).toString()
        return [text, Buffer.from((JSON.parse(text) as { payload: string }).payload, 'base64').toString()]
      }),
    ]
    return { answer, entry, opened, recorded: opened.join('\n') }
  }

  const traced = (entry: MessageEnded) => entry.steps.filter(({ trace }) => trace !== undefined).length

  function assertNoCanary(recorded: string): void {
    const bytes = Buffer.from(canary)
    for (const form of [
      canary,
      JSON.stringify(canary).slice(1, -1),
      bytes.toString('base64').slice(0, -4),
      bytes.toString('hex'),
      encodeURIComponent(canary),
      'C4nary',
      keyDigits.slice(100, 150),
      privateKey.export({ format: 'jwk' }).d ?? '',
    ]) {
      assert.ok(
        !recorded.includes(form),
        `${form} was recorded: ${recorded.slice(Math.max(0, recorded.indexOf(form) - 200)).slice(0, 400)}`,
      )
    }
  }

  it('are nowhere in what is recorded, wherever a script puts them, and it is flagged', async () => {
    const { answer, entry, recorded } = await runFlow({
      id: 'Leak',
      processes: [
        mainProcess([
          messageStart(),
          groovyScript('One', 'leak.groovy'),
          groovyScript('Two', 'nothing.groovy'),
          messageEnd(),
        ]),
      ],
      files: { 'leak.groovy': reader(leak), 'nothing.groovy': reader('') },
    })
    assert.match(answer?.body.text() ?? '', /C4nary/, 'the message itself is as the script left it')
    assert.equal(entry.status, 'COMPLETED')
    assert.ok(traced(entry) >= 3)
    assert.match(recorded, /printed \*\*\*/)
    assertNoCanary(recorded)
    const flags = entry.properties.filter(([name]) => name === 'SecretExposed').map(([, value]) => value)
    assert.deepEqual(flags.sort(), [
      'box (body)',
      'box (header Authorization-Too)',
      'box (header Plain)',
      'box (header SAP_ApplicationID)',
    ])
    assert.equal(entry.applicationId, '***')
    assert.equal(entry.customStatus, '***')
    assert.equal(entry.attachments[0]?.name, '***')
    assert.deepEqual(
      reads.map(({ flowId, messageId, kind, alias, use, granted }) => [flowId, messageId, kind, alias, use, granted]),
      [
        ['Leak', entry.id, 'credential', 'box', 'read', true],
        ['Leak', entry.id, 'key', 'pair', 'read', true],
      ],
    )
  })

  it('are not in the error of a script, nor in what the exception subprocess records of it', async () => {
    const { entry, recorded } = await runFlow({
      id: 'Throw',
      processes: [
        mainProcess([messageStart(), groovyScript('One', 'throw.groovy'), messageEnd()], {
          exception: [groovyScript('Two', 'handle.groovy')],
        }),
      ],
      files: {
        'throw.groovy': reader(`
          def p = new String(store.getUserCredential('box').password)
          throw new IllegalStateException('no ' + p, new Exception(p))`),
        'handle.groovy': reader(`message.setBody(String.valueOf(message.getProperty('CamelExceptionCaught')))`),
      },
    })
    assert.ok(
      entry.steps.some(({ id }) => id === 'Two'),
      'the error was handled',
    )
    assert.match(entry.error?.message ?? '', /IllegalStateException: no \*\*\*/)
    assertNoCanary(recorded)
  })

  it('of an adapter are not in the trace, even when the receiver sends them back', async () => {
    const { port } = echo.address() as AddressInfo
    const { entry, recorded } = await runFlow({
      id: 'Echo',
      channels: [
        receiverChannel('HTTP', 'Call', {
          httpAddressWithoutQuery: `http://127.0.0.1:${port}/`,
          authenticationMethod: 'Basic',
          credentialName: 'box',
        }),
      ],
      processes: [
        mainProcess([messageStart(), externalCall('Call'), groovyScript('Two', 'nothing.groovy'), messageEnd()]),
      ],
      files: { 'nothing.groovy': reader('') },
    })
    assert.match(recorded, /you sent Basic \S*\*\*\*/)
    assertNoCanary(recorded)
    assert.deepEqual(
      [entry.properties, reads.map(({ alias, use, granted }) => [alias, use, granted])],
      [[], [['box', 'use', true]]],
    )
    const grants = runtime.grantsOf('Echo') ?? []
    assert.deepEqual(
      grants.map(({ flowId, kind, alias, basis, by, at }) => [flowId, kind, alias, basis, by, at]),
      [['Echo', 'credential', 'box', 'model', 'deployer', 4711]],
    )
  })

  it('of a flow are not in what is recorded of the flow that it calls', async () => {
    const { deployments } = tenant.stores
    const called = await flowBundle({
      id: 'Called',
      channels: [senderChannel('ProcessDirect', { address: '/called' })],
      processes: [mainProcess([messageStart(), groovyScript('Inner', 'nothing.groovy'), messageEnd()])],
      files: { 'nothing.groovy': reader('') },
    })
    const facts = {
      artifactId: 'Called',
      type: 'IntegrationFlow',
      packageId: 'P',
      name: 'Called',
      version: '1',
    } as const
    await deployments.put({ ...facts, content: called, deployedBy: 'me', deployedAt: 0, taskId: uuid() })
    await deployments.setLogLevel('Called', 'TRACE')
    await runFlow({
      id: 'Caller',
      channels: [receiverChannel('ProcessDirect', 'Call', { address: '/called' })],
      processes: [
        mainProcess([messageStart(), groovyScript('One', 'read.groovy'), externalCall('Call'), messageEnd()]),
      ],
      files: { 'read.groovy': reader(`message.setBody(new String(store.getUserCredential('box').password))`) },
    })
    const inner = events.find((event) => event.event === 'ended' && event.flowId === 'Called') as MessageEnded
    const traces = inner.steps.map(
      ({ trace }) => JSON.parse(sealer.open(trace?.sealed ?? '').toString()) as { payload: string },
    )
    assert.deepEqual(
      traces.map(({ payload }) => Buffer.from(payload, 'base64').toString()),
      traces.map(() => '***'),
    )
    assert.ok(traces.length >= 2)
  })

  it('that the flow was not granted fail the message, also when the script catches the exception', async () => {
    const files = {
      'read.groovy': reader(
        `try { store."\${'getUser' + 'Credential'}"('other') } catch (com.sap.it.api.securestore.exception.SecureStoreException e) { }`,
      ),
    }
    const processes = [mainProcess([messageStart(), groovyScript('One', 'read.groovy'), messageEnd()])]
    const { entry } = await runFlow({ id: 'Denied', processes, files })
    assert.equal(entry.status, 'FAILED')
    assert.equal(entry.error?.code, 'runtime.grantMissing')
    assert.match(entry.error.message, /'Denied' may not read the credential 'other'/)
    assert.deepEqual(
      reads.map(({ alias, granted }) => [alias, granted]),
      [['other', false]],
    )
    const grant = {
      flowId: 'Denied',
      kind: 'credential',
      alias: 'other',
      basis: 'administrator',
      where: 'ticket',
      by: 'admin',
      at: 1,
    } as const
    extra = { added: [grant], removed: [] }
    assert.equal((await runFlow({ id: 'Denied', processes, files })).entry.status, 'COMPLETED')
    assert.deepEqual(runtime.grantsOf('Denied'), [grant])
    extra = { added: [], removed: [] }
  })
})
