/** No secret byte leaves, and no credential header reaches a flow, in a product that was used in every way there is. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { openControlStores, openDatabase } from '../../src/database/index.ts'
import { openMasterKey, openTenantKey } from '../../src/keystore/index.ts'
import {
  externalCall,
  flowBundle,
  groovyScript,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
  step,
} from '../kit/bundle.ts'
import { createApiCaller, createCaller, keyFile, messageStatuses } from '../kit/caller.ts'
import { command, deploy } from '../kit/deploy.ts'
import { type Backend, startBackend } from '../kit/flows.ts'
import { filesBelow, findSecrets, ownFiles } from '../kit/secret-search.ts'
import { childOf, type RunningSluice, startSluice } from '../kit/sluice.ts'

const password = 'Pa55-w0rd/für~den+Hintergrund'
/** Sent in a header that a flow must not see. */
const cookie = 'session-4f1c0e9ab77d42d0'
const proxySecret = 'proxy-77aa1c5f0b9e4e21'

let sluice: RunningSluice
let backend: Backend
let dump = ''
/** Everything that was ever answered or printed, by where it came from. */
const said = new Map<string, Buffer>()

const script = `import com.sap.gateway.ip.core.customdev.util.Message
def Message processData(Message message) {
  def lines = message.getHeaders().collect { name, value -> 'header ' + name + '=' + value }
  lines += message.getProperties().collect { name, value -> 'property ' + name + '=' + value }
  lines << 'body ' + message.getBody(String)
  message.setBody(lines.join('\\n'))
  def log = messageLogFactory.getMessageLog(message)
  log.addAttachmentAsString('dump', lines.join('\\n'), 'text/plain')
  log.setStringProperty('dump', lines.join(' '))
  if (message.getHeaders().get('X-Fail') != null) throw new IllegalStateException(lines.join(' '))
  return message
}
`
const call = (address: string, credential: string) =>
  receiverChannel('HTTP', 'Call', {
    httpAddressWithoutQuery: address,
    httpMethod: 'POST',
    authenticationMethod: 'Basic',
    credentialName: credential,
    httpRequestTimeout: '2000',
    proxyType: 'default',
    allowedRequestHeaders: '*',
    allowedResponseHeaders: '*',
  })
const open = { allowedHeaderList: '*' }
const sender = (path: string) => senderChannel('HTTPS', { urlPath: path, xsrfProtection: '0' })
const forward = (id: string, address: string, credential: string) =>
  flowBundle({
    id,
    settings: open,
    channels: [sender(`/${id}`), call(address, credential)],
    processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
  })

/** Headers that hold a credential or steer, beside one that does not. */
const headers = {
  cookie: `SID=${cookie}`,
  'proxy-authorization': `Basic ${proxySecret}`,
  ssl_client_cert: 'forged',
  'ssl-client-cert': 'forged',
  'client-cert': ':Zm9yZ2Vk:',
  'client-cert-chain': ':Zm9yZ2Vk:',
  'x-forwarded-client-cert': 'forged',
  'sap-connectivity-authentication': `Bearer ${proxySecret}`,
  camelhttpuri: 'http://127.0.0.1:1/',
  sap_messageprocessinglogid: 'forged',
  'x-mine': 'seen',
}

async function say(words: readonly string[], input?: string): Promise<string> {
  const { out, err } = await command(sluice, words, input)
  said.set(`sluice ${words.join(' ')}`, Buffer.from(out + err))
  return out
}

before(async () => {
  backend = await startBackend({
    accept: (given) => given === `Basic ${Buffer.from(`svc:${password}`).toString('base64')}`,
  })
  sluice = await startSluice({ SLUICE_LOG_LEVEL: 'debug' })
  await say(['credentials', 'set', 'BACKEND', '--user', 'svc', '--description', 'for the test'], `${password}\n`)
  await say(['credentials', 'set', 'WRONG', '--user', 'other'], `${password}\n`)
  await deploy(
    sluice,
    await flowBundle({
      id: 'Dump',
      settings: open,
      channels: [sender('/Dump')],
      processes: [
        mainProcess([
          messageStart(),
          step('Keep', 'Enricher', { bodyType: 'expression', wrapContent: '${headers} ${in.headers} ${in.body}' }),
          groovyScript('Script', 'dump.groovy'),
          messageEnd(),
        ]),
      ],
      files: { 'dump.groovy': script },
    }),
    await forward('Forward', backend.url, 'BACKEND'),
    await forward('Refused', backend.url, 'WRONG'),
    await forward('Unreachable', 'http://127.0.0.1:1/', 'BACKEND'),
    await forward('Without', backend.url, 'NOBODY'),
  )
  for (const level of ['TRACE', 'DEBUG', 'INFO']) {
    for (const flow of ['Dump', 'Forward', 'Refused', 'Unreachable', 'Without']) {
      await say(['log-level', flow, level])
      await exercise(flow, level)
    }
  }
  await messageStatuses(sluice)
  await collect()
})
after(async () => {
  await sluice?.dispose()
  await backend?.close()
})

/** Calls a flow in every way a caller can, right and wrong. */
async function exercise(flow: string, level: string): Promise<void> {
  const { clientid, clientsecret } = keyFile(sluice, 'service-key.json')
  const ways = [
    'secret',
    'certificate',
    'api key',
    { user: clientid, password: `${clientsecret}x` },
    { user: 'nobody', password: clientsecret },
    // Whoever mixes the two up.
    { user: clientsecret, password: clientid },
  ] as const
  for (const [nth, by] of ways.entries()) {
    const caller = createCaller(sluice.runtimeUrl, sluice, { by })
    for (const more of [{}, { 'x-fail': 'yes' }]) {
      const answer = await caller.call(`/http/${flow}?key=1`, { body: 'hello', headers: { ...headers, ...more } })
      said.set(
        `${flow} ${level} by ${nth} ${JSON.stringify(more)}`,
        Buffer.from(JSON.stringify(answer.headers) + answer.text),
      )
      if (flow === 'Dump' && answer.status === 200) dump += answer.text
      if (flow === 'Forward' && nth < 2) assert.equal(answer.text, 'backend hello', 'the credential is used')
    }
    caller.close()
  }
}

/** Everything the API and the command line say of what happened. */
async function collect(): Promise<void> {
  const api = createApiCaller(sluice)
  const get = async (path: string): Promise<string> => {
    const {
      text,
      bytes,
      headers: answered,
    } = await api.call(`/api/v1/${path}`, { headers: { accept: 'application/json' } })
    said.set(`GET ${path}`, Buffer.concat([Buffer.from(JSON.stringify(answered)), bytes]))
    return text
  }
  const sets = (JSON.parse(await get('')) as { d: { EntitySets: string[] } }).d.EntitySets
  assert.ok(sets.length > 10)
  for (const set of ['$metadata', ...sets]) await get(set)
  for (const name of ['BACKEND', 'WRONG', 'NOBODY']) await get(`UserCredentials('${name}')`)
  for (const { Id } of await api.all('IntegrationRuntimeArtifacts')) {
    await get(`IntegrationRuntimeArtifacts('${Id}')/$value`)
    await get(`IntegrationDesigntimeArtifacts(Id='${Id}',Version='active')/$value`)
  }
  const messages = await api.all('MessageProcessingLogs')
  for (const { MessageGuid: id } of messages) {
    for (const part of [
      'ErrorInformation/$value',
      'Attachments',
      'CustomHeaderProperties',
      'Runs',
      'AdapterAttributes',
    ])
      await get(`MessageProcessingLogs('${id}')/${part}`)
    await say(['logs', id, '--trace', '--json'])
    await say(['logs', id, '--attachment', 'dump'])
  }
  api.close()
  for (const path of ['/', '/healthz', '/metrics']) {
    const caller = createCaller(sluice.controlUrl, sluice, { by: 'nobody' })
    said.set(path, (await caller.call(path)).bytes)
    caller.close()
  }
  for (const words of [
    ['status'],
    ['credentials', 'list'],
    ['logs', '-n', '1000'],
    ['refusals', '-n', '1000'],
    ['configure', 'Dump'],
  ]) {
    await say(words)
    await say([...words, '--json'])
  }
}

async function tenantKey(): Promise<Buffer> {
  const database = await openDatabase({ url: undefined, folder: sluice.folder, schema: 'control' })
  try {
    const [row] = await openControlStores(database).tenants.list()
    const masterKey = await openMasterKey({ file: join(sluice.folder, 'master.key'), tenantsExist: true })
    return openTenantKey({ masterKey, tenant: row?.id ?? '', sealedKey: row?.sealedKey ?? '' })
  } finally {
    await database.close()
  }
}

async function allSecrets(): Promise<Map<string, Buffer>> {
  const text = (name: string): string => readFileSync(sluice.file(name), 'utf8').trim()
  const clientKey = text('client.key').split('\n').slice(1, -1).join('')
  return new Map([
    ['client secret', Buffer.from(keyFile(sluice, 'service-key.json').clientsecret)],
    ['API secret', Buffer.from(keyFile(sluice, 'api-key.json').clientsecret)],
    ['administrator password', Buffer.from(text('admin-password'))],
    ['private key of the client', Buffer.from(clientKey, 'base64').subarray(-64)],
    ['credential password', Buffer.from(password)],
    ['cookie', Buffer.from(cookie)],
    ['proxy credential', Buffer.from(proxySecret)],
    ['tenant key', await tenantKey()],
    ['master key', Buffer.from(readFileSync(join(sluice.folder, 'master.key'), 'utf8'), 'base64')],
  ])
}

const filesOf = (folder: string) => filesBelow(folder, ownFiles)

describe('secrets', () => {
  it('the search finds what is there', async () => {
    const secrets = await allSecrets()
    for (const [name, secret] of secrets) {
      assert.ok(secret.length >= 16, name)
      for (const [form, bytes] of Object.entries({
        clear: secret,
        base64: Buffer.from(Buffer.concat([Buffer.from('svc:'), secret]).toString('base64')),
        'base64 of JSON': Buffer.from(
          Buffer.concat([Buffer.from('{"a":"'), secret, Buffer.from('"}')]).toString('base64'),
        ),
        hex: Buffer.from(secret.toString('hex')),
      }))
        assert.ok(findSecrets(new Map([[name, secret]]), [[form, bytes]]).length === 1, `${name} ${form}`)
    }
    assert.ok(said.size > 200)
    assert.match(String(said.get('sluice credentials list')), /BACKEND/)
  })

  it('are in no answer of the API or of a flow, and in no output of the command line', async () => {
    assert.deepEqual(findSecrets(await allSecrets(), said), [])
  })

  it('are not in what the processes print', async () => {
    assert.ok(sluice.output().length > 500)
    assert.deepEqual(findSecrets(await allSecrets(), [['the log', Buffer.from(sluice.output())]]), [])
  })

  it('are in no command line and in no environment of a process', async () => {
    const tenant = sluice.tenantPid()
    const places = [sluice.pid, tenant, childOf(tenant, 'java')].flatMap((pid) =>
      ['cmdline', 'environ'].map((what) => [`${pid}/${what}`, readFileSync(`/proc/${pid}/${what}`)] as const),
    )
    assert.deepEqual(findSecrets(await allSecrets(), places), [])
  })

  it('are in no file of the data folder but their own, while it runs and after', async () => {
    const secrets = await allSecrets()
    const running = filesOf(sluice.folder)
    assert.ok(
      running.some(([path]) => path.includes('tenant.db')) && running.some(([path]) => path.includes('journal/')),
    )
    assert.deepEqual(findSecrets(secrets, running), [])
    await sluice.end()
    assert.deepEqual(findSecrets(secrets, filesOf(sluice.folder)), [])
  })
})

describe('a flow that allows all headers', () => {
  const harmless = ['x-mine', 'camelhttpuri', 'sap_messageprocessinglogid']
  const forbidden = Object.keys(headers).filter((name) => !harmless.includes(name))

  it('sees none that holds a credential and none that steers', () => {
    assert.match(dump, /header x-mine=seen/i)
    const seen = [...dump.matchAll(/^(?:body .*?|header )([\w-]+)=/gm)].map(([, name = '']) => name.toLowerCase())
    for (const name of [...forbidden, 'authorization', 'camelhttpuri']) assert.ok(!seen.includes(name), name)
    for (const value of ['forged', 'Zm9yZ2Vk', cookie, proxySecret]) assert.ok(!dump.includes(value), value)
    assert.ok(!/authorization|client.cert/i.test(dump.replace(/^property .*$/gm, '')), dump)
  })

  it('hands none on to a backend that it calls with all headers', () => {
    const handedOn = backend.headers()
    assert.ok(handedOn.some((each) => each['x-mine'] === 'seen'))
    for (const each of handedOn) {
      for (const name of forbidden) assert.equal(each[name], undefined, name)
      assert.match(each.authorization ?? '', /^Basic /)
      assert.ok(
        [`svc:${password}`, `other:${password}`].includes(
          Buffer.from((each.authorization ?? '').slice(6), 'base64').toString(),
        ),
      )
    }
  })
})
