/** Deploying and changing a credential drop no request. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { createCaller, messageStatuses, tally } from '../kit/caller.ts'
import { flowBundle, mainProcess, messageEnd, messageStart, senderChannel, step } from '../kit/bundle.ts'
import { command, deploy } from '../kit/deploy.ts'
import { type Backend, echoFlow, forwardFlow, startBackend } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

const redeployments = 20
const perSecond = 200

let sluice: RunningSluice
let backend: Backend

before(async () => {
  const passwords = Array.from({ length: redeployments + 1 }, (_, nth) => `Basic ${btoa(`svc:secret-${nth}`)}`)
  // Slow enough that messages are always at work when their flow is replaced.
  backend = await startBackend({ delay: 30, accept: (authorization) => passwords.includes(authorization) })
  sluice = await startSluice()
  await setPassword(0)
  await deploy(
    sluice,
    await echoFlow('Turn', 'version-0'),
    await forwardFlow('Forward', backend.url, 'BACKEND'),
    await echoFlow('Other', 'other'),
  )
})
after(async () => {
  await sluice?.dispose()
  await backend?.close()
})

async function setPassword(nth: number): Promise<void> {
  const { code, err } = await command(sluice, ['credentials', 'set', 'BACKEND', '--user', 'svc'], `secret-${nth}\n`)
  assert.equal(code, 0, err)
}

/** Calls the flows in turns at a steady rate while the work is done. */
async function during(work: () => Promise<void>) {
  const caller = createCaller(sluice.runtimeUrl, sluice, { connections: 24 })
  const answers: { readonly flow: string; readonly status: number; readonly text: string; readonly id: string }[] = []
  const open = new Set<Promise<void>>()
  let number = 0
  const one = async (flow: string): Promise<void> => {
    try {
      const { status, text, messageId } = await caller.call(`/http/heavy/${flow}`, { body: 'x' })
      answers.push({ flow, status, text, id: messageId })
    } catch (error) {
      answers.push({ flow, status: 0, text: String(error), id: '' })
    }
  }
  const start = Date.now()
  const timer = setInterval(() => {
    for (; number < ((Date.now() - start) * perSecond) / 1000; number++) {
      const call = one(number % 2 === 0 ? 'Turn' : 'Forward')
      open.add(call)
      void call.then(() => open.delete(call))
    }
  }, 5)
  try {
    await work()
  } finally {
    clearInterval(timer)
    await Promise.all(open)
    caller.close()
  }
  return { answers, seconds: (Date.now() - start) / 1000 }
}

async function changes(): Promise<void> {
  await wait(500)
  for (let nth = 1; nth <= redeployments; nth++) {
    await deploy(sluice, await echoFlow('Turn', `version-${nth}`))
    if (nth % 2 === 0) await deploy(sluice, await forwardFlow('Forward', backend.url, 'BACKEND'))
    await setPassword(nth)
    if (nth % 4 === 1) assert.equal((await command(sluice, ['undeploy', 'Other'])).code, 0)
    if (nth % 4 === 3) await deploy(sluice, await echoFlow('Other', 'other'))
  }
  await wait(500)
}

describe('under load', () => {
  it(`${redeployments} deployments, with another flow coming and going and a password changing, fail no request`, async () => {
    const { answers, seconds } = await during(changes)

    const failed = answers.filter(({ status }) => status !== 200)
    const turns = answers.filter(({ flow }) => flow === 'Turn').map(({ text }) => text.split(' ')[0] ?? '')
    const versions = tally(turns)
    console.log(
      `${redeployments} redeployments in ${seconds.toFixed(1)} s: ${answers.length} requests (${(answers.length / seconds).toFixed(0)}/s), ${failed.length} failed, ${Object.keys(versions).length} versions answered`,
    )
    assert.deepEqual(failed.slice(0, 3), [])
    assert.ok(answers.length > seconds * perSecond * 0.9, 'the load was lower than wanted')
    const expected = Array.from({ length: redeployments + 1 }, (_, nth) => `version-${nth}`)
    assert.deepEqual(Object.keys(versions).sort(), expected.sort())
    assert.equal(turns.at(-1), `version-${redeployments}`)

    const log = await messageStatuses(sluice)
    const unlogged = answers.filter(({ id }) => log.get(id) !== 'COMPLETED')
    assert.deepEqual(unlogged.slice(0, 3), [])
  })

  it('afterwards only the new version answers', async () => {
    const caller = createCaller(sluice.runtimeUrl, sluice, { connections: 4 })
    const texts = await Promise.all(
      Array.from({ length: 200 }, async () => (await caller.call('/http/heavy/Turn', { body: 'x' })).text),
    )
    caller.close()
    assert.deepEqual(tally(texts), { [`version-${redeployments} x`]: 200 })
  })

  it('a version that is refused leaves the one that runs', async () => {
    const odd = await flowBundle({
      id: 'Turn',
      channels: [senderChannel('HTTPS', { urlPath: '/heavy/Turn', xsrfProtection: '0' })],
      processes: [mainProcess([messageStart(), step('Odd', 'NoSuchStep'), messageEnd()])],
    })
    const { answers } = await during(async () => {
      await assert.rejects(deploy(sluice, odd), /NoSuchStep/)
      await wait(500)
    })
    assert.deepEqual(tally(answers.map(({ status }) => String(status))), { 200: answers.length })
    const turns = answers.filter(({ flow }) => flow === 'Turn')
    assert.deepEqual(tally(turns.map(({ text }) => text)), { [`version-${redeployments} x`]: turns.length })
  })
})
