/** Clients that others have written call Sluice with what a client kit holds; and what `explain` says comes true. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { readZip } from '../../src/formats/index.ts'
import { createApiCaller } from '../kit/caller.ts'
import { command } from '../kit/deploy.ts'
import { callOnce, newAddress } from '../kit/door-call.ts'
import { badRows, type DoorRow, goodRows } from '../kit/door-rows.ts'
import { type Api, type DoorWorld, newInstance, newKey, openDoorWorld } from '../kit/door-world.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const password = 'A-Good-Pass1'
const path = '/http/sample/whoami'

function run(program: string, args: readonly string[], input = '', environment: Record<string, string> = {}) {
  return new Promise<{ readonly code: number; readonly out: string }>((resolve) => {
    const options = { env: { ...process.env, NODE_OPTIONS: '', ...environment }, timeout: 80_000 }
    const child = execFile(program, [...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: out + err }),
    )
    child.stdin?.end(input)
  })
}

describe('a client with its kit', () => {
  let sluice: RunningSluice
  let folder = ''
  const kit = (name: string, file: string) => join(folder, name, file)

  async function makeKit(name: string, type: string): Promise<void> {
    const say = async (words: readonly string[], input?: string) => {
      const { code, err } = await command(sluice, words, input)
      assert.equal(code, 0, err)
    }
    await say(['service-key', 'create', 'clients', name, '--type', type, '--out', join(folder, `${name}.json`)])
    const zip = join(folder, `${name}.zip`)
    await say(
      ['service-key', 'kit', `clients/${name}`, '--out', zip],
      type === 'certificate' ? `${password}\n` : undefined,
    )
    for (const [entry, content] of await readZip(readFileSync(zip))) {
      mkdirSync(dirname(kit(name, entry)), { recursive: true })
      writeFileSync(kit(name, entry), content, { mode: entry.endsWith('.sh') ? 0o755 : 0o600 })
    }
  }

  before(async () => {
    sluice = await startSluice()
    folder = temporaryFolder('clients')
    const { code, err } = await command(sluice, [
      'service-instance',
      'create',
      'clients',
      '--role',
      'ESBMessaging.send',
    ])
    assert.equal(code, 0, err)
    await makeKit('by-certificate', 'certificate')
    await makeKit('by-secret', 'secret')
  })
  after(async () => {
    await sluice?.dispose()
  })

  for (const name of ['by-certificate', 'by-secret']) {
    it(`curl.sh ${name}`, async () => {
      const { out } = await run(kit(name, 'curl.sh'), [path])
      assert.match(out, /^HTTP\/1\.1 200/)
      assert.match(out, name === 'by-secret' ? /"method": "basic"/ : /"method": "certificate"/)
    })

    it(`newman ${name}`, async () => {
      const report = join(folder, `${name}-report.json`)
      const words = ['--reporters', 'json', '--reporter-json-export', report]
      const { code, out } = await run(kit(name, 'newman.sh'), words, '', { NEWMAN: 'npx --yes newman@6' })
      assert.equal(code, 0, out)
      const { executions, stats } = (JSON.parse(readFileSync(report, 'utf8')) as { run: NewmanRun }).run
      const whoAmI = executions.find(({ item }) => item.name.endsWith(path))
      assert.equal(whoAmI?.response?.code, 200)
      assert.ok(stats.assertions.total > 0)
      assert.equal(stats.assertions.failed, 0)
    })
  }

  it('newman without its certificate is told apart', async () => {
    const { code } = await run('npx', [
      '--yes',
      'newman@6',
      'run',
      kit('by-certificate', 'postman_collection.json'),
      '--environment',
      kit('by-certificate', 'postman_environment.json'),
      '--ssl-extra-ca-certs',
      kit('by-certificate', 'server/ca.pem'),
    ])
    assert.notEqual(code, 0)
  })

  it('curl with the PKCS#12 file', async () => {
    const file = kit('by-certificate', 'by-certificate.p12')
    const config = `cert = "${file}:${password}"\n`
    const trust = ['--cacert', kit('by-certificate', 'server/ca.pem')]
    const words = ['-s', ...trust, '--cert-type', 'P12', '--config', '-', `${sluice.runtimeUrl}${path}`]
    const { out } = await run('curl', words, config)
    assert.match(out, /"method": "certificate"/)
  })

  for (const version of ['-tls1_2', '-tls1_3'])
    it(`openssl s_client ${version}`, async () => {
      const { host, port } = new URL(sluice.runtimeUrl)
      const of = (file: string) => kit('by-certificate', file)
      const where = ['s_client', version, '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-ign_eof']
      const trust = ['-verify_return_error', '-verify_hostname', 'localhost', '-CAfile', of('server/ca.pem')]
      const identity = ['-cert', of('client.pem'), '-cert_chain', of('client.pem'), '-key', of('client.key')]
      const call = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      const { out } = await run('openssl', [...where, ...trust, ...identity], call)
      assert.match(out, /HTTP\/1\.1 200/)
      assert.match(out, /Verify return code: 0 \(ok\)/)
      assert.match(out, /No client certificate CA names sent/)
    })
})

interface NewmanRun {
  readonly executions: readonly {
    readonly item: { readonly name: string }
    readonly response?: { readonly code: number }
  }[]
  readonly stats: { readonly assertions: { readonly total: number; readonly failed: number } }
}

describe('what explain says', () => {
  const questions = 100
  /** Each administrator may ask ten questions with a password in a minute. */
  const withPassword = 40
  let world: DoorWorld
  const askers: Api[] = []
  before(async () => {
    world = await openDoorWorld()
    const instances = await Promise.all(
      Array.from({ length: withPassword / 10 }, (_, nth) =>
        newInstance(world.api, `asker-${nth}`, 'api', ['MonitoringDataRead', 'SecurityMaterialEdit']),
      ),
    )
    for (const instance of instances) {
      const { basic } = (await newKey(world.api, instance, 'secret')).credential
      assert.ok(basic)
      askers.push(createApiCaller(world.sluice, basic))
    }
    await wait(Math.max(0, world.expired - Date.now()))
  })
  after(async () => {
    for (const asker of askers) asker.close()
    await world?.dispose()
  })

  /** What a question cannot say stays open: a token of the session, the size, how often others call, what a proxy says. */
  const isSaid = ({ path: address, credential }: DoorRow): boolean =>
    !/\/(?:csrf|small|rate)$/.test(address) && credential.headers === undefined && credential.cert !== world.proxy.cert

  it(`comes true for ${questions} calls`, async () => {
    const all = [...goodRows(world), ...badRows(world)].filter(isSaid)
    const shuffled = all.map((row) => [Math.random(), row] as const).sort(([one], [other]) => one - other)
    const basic = shuffled.filter(([, { credential }]) => credential.basic).slice(0, withPassword)
    const others = shuffled.filter(([, { credential }]) => !credential.basic).slice(0, questions - basic.length)
    const asked = await Promise.all(
      [...basic, ...others].map(async ([, row], nth) => {
        const { cert, basic: login } = row.credential
        const from = newAddress()
        const question = { endpoint: row.path, method: 'POST', certificate: cert, basic: login, remoteAddress: from }
        const asker = login === undefined ? world.api : (askers[nth % askers.length] ?? world.api)
        const { status, text } = await asker.write('POST', 'ExplainInboundCall', question)
        assert.equal(status, 200, text)
        const answer = JSON.parse(text) as Answer
        const called = await callOnce(world.sluice.runtimeUrl, {
          ca: world.ca,
          path: row.path,
          credential: row.credential,
          from,
          tls: { ciphers: 'DEFAULT@SECLEVEL=0' },
        })
        return { row, answer, called }
      }),
    )
    await wait(1_500)
    const wrong: string[] = []
    for (const { row, answer, called } of asked) {
      const said = answer.checks.find(({ outcome }) => outcome === 'refused')
      const found = called.reference === '' ? '' : (await world.api.read(`InboundRefusals('${called.reference}')`)).Code
      if (answer.accepted !== (called.status === 200) || (said?.code ?? '') !== found)
        wrong.push(`${row.who} at ${row.path}: explained ${said?.code}, called ${called.status} ${found}`)
      else if (!answer.accepted && (answer.reason === '' || answer.remedy === '')) wrong.push(`${row.who}: no words`)
    }
    assert.deepEqual(wrong, [])
    assert.equal(asked.length, questions)
    const accepted = asked.filter(({ answer }) => answer.accepted).length
    assert.ok(accepted > 3 && accepted < 97, String(accepted))
    console.log(`${accepted} of ${questions} accepted, all as explained`)
  })
})

interface Answer {
  readonly accepted: boolean
  readonly reason: string
  readonly remedy: string
  readonly checks: readonly { readonly outcome: string; readonly code: string }[]
}
