import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { sluice } from '../../../test/kit/command-line.ts'
import { serveManagementApi } from '../../../test/kit/management-api.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const log = (id: string, status: string, start: number, end?: number) => ({
  MessageGuid: id,
  IntegrationFlowName: 'Orders',
  Status: status,
  CustomStatus: status,
  CorrelationId: `c-${id}`,
  LogLevel: 'INFO',
  LogStart: `/Date(${start})/`,
  LogEnd: end === undefined ? null : `/Date(${end})/`,
})

describe('logs', () => {
  let api: Awaited<ReturnType<typeof serveManagementApi>>
  const run = (...argv: string[]) => sluice(['logs', ...argv], { folder: api.folder })

  before(async () => {
    api = await serveManagementApi({
      'GET MessageProcessingLogs': {
        d: { results: [log('m2', 'FAILED', noon + 5_000, noon + 7_345), log('m1', 'COMPLETED', noon, noon + 12)] },
      },
      "GET MessageProcessingLogs('m2')": {
        d: { ...log('m2', 'FAILED', noon, noon + 2_345), LogLevel: 'TRACE', CustomStatus: 'PAYMENT_MISSING' },
      },
      "GET MessageProcessingLogs('m2')/ErrorInformation": { d: { LastErrorModelStepId: 'Script_1' } },
      "GET MessageProcessingLogs('m2')/ErrorInformation/$value": { raw: '{"error":"out of stock"}' },
      "GET MessageProcessingLogs('m2')/CustomHeaderProperties": {
        d: { results: [{ Name: 'order', Value: '4711\u001b[2J' }] },
      },
      "GET MessageProcessingLogs('m2')/Attachments": {
        d: { results: [{ Id: 'a1', Name: 'order.xml', ContentType: 'text/xml', PayloadSize: '8' }] },
      },
      "GET MessageProcessingLogAttachments('a1')/$value": { raw: '<order/>' },
      "GET MessageProcessingLogs('m2')/Runs": { d: { results: [{ Id: 'm2' }] } },
      "GET MessageProcessingLogRuns('m2')/RunSteps": {
        d: {
          results: [
            {
              RunId: 'm2',
              ChildCount: 0,
              ModelStepId: 'Script_1',
              Activity: 'Check stock',
              Status: 'FAILED',
              Error: 'out of stock',
              StepStart: `/Date(${noon + 3})/`,
              StepStop: `/Date(${noon + 4})/`,
              RunStepProperties: { results: [{ Name: 'DurationInMicroseconds', Value: '1234' }] },
            },
          ],
        },
      },
      "GET MessageProcessingLogRunSteps(RunId='m2',ChildCount=0)/TraceMessages": {
        d: { results: [{ TraceId: '77', MimeType: 'text/plain', PayloadSize: '5' }] },
      },
      'GET TraceMessages(77L)/$value': { raw: 'hello' },
      'GET TraceMessages(77L)/Properties': { d: { results: [{ Name: 'h', Value: '1' }] } },
      'GET TraceMessages(77L)/ExchangeProperties': { d: { results: [{ Name: 'p', Value: '2' }] } },
    })
  })
  after(() => api[Symbol.asyncDispose]())

  it('lists the newest in a table', async () => {
    const { out, code } = await run()
    assert.equal(code, 0)
    const lines = out.trimEnd().split('\n')
    assert.match(lines[0] ?? '', /^START +TOOK +STATUS +MESSAGE +FLOW$/)
    assert.match(lines[1] ?? '', /^2026-03-0\d \d\d:\d\d:05 +2\.3 s +FAILED +m2 +Orders$/)
    assert.match(lines[2] ?? '', /^2026-03-0\d \d\d:\d\d:00 +12 ms +COMPLETED +m1 +Orders$/)
    assert.equal(lines.length, 3)
  })

  it('asks the server for what is wanted', async () => {
    api.received.length = 0
    await run(
      '--flow',
      "O'Neil",
      '--status',
      'failed',
      '--since',
      '2026-03-01T00:00:00Z',
      '--correlation',
      'c1',
      '-n',
      '5',
    )
    assert.equal(
      api.received[0]?.path,
      "MessageProcessingLogs?$filter=IntegrationFlowName eq 'O''Neil' and Status eq 'FAILED' and CorrelationId eq 'c1' and LogStart ge datetime'2026-03-01T00:00:00.000'&$orderby=LogStart desc&$top=5",
    )
  })

  it('are JSON for programs', async () => {
    const [first] = JSON.parse((await run('--json')).out) as Record<string, unknown>[]
    assert.deepEqual(first, {
      id: 'm2',
      flow: 'Orders',
      status: 'FAILED',
      customStatus: 'FAILED',
      correlationId: 'c-m2',
      sender: '',
      receiver: '',
      level: 'INFO',
      start: '2026-03-01T12:00:05.000Z',
      end: '2026-03-01T12:00:07.345Z',
    })
  })

  it('show one message in full, and nothing that could steer a terminal', async () => {
    const { out, code } = await run('m2')
    assert.equal(code, 0)
    for (const expected of [
      /^Message +m2$/m,
      /^Status +FAILED {2}PAYMENT_MISSING$/m,
      /^Took +2\.3 s$/m,
      /^Error\nin step Script_1\n\{"error":"out of stock"\}$/m,
      /^order {2}4711\ufffd\[2J$/m,
      /^order\.xml +text\/xml +8$/m,
      /^ +\+3 ms +1\.2 ms +FAILED +Check stock +Script_1 +out of stock$/m,
    ]) {
      assert.match(out, expected)
    }
    assert.ok(!out.includes('hello'))
  })

  it('show what the steps saw', async () => {
    assert.match(
      (await run('m2', '--trace')).out,
      /Before Check stock\nheader +h +1\nproperty +p +2\npayload +text\/plain +5 bytes\nhello\n$/,
    )
  })

  it('print an attachment byte for byte', async () => {
    assert.deepEqual(await run('m2', '--attachment', 'order.xml'), { code: 0, out: '<order/>', err: '' })
    const missing = await run('m2', '--attachment', 'x')
    assert.equal(missing.code, 1)
    assert.match(missing.err, /has no attachment x; it has order\.xml/)
  })

  it('need a message id for what belongs to one message', async () => {
    const ran = await run('--trace')
    assert.equal(ran.code, 2)
    assert.match(ran.err, /--trace can be used with a message id only/)
  })

  it('follow: each state of a message once, oldest first, until the signal', async () => {
    let polls = 0
    const results = () => {
      polls++
      if (polls === 1) return [log('n1', 'PROCESSING', noon)]
      return [log('n2', 'COMPLETED', noon + 20, noon + 30), log('n1', 'COMPLETED', noon, noon + 10)]
    }
    await using other = await serveManagementApi({ 'GET MessageProcessingLogs': () => ({ d: { results: results() } }) })
    const end = new AbortController()
    const lines: string[] = []
    const watch = (out: string): void => {
      lines.splice(0, lines.length, ...out.trimEnd().split('\n'))
      if (lines.length >= 3) end.abort()
    }
    const ran = await sluice(['logs', '--follow', '--json'], { folder: other.folder, signal: end.signal, watch })
    assert.equal(ran.code, 0)
    const seen = lines
      .map((line) => JSON.parse(line) as { id: string; status: string })
      .map(({ id, status }) => `${id} ${status}`)
    assert.deepEqual(seen, ['n1 PROCESSING', 'n1 COMPLETED', 'n2 COMPLETED'])
    assert.match(other.received.at(-1)?.path ?? '', /\(LogStart ge datetime'2026-03-01T11:59:30\.000' or LogEnd ge /)
  })
})
