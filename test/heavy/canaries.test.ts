/** Secrets of all kinds, each used where it can be at log level TRACE: none is anywhere afterwards where it is not shown on purpose. */
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import {
  externalCall,
  flowBundle,
  groovyScript,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
} from '../kit/bundle.ts'
import { aliases, canaries, canary, makeCanaries, privateCanary, privateNumber, readable } from '../kit/canaries.ts'
import { createApiCaller, createCaller, messageStatuses } from '../kit/caller.ts'
import { command, deploy } from '../kit/deploy.ts'
import { filesBelow, findSecrets, ownFiles, processPlaces } from '../kit/secret-search.ts'
import { childOf, type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

/** Everything that was answered or printed, by where it came from. */
const said = new Map<string, Buffer>()

let sluice: RunningSluice
let echo: Server
/** What the test itself makes: keys to import, and what the product hands out to a person who may have it. */
let workshop: string
/** Where the product puts what is temporary. */
let temporary: string
let keyAnswer = ''

const file = (name: string): string => join(workshop, name)

async function say(words: readonly string[], input?: string): Promise<string> {
  const { code, out, err } = await command(sluice, words, input === undefined ? undefined : `${input}\n`)
  said.set(`sluice ${words.join(' ')}`, Buffer.from(out + err))
  assert.equal(code, 0, `sluice ${words.join(' ')}: ${out}${err}`)
  return out
}

/** What is refused says why, and not what was given. */
async function refused(words: readonly string[], input: string): Promise<void> {
  const { code, out, err } = await command(sluice, words, `${input}\n`)
  said.set(`refused: sluice ${words.join(' ')}`, Buffer.from(out + err))
  assert.notEqual(code, 0, words.join(' '))
}

const api = () => createApiCaller(sluice)

async function post(set: string, body: object, wanted = 202, method: 'POST' | 'PUT' = 'POST'): Promise<void> {
  const caller = api()
  const { status, headers, bytes, text } = await caller.write(method, set, body)
  caller.close()
  said.set(`${method} ${set} ${said.size}`, Buffer.concat([Buffer.from(JSON.stringify(headers)), bytes]))
  assert.equal(status, wanted, `${set}: ${text}`)
}

// --- how it is used -----------------------------------------------------------------------------------------------

const literal = (names: readonly string[], code: (name: string) => string) => names.map(code).join('\n  ')

const readsSecrets = () => `import com.sap.it.api.ITApiFactory
import com.sap.it.api.keystore.KeystoreService
import com.sap.it.api.securestore.SecureStoreService
def processData(message) {
  def store = ITApiFactory.getService(SecureStoreService.class, null)
  def keys = ITApiFactory.getService(KeystoreService.class, null)
  def log = messageLogFactory.getMessageLog(message)
  def said = []
  def spread = { String name, byte[] bytes, String plain ->
    def hex = bytes.collect { String.format('%02x', it) }.join('')
    def forms = [plain: plain, base64: bytes.encodeBase64().toString(), hex: hex,
      mime: java.util.Base64.getMimeEncoder().encodeToString(bytes), url: java.net.URLEncoder.encode(plain, 'UTF-8'),
      user: ('svc:' + plain).getBytes('UTF-8').encodeBase64().toString()]
    forms.each { form, text ->
      message.setProperty(name + form, text)
      if (bytes.length < 100) message.setHeader(name + form, text)
      log.setStringProperty(name + form, text)
      log.addCustomHeaderProperty(name + form, text)
      log.addAttachmentAsString(name + form, 'before ' + text + ' after', 'text/plain')
      println(name + form + ' ' + text)
      said << text
    }
    message.setProperty(name + 'bytes', bytes)
  }
  ${literal(readable, (name) => `def c${name} = new String(store.getUserCredential('${name}').getPassword()); spread('${name}', c${name}.getBytes('UTF-8'), c${name})`)}
  ${literal(aliases, (name) => `def k${name} = keys.getKey('${name}'); spread('${name}', k${name}.getEncoded(), k${name}.toString())`)}
  message.setHeader('SAP_ApplicationID', cUSER1)
  message.setHeader('SAP_MessageType', cUSER1)
  message.setHeader('SAP_Sender', cUSER2)
  message.setHeader('SAP_Receiver', cPARAM1)
  message.setHeader('Content-Type', 'text/plain; x=' + cPARAM2.bytes.encodeHex())
  log.addAttachmentAsString('name ' + cPARAM3, 'x', 'text/x' + cPARAM3)
  message.setBody(said.join('\\n'))
  System.err.println(cPARAM4)
  if (message.getHeaders().get('X-Fail') != null) throw new IllegalStateException('failed with ' + said.join(' '))
  return message
}
`

const readsKeys = () => `import com.sap.it.api.ITApiFactory
import com.sap.it.api.keystore.KeystoreService
def processData(message) {
  def keys = ITApiFactory.getService(KeystoreService.class, null)
  def lines = []
  ${literal(aliases, (name) => `lines << '${name} ' + keys.getKey('${name}').getEncoded().encodeBase64().toString()`)}
  message.setBody(lines.join('\\n'))
  return message
}
`

async function useAll(): Promise<void> {
  const { port } = echo.address() as AddressInfo
  const sender = (path: string) => senderChannel('HTTPS', { urlPath: `/${path}`, xsrfProtection: '0' })
  const settings = { allowedHeaderList: '*' }
  const call = (name: string, status: string) =>
    receiverChannel('HTTP', name, {
      httpAddressWithoutQuery: `http://127.0.0.1:${port}/${status}`,
      httpMethod: 'POST',
      authenticationMethod: 'Basic',
      credentialName: name,
      httpRequestTimeout: '5000',
      proxyType: 'default',
      allowedRequestHeaders: 'X-Mine',
      allowedResponseHeaders: '*',
    })
  const script = (id: string, source: string) => ({
    processes: [mainProcess([messageStart(), groovyScript('Script', 'a.groovy'), messageEnd()])],
    id,
    settings,
    channels: [sender(id)],
    files: { 'a.groovy': source },
  })
  const forward = (id: string, credential: string, status: string) =>
    flowBundle({
      id,
      settings,
      channels: [sender(id), call(credential, status)],
      processes: [mainProcess([messageStart(), externalCall(credential), messageEnd()])],
    })
  await deploy(
    sluice,
    await flowBundle(script('Spread', readsSecrets())),
    await flowBundle(script('Keys', readsKeys())),
    await forward('Echo', 'USER2', '200'),
    await forward('Failing', 'USER3', '500'),
  )
  const password = String(canaries.get('password of ada'))
  for (const flow of ['Spread', 'Keys', 'Echo', 'Failing']) {
    await say(['log-level', flow, 'TRACE'])
    for (const by of ['secret', { user: 'ada', password }] as const) {
      const caller = createCaller(sluice.runtimeUrl, sluice, { by })
      for (const headers of [{}, { 'x-fail': 'yes' }]) {
        const { status, text, headers: answered } = await caller.call(`/http/${flow}`, { body: 'hello', headers })
        const fails = flow === 'Failing' || (flow === 'Spread' && 'x-fail' in headers)
        assert.equal(status, fails ? 500 : 200, `${flow}: ${text.slice(0, 2000)}`)
        if (flow === 'Keys') keyAnswer = text
        // What a flow itself puts into its answer is for the one who calls it; the answer to a failure is ours.
        if (status !== 200) said.set(`${flow} ${said.size}`, Buffer.from(JSON.stringify(answered) + text))
      }
      caller.close()
    }
  }
  const stranger = createCaller(sluice.runtimeUrl, sluice, { by: { user: 'eve', password } })
  const { status, text } = await stranger.call('/http/Keys')
  stranger.close()
  assert.equal(status, 401)
  said.set('refused: Keys', Buffer.from(text))
  for (const [, name = '', base64 = ''] of keyAnswer.matchAll(/^(\w+) (\S+)$/gm)) {
    const key = createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' })
    privateCanary(`private key ${name}`, privateNumber(key))
  }
  await messageStatuses(sluice)
  await say(['backup', '--out', file('all.backup')], canary('passphrase of the backup'))
  await say(['secrets', 'fingerprints'], canary('phrase of the comparison'))
  await say(['keys', 'rotate'])
}

// --- what is to be seen of it -------------------------------------------------------------------------------------

/** Follows every link of every answer. */
async function crawl(): Promise<void> {
  const caller = api()
  const { d } = JSON.parse((await caller.call('/api/v1/', { headers: { accept: 'application/json' } })).text) as {
    d: { EntitySets: string[] }
  }
  const open = ['$metadata', ...d.EntitySets]
  const known = new Set(open)
  const work = async (): Promise<void> => {
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const { bytes, headers, text } = await caller.call(`/api/v1/${path}`, { headers: { accept: 'application/json' } })
      said.set(`GET ${path}`, Buffer.concat([Buffer.from(JSON.stringify(headers)), bytes]))
      if (!String(headers['content-type']).startsWith('application/json')) continue
      for (const [, found = ''] of text.matchAll(/"(?:uri|media_src|__next)":"[^"]*?\/api\/v1\/([^"]+)"/g)) {
        // The content of a service key is the credential itself, for those who may have it.
        if (known.has(found) || /^ServiceKeys\(.*\$value$/.test(found)) continue
        known.add(found)
        open.push(found)
      }
    }
  }
  await Promise.all([work(), work(), work(), work()])
  for (const path of ['/metrics', '/healthz', '/']) said.set(path, (await caller.call(path)).bytes)
  const messages = await caller.all('MessageProcessingLogs')
  for (const { MessageGuid: id } of messages) {
    const path = `MessageProcessingLogs('${id}')/ErrorInformation/$value`
    said.set(`GET ${path}`, (await caller.call(`/api/v1/${path}`)).bytes)
  }
  caller.close()
  for (const { MessageGuid: id } of messages) await say(['logs', id, '--trace', '--json'])
  for (const { MessageGuid: id } of messages.slice(0, 3)) await say(['logs', id, '--trace'])
}

const listing =
  `status|logs -n 1000|refusals -n 1000|service-instance list|service-instance show sales|service-key list|service-key show sales/own
key list|key show keyp12|key history|keys verify|trust list|mapping list|role list|user list|user roles ada|policy show|credentials list
credentials list --type secure-parameter|credentials list --type oauth2-client-credentials|credentials list --type jdbc
credentials list --type oauth2-authorization-code|credentials list --type oauth2-saml-bearer|known-hosts list|pgp list
expiry|audit list -n 1000|audit export --format json|audit export --format csv|audit verify|configure Spread`.split(
    /[|\n]/,
  )

before(async () => {
  workshop = temporaryFolder('canaries')
  temporary = join(workshop, 'tmp')
  mkdirSync(temporary)
  echo = createServer((request, response) => {
    request.resume()
    const status = Number(request.url?.slice(1))
    const { authorization = '' } = request.headers
    response.writeHead(status, { 'x-authorization': authorization, 'content-type': 'application/json' })
    response.end(JSON.stringify({ authorization, plain: Buffer.from(authorization.slice(6), 'base64').toString() }))
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  sluice = await startSluice({ SLUICE_LOG_LEVEL: 'debug', TMPDIR: temporary })
  await makeCanaries({ workshop, say, refused, post })
  await useAll()
  for (const line of listing) await say(line.split(' '))
  await crawl()
})
after(async () => {
  await sluice?.dispose()
  echo?.close()
})

describe('canaries', () => {
  it('are many, of all kinds, and would be found', () => {
    console.log(`${canaries.size} canaries, ${said.size} answers`)
    assert.ok(canaries.size >= 50)
    assert.ok(said.size > 500)
    for (const place of [
      /^GET TraceMessages\(.*value$/,
      /^GET MessageProcessingLogAttachments\(.*value$/,
      /ErrorInformation.*value$/,
    ])
      assert.ok(
        [...said].some(([name, content]) => place.test(name) && content.includes('***')),
        `${place} holds nothing that was blotted out`,
      )
    for (const [name, secret] of canaries) {
      const one = Buffer.isBuffer(secret) ? secret : (secret[0] ?? Buffer.alloc(0))
      assert.ok(one.length >= 8, name)
      for (const form of [
        one,
        Buffer.from(one.toString('hex')),
        Buffer.from(Buffer.concat([Buffer.from('x'), one]).toString('base64')),
      ])
        assert.deepEqual(findSecrets(new Map([[name, secret]]), [['it', form]]), [`${name} in it`])
    }
    const seen = new Set(findSecrets(canaries, [['it', Buffer.from(keyAnswer)]]))
    for (const name of aliases) assert.ok(seen.has(`private key ${name} in it`), name)
  })

  it('are in no answer of the API and in no output of the command line', () => {
    assert.deepEqual(findSecrets(canaries, said), [])
  })

  it('are in no output, command line, environment or deleted file of a process', () => {
    const tenant = sluice.tenantPid()
    const places = [sluice.pid, tenant, childOf(tenant, 'java')].flatMap(processPlaces)
    assert.ok(sluice.output().length > 500)
    assert.deepEqual(findSecrets(canaries, [...places, ['the log', Buffer.from(sluice.output())]]), [])
  })

  it('are in no file of the data folder, no temporary file and no backup, while it runs and after', async () => {
    const all = () => [...filesBelow(sluice.folder, ownFiles), ...filesBelow(temporary, /^$/)]
    const files = all()
    const backup = ['the backup', readFileSync(file('all.backup'))] as const
    console.log(`${files.length} files, ${files.reduce((sum, [, { length }]) => sum + length, 0) >> 20} MB`)
    assert.ok(['tenant.db', 'tenant.db-wal', 'journal/'].every((name) => files.some(([path]) => path.includes(name))))
    assert.deepEqual(findSecrets(canaries, [...files, backup]), [])
    await sluice.end()
    assert.deepEqual(findSecrets(canaries, [...all(), ['the last output', Buffer.from(sluice.output())]]), [])
  })
})
