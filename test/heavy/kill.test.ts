/** What was acknowledged is on disk, whichever process is killed while messages are sent. Linux only: it looks at /proc. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { type Answer, createCaller, messageStatuses, tally, until } from '../kit/caller.ts'
import { command, deploy, lives } from '../kit/deploy.ts'
import { type Backend, echoFlow, forwardFlow, groovyFlow, startBackend } from '../kit/flows.ts'
import { childOf, type RunningSluice, startSluice } from '../kit/sluice.ts'

const messages = 10_000
const connections = 16
/** Kills when so many answers have come. */
const moments = [1_500, 3_000, 4_500, 6_000]
/** Messages that are sure to be at work when the process dies. */
const held = 3

let sluice: RunningSluice
let backend: Backend

before(async () => {
  backend = await startBackend({ delay: 5 })
  sluice = await startSluice()
  await deploy(
    sluice,
    await echoFlow('Echo', 'echo'),
    await forwardFlow('Forward', backend.url),
    await groovyFlow('Groovy'),
  )
})
after(async () => {
  await sluice?.dispose()
  await backend?.close()
})

const flowOf = (number: number): string => (number % 25 === 0 ? 'Groovy' : number % 2 === 0 ? 'Forward' : 'Echo')

interface Sent {
  /** Message ids by status of the answer. */
  readonly answered: Map<number, string[]>
  readonly wrong: string[]
  /** Connections that broke while an answer was awaited. */
  cut: number
}

/** Sends all messages over connections that stay open; while nobody listens it waits, unless `givesUp`. */
async function send(kill: (nth: number) => Promise<void>, givesUp: () => boolean = () => false): Promise<Sent> {
  const sent: Sent = { answered: new Map(), wrong: [], cut: 0 }
  const caller = createCaller(sluice.runtimeUrl, sluice, { connections })
  const killing: Promise<void>[] = []
  let next = 0
  let answers = 0
  const take = (answer: Answer, flow: string, number: number): void => {
    answers++
    if (moments[killing.length] === answers) killing.push(kill(killing.length))
    sent.answered.set(answer.status, [...(sent.answered.get(answer.status) ?? []), answer.messageId])
    const expected = { Echo: 'echo', Forward: 'backend', Groovy: 'groovy' }[flow]
    if (answer.status < 300 && answer.text !== `${expected} ${number}`)
      sent.wrong.push(`${flow} ${number}: ${answer.text}`)
  }
  const lane = async (): Promise<void> => {
    while (next < messages) {
      const number = next++
      const flow = flowOf(number)
      for (let open = false; !open && !givesUp(); ) {
        try {
          take(await caller.call(`/http/heavy/${flow}`, { body: String(number) }), flow, number)
          open = true
        } catch (error) {
          open = (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED'
          if (open) sent.cut++
          await wait(20)
        }
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  await Promise.all(killing)
  caller.close()
  return sent
}

/** Messages that the backend does not answer, so that they are at work; resolves when they are. */
async function hold(): Promise<() => void> {
  const caller = createCaller(sluice.runtimeUrl, sluice, { connections: held })
  for (let count = 0; count < held; count++) caller.call('/http/heavy/Forward', { body: 'hold' }).catch(() => undefined)
  await until('messages are held', () => backend.waiting() >= held)
  return caller.close
}

async function check(name: string, sent: Sent, before: ReadonlyMap<string, string>) {
  const log = await messageStatuses(sluice)
  const own = new Map([...log].filter(([id]) => !before.has(id)))
  const counts = tally(own.values())
  const answered = Object.fromEntries([...sent.answered].map(([status, ids]) => [status, ids.length]))
  console.log(`${name}: ${JSON.stringify({ answered, cut: sent.cut, log: counts })}`)
  const good = [...sent.answered].flatMap(([status, ids]) => (status < 300 ? ids : []))
  const lost = good.filter((id) => log.get(id) !== 'COMPLETED')
  assert.deepEqual([lost.length, lost.slice(0, 5)], [0, []], 'answered 2xx and not COMPLETED in the log')
  assert.equal(new Set(good).size, good.length, 'two answers with one message id')
  assert.deepEqual(sent.wrong, [])
  assert.equal(counts.PROCESSING, undefined)
  return { counts, good: good.length, answered }
}

const deployed = async (): Promise<string[]> => {
  const { out } = await command(sluice, ['status', '--json'])
  const rows = JSON.parse(out) as { id: string; status: string }[]
  return rows.map(({ id, status }) => `${id} ${status}`).sort()
}
const everything = ['Echo', 'Forward', 'Groovy', 'Sample_Customers', 'Sample_Orders', 'Sample_Who_Am_I'].map(
  (id) => `${id} STARTED`,
)

async function allAnswer(): Promise<void> {
  assert.deepEqual(await deployed(), everything)
  const caller = createCaller(sluice.runtimeUrl, sluice)
  for (const flow of ['Echo', 'Forward', 'Groovy'])
    await until(`${flow} answers`, async () => (await caller.call(`/http/heavy/${flow}`, { body: 'x' })).status === 200)
  caller.close()
}

describe('kill -9', () => {
  it('of the tenant process: it comes back by itself and has lost nothing it answered', async () => {
    const earlier = await messageStatuses(sluice)
    const pids = [sluice.tenantPid()]
    const host = childOf(sluice.tenantPid(), 'java')
    let holds = 0
    const sent = await send(async (nth) => {
      let release = (): void => undefined
      // Every other one at once when an answer comes: what was answered a moment ago must be on disk already.
      if (nth % 2 === 1) {
        holds += held
        release = await hold()
      }
      const pid = pids.at(-1) ?? 0
      process.kill(pid, 'SIGKILL')
      await until('another tenant process', () => ![0, pid].includes(sluice.tenantPid()))
      pids.push(sluice.tenantPid())
      release()
    })
    const { counts, good } = await check('tenant killed four times', sent, earlier)
    assert.equal(new Set(pids).size, 1 + moments.length)
    assert.ok(good > messages * 0.5, `only ${good} were answered`)
    const abandoned = counts.ABANDONED ?? 0
    assert.ok(abandoned >= holds, `${abandoned} ABANDONED`)
    assert.ok(abandoned <= sent.cut + holds, `${abandoned} ABANDONED, ${sent.cut} cut`)
    assert.equal(counts.FAILED, undefined)
    await until('its script host ends', () => !lives(host))
    await allAnswer()
  })

  it('of the script host: only messages inside it can fail, and the next one gets a new host', async () => {
    await allAnswer()
    const earlier = await messageStatuses(sluice)
    const tenant = sluice.tenantPid()
    const pids: number[] = []
    const sent = await send(async () => {
      await until('there is a script host', () => childOf(tenant, 'java') > 0)
      const pid = childOf(tenant, 'java')
      pids.push(pid)
      process.kill(pid, 'SIGKILL')
    })
    const { counts, good, answered } = await check('script host killed four times', sent, earlier)
    assert.deepEqual([sent.cut, sluice.tenantPid()], [0, tenant])
    const failed = messages - good
    assert.ok(failed <= connections * moments.length, `${failed} failed`)
    assert.deepEqual([answered[500] ?? 0, counts.FAILED ?? 0, counts.COMPLETED], [failed, failed, good])
    assert.ok(!pids.includes(childOf(tenant, 'java')))
    await allAnswer()
  })

  it('of the control process: the tenant ends its messages and goes; a restart at once brings all back', async () => {
    const earlier = await messageStatuses(sluice)
    const tenant = sluice.tenantPid()
    const host = childOf(tenant, 'java')
    let gone = false
    const sent = await send(
      async (nth) => {
        if (nth > 0) return
        await hold()
        await sluice.end('SIGKILL')
        gone = true
      },
      () => gone,
    )
    sluice = await sluice.startAgain()
    assert.ok(!lives(tenant), 'two tenant processes at a time')
    await until('its script host ends', () => !lives(host))
    const { counts, good } = await check('control process killed', sent, earlier)
    assert.ok(good >= (moments[0] ?? 0))
    assert.deepEqual(Object.keys(counts).sort(), ['CANCELLED', 'COMPLETED'])
    assert.equal(counts.CANCELLED, held)
    await allAnswer()
  })
})
