/** The keys that seal everything, on the whole product: backup and restore, rotation at work, damage. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { createCaller, messageStatuses, tally } from '../kit/caller.ts'
import { command, deploy } from '../kit/deploy.ts'
import { type Backend, forwardFlow, startBackend } from '../kit/flows.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

const passphrase = 'six words that nobody guesses'
const password = 'Pa55-canary-w0rd'
const perSecond = 100
const rotations = 3

let sluice: RunningSluice
let backend: Backend

before(async () => {
  backend = await startBackend({
    delay: 5,
    accept: (given) => given === `Basic ${Buffer.from(`svc:${password}`).toString('base64')}`,
  })
  sluice = await startSluice()
  await say(['credentials', 'set', 'BACKEND', '--user', 'svc'], `${password}\n`)
  await say(['key', 'generate', 'orders', '--cn', 'orders', '--country', 'DE'])
  await deploy(sluice, await forwardFlow('Forward', backend.url, 'BACKEND'))
  // Traces are sealed too, and take the longest way to the database.
  await say(['log-level', 'Forward', 'TRACE'])
})
after(async () => {
  await sluice?.dispose()
  await backend?.close()
})

async function say(words: readonly string[], input?: string): Promise<string> {
  const { code, out, err } = await command(sluice, words, input)
  assert.equal(code, 0, `sluice ${words.join(' ')}: ${out}${err}`)
  return out
}

/** What the flow answers to the client certificate of a service key. */
async function answerOf(at: Pick<RunningSluice, 'runtimeUrl'>, body: string, credentials = sluice) {
  const caller = createCaller(at.runtimeUrl, credentials, { by: 'certificate' })
  try {
    const { status, text } = await caller.call('/http/heavy/Forward', { body })
    return { status, text }
  } finally {
    caller.close()
  }
}

async function restart(): Promise<void> {
  await sluice.end()
  sluice = await sluice.startAgain()
}

const sealedKeys = (folder: string): string => {
  const database = new DatabaseSync(join(folder, 'control.db'))
  try {
    return String(database.prepare('select sealed_key from tenant').get()?.['sealed_key'])
  } finally {
    database.close()
  }
}

/** The names of the keys that sealed something in a table. */
function namesIn(column: string, table: string): string[] {
  const database = new DatabaseSync(join(sluice.folder, 'tenants', 'default', 'tenant.db'))
  try {
    const rows = database.prepare(`select ${column} as found from ${table} where ${column} is not null`).all()
    return [
      ...new Set(
        rows.flatMap(({ found }) => [...String(found).matchAll(/s1\.([0-9a-f]{16})\./g)].map(([, id = '']) => id)),
      ),
    ]
  } finally {
    database.close()
  }
}

describe('a backup', () => {
  it('gives a new installation the same callers, keys, credentials and flows', async () => {
    const file = join(sluice.folder, 'all.backup')
    await say(['backup', '--out', file], `${passphrase}\n`)
    assert.ok(!readFileSync(file).includes(password))
    const fingerprints = await say(['secrets', 'fingerprints'], 'the phrase that both are given\n')
    let second = await startSluice()
    try {
      const wrong = await command(second, ['restore', file], `${passphrase}!\n`)
      assert.match(wrong.err, /does not open this backup/)
      const restored = await command(second, ['restore', file], `${passphrase}\n`)
      assert.equal(restored.code, 0, restored.err)
      assert.match(restored.out, /Restart the server/)
      await second.end()
      second = await second.startAgain()
      assert.deepEqual(await answerOf(second, 'same'), await answerOf(sluice, 'same'))
      assert.deepEqual(await answerOf(second, 'same'), { status: 200, text: 'backend same' })
      const there = { folder: sluice.folder, controlUrl: second.controlUrl }
      assert.equal((await command(there, ['keys', 'verify'])).code, 0)
      assert.equal(
        (await command(there, ['secrets', 'fingerprints'], 'the phrase that both are given\n')).out,
        fingerprints,
      )
      assert.match((await command(there, ['key', 'list'])).out, /orders +/)
      // The log of the second installation goes on under its own key.
      const log = await command(there, ['audit', 'verify'])
      assert.equal(log.code, 0, log.out)
      assert.match((await command(there, ['audit', 'list', '--type', 'Vault'])).out, /restored|backup/)
      const again = await command(there, ['restore', file], `${passphrase}\n`)
      assert.match(again.err, /is in use/)
      assert.notEqual(sealedKeys(second.folder), sealedKeys(sluice.folder))
    } finally {
      await second.dispose()
    }
  })
})

describe('rotation', () => {
  it(`of the tenant key ${rotations} times under ${perSecond} requests a second fails none, and everything opens after a restart`, async () => {
    const before = sealedKeys(sluice.folder)
    const caller = createCaller(sluice.runtimeUrl, sluice, { connections: 24 })
    const answers: string[] = []
    const open = new Set<Promise<void>>()
    let number = 0
    const one = async (): Promise<void> => {
      const body = String(number)
      try {
        const { status, text } = await caller.call('/http/heavy/Forward', { body })
        answers.push(status === 200 && text === `backend ${body}` ? 'right' : `${status} ${text}`)
      } catch (error) {
        answers.push(String(error))
      }
    }
    const start = Date.now()
    const timer = setInterval(() => {
      for (; number < ((Date.now() - start) * perSecond) / 1000; number++) {
        const call = one()
        open.add(call)
        void call.then(() => open.delete(call))
      }
    }, 5)
    let rotated = ''
    try {
      await wait(1_000)
      for (let nth = 0; nth < rotations; nth++) {
        rotated += await say(['keys', 'rotate'])
        await doneRotating()
        await wait(1_000)
      }
    } finally {
      clearInterval(timer)
      await Promise.all(open)
      caller.close()
    }
    const seconds = (Date.now() - start) / 1000
    console.log(`${answers.length} requests in ${seconds.toFixed(1)} s; ${rotated.trim()}`)
    assert.deepEqual(tally(answers), { right: answers.length })
    assert.ok(answers.length > seconds * perSecond * 0.9, 'the load was lower than wanted')
    const after = sealedKeys(sluice.folder)
    assert.notEqual(after, before)
    await messageStatuses(sluice)
    const names = ['keystore_record', 'secrets_record', 'registry_record'].flatMap((table) =>
      namesIn('document', table),
    )
    assert.equal(new Set([...names, ...namesIn('sealed', 'trace')]).size, 1)
    await restart()
    assert.deepEqual(await answerOf(sluice, 'after'), { status: 200, text: 'backend after' })
    assert.match(await say(['keys', 'verify']), /whole/)
    await say(['audit', 'verify'])
  })

  for (const moment of [60, 150, 300]) {
    it(`that is killed after ${moment} ms goes on with the next start`, async () => {
      const before = sealedKeys(sluice.folder)
      const rotating = command(sluice, ['keys', 'rotate'])
      await wait(moment)
      await sluice.end('SIGKILL')
      await rotating
      sluice = await sluice.startAgain()
      await doneRotating()
      assert.match(await say(['keys', 'verify']), /whole/)
      assert.deepEqual(await answerOf(sluice, 'on'), { status: 200, text: 'backend on' })
      if (sealedKeys(sluice.folder) === before) console.log(`killed after ${moment} ms: before it began`)
    })
  }

  it('of the master key puts another in its file, and the old one opens nothing', async () => {
    const file = join(sluice.folder, 'master.key')
    const old = readFileSync(file)
    await say(['keys', 'rotate', '--master'])
    assert.notDeepEqual(readFileSync(file), old)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok(!existsSync(`${file}.next`))
    await restart()
    assert.deepEqual(await answerOf(sluice, 'after'), { status: 200, text: 'backend after' })
    await sluice.end()
    const present = readFileSync(file)
    writeFileSync(file, old)
    await assert.rejects(sluice.startAgain(), /other master key|master key/)
    writeFileSync(file, present)
    sluice = await sluice.startAgain()
  })
})

/** The old key is gone from the ring. What was still on its way is taken up again after some seconds. */
async function doneRotating(): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await wait(500)) {
    if (!sealedKeys(sluice.folder).includes(' ')) return
  }
  assert.fail('the old key of the tenant is still there')
}

describe('a master key that does not fit', () => {
  const digest = (folder: string) =>
    globSync('**/*', { cwd: folder, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`)

  for (const [what, damage] of [
    ['another', (file: string) => writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n`)],
    ['missing', (file: string) => rmSync(file)],
    ['truncated', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20))],
    ['empty', (file: string) => writeFileSync(file, '')],
  ] as const) {
    it(`${what}: Sluice does not start and changes no file`, async () => {
      await sluice.end()
      const file = join(sluice.folder, 'master.key')
      renameSync(file, `${file}.kept`)
      writeFileSync(file, readFileSync(`${file}.kept`), { mode: 0o600 })
      damage(file)
      const before = digest(sluice.folder)
      await assert.rejects(sluice.startAgain(), /master key/i)
      assert.deepEqual(digest(sluice.folder), before)
      renameSync(`${file}.kept`, file)
      sluice = await sluice.startAgain()
      assert.equal((await answerOf(sluice, 'again')).status, 200)
    })
  }
})

describe('a flipped byte', () => {
  it('in a stored entry is found and named, and never served', async () => {
    await sluice.end()
    const database = new DatabaseSync(join(sluice.folder, 'tenants', 'default', 'tenant.db'))
    const { document } = database.prepare("select document from secrets_record where id = 'BACKEND'").get() as {
      readonly document: string
    }
    const { sealed } = JSON.parse(document) as { readonly sealed: string }
    const at = sealed.length - 10
    const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    database
      .prepare("update secrets_record set document = ? where id = 'BACKEND'")
      .run(document.replace(sealed, flipped))
    database.close()
    sluice = await sluice.startAgain()
    const { code, out } = await command(sluice, ['keys', 'verify'])
    assert.equal(code, 1)
    assert.match(out, /1 broken[\s\S]*secrets +material +BACKEND/)
    const { status, text } = await answerOf(sluice, 'no')
    assert.equal(status, 500)
    assert.ok(!text.includes(password))
    const blocked = await command(sluice, ['keys', 'rotate'])
    assert.equal(blocked.code, 1)
    assert.match(blocked.out, /blocked[\s\S]*BACKEND/)
    await say(['undeploy', 'Forward'])
    await say(['credentials', 'remove', 'BACKEND'])
    await say(['credentials', 'set', 'BACKEND', '--user', 'svc'], `${password}\n`)
    await deploy(sluice, await forwardFlow('Forward', backend.url, 'BACKEND'))
    assert.match(await say(['keys', 'rotate']), /done|waiting/)
    await doneRotating()
    assert.deepEqual(await answerOf(sluice, 'healed'), { status: 200, text: 'backend healed' })
  })
})
