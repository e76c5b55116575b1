import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const passed = {
  stage: 'identity',
  outcome: 'passed',
  code: '',
  reason: 'The key erp has this certificate.',
  remedy: '',
}
const refused = {
  stage: 'role',
  outcome: 'refused',
  code: 'inbound.roleMissing',
  reason: 'erp lacks the role Orders.send.\u001b[2J',
  remedy: 'Give the role to the service instance.',
}
const principal = { method: 'certificate', name: 'sb-erp' }

describe('explain', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  let certificate: string
  const run = (line: string, input?: string) =>
    sluice(['explain', ...line.split(' ')], { folder: api.folder, ...(input !== undefined && { input }) })
  const asked = (): unknown => JSON.parse(api.received.at(-1)?.body ?? '')

  before(async () => {
    api = await serveManagementApi({
      'POST ExplainInboundCall': ({ body }) => {
        const accepted = !body.includes('/http/closed')
        const verdict = accepted ? { reason: '', remedy: '' } : { reason: refused.reason, remedy: refused.remedy }
        const checks = accepted ? [passed] : [passed, refused]
        return { raw: JSON.stringify({ accepted, ...verdict, principal, flowId: 'Orders', checks }) }
      },
    })
    const read = (name: string) => readFileSync(join(api.folder, 'data', 'quickstart', name), 'utf8')
    certificate = read('client.pem')
    writeFileSync(join(api.folder, 'both.pem'), read('client.key') + certificate)
    writeFileSync(join(api.folder, 'token.txt'), 'abc.def.ghi\n')
    writeFileSync(join(api.folder, 'empty.txt'), '\n')
  })
  beforeEach(() => {
    api.received.length = 0
  })
  after(() => api[Symbol.asyncDispose]())

  it('says that a call would be accepted, as whom and by which checks', async () => {
    const ran = await run('--cert both.pem --endpoint /http/open')
    assert.deepEqual(ran, {
      code: 0,
      err: '',
      out: 'accepted  as sb-erp by certificate  calls Orders\n\npassed   identity  The key erp has this certificate.\n',
    })
    assert.deepEqual(asked(), { endpoint: '/http/open', method: 'POST', certificate })
  })

  it('says why a call would be refused and what to do, harmless for a terminal, with exit code 1', async () => {
    const ran = await run('--cert both.pem --endpoint /http/closed --method get --from 10.0.0.9')
    assert.equal(ran.code, 1)
    assert.match(
      ran.out,
      /^refused {2}as sb-erp by certificate\n\npassed .*\nrefused {2}role +erp lacks.*\n +Give the role/,
    )
    assert.ok(!ran.out.includes('\u001b'))
    assert.deepEqual(asked(), { endpoint: '/http/closed', method: 'GET', certificate, remoteAddress: '10.0.0.9' })
  })

  it('as JSON gives the answer as it is, with the same exit code', async () => {
    const ran = await run('--endpoint /http/closed --json')
    assert.equal(ran.code, 1)
    assert.deepEqual((JSON.parse(ran.out) as { checks: unknown }).checks, [passed, refused])
  })

  it('takes a password and a token from standard input or a file, never as an argument', async () => {
    assert.equal((await run('--basic alice --endpoint /http/open', 'her password\n')).code, 0)
    assert.deepEqual(asked(), {
      endpoint: '/http/open',
      method: 'POST',
      basic: { user: 'alice', password: 'her password' },
    })
    for (const [file, input] of [
      ['token.txt', ''],
      ['-', 'abc.def.ghi\n'],
    ] as const) {
      assert.equal((await run(`--token ${file} --endpoint /http/open`, input)).code, 0)
      assert.deepEqual(asked(), { endpoint: '/http/open', method: 'POST', token: 'abc.def.ghi' })
    }
  })

  it('refuses what cannot be asked, before it asks', async () => {
    const cases: [string, number][] = [
      ['--endpoint http/open', 2],
      ['--cert both.pem', 2],
      ['--basic alice --token - --endpoint /http/open', 2],
      ['--token empty.txt --endpoint /http/open', 1],
      ['--cert none.pem --endpoint /http/open', 1],
      ['--basic alice --endpoint /http/open', 1],
    ]
    for (const [line, code] of cases) assert.equal((await run(line, '')).code, code, line)
    assert.deepEqual(api.writes(), [])
  })
})
