import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inMemoryAuditStore } from '../../test/kit/audit-store.ts'
import { createAudit } from './audit.ts'
import type { AuditDraft } from './records.ts'

const key = Buffer.alloc(32, 1)

function setUp(given: { readonly keys?: readonly Uint8Array[] } = {}) {
  const store = inMemoryAuditStore()
  const clock = { time: 1_000_000, now: () => clock.time, monotonic: () => clock.time }
  const audit = createAudit({ store, keys: given.keys ?? [key], clock })
  return { store, clock, audit }
}

const read = (objectId: string, given: Partial<AuditDraft> = {}): AuditDraft => ({
  action: 'Read',
  objectType: 'Credential',
  objectId,
  ...given,
})

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

describe('createAudit', () => {
  it('records who, what, when and from where', async () => {
    const { audit } = setUp()
    await audit.as({ user: 'ann', source: '10.0.0.1', via: 'api' }, async () => {
      await sleep(1)
      await audit.record({
        action: 'PasswordStore',
        objectType: 'Credential',
        objectId: 'Shop',
        attributes: { kind: 'default' },
        changedAttributes: { user: { before: 'a', after: 'b' } },
      })
    })
    const [event] = await audit.list({}, { top: 10 })
    const { hash, ...rest } = event ?? { hash: '' }
    assert.match(hash, /^[0-9a-f]{64}$/)
    assert.deepEqual(rest, {
      seq: 1,
      time: 1_000_000,
      user: 'ann',
      source: '10.0.0.1',
      via: 'api',
      action: 'PasswordStore',
      objectType: 'Credential',
      objectId: 'Shop',
      times: 1,
      attributes: { kind: 'default' },
      changedAttributes: { user: { before: 'a', after: 'b' } },
      previousHash: '',
    })
  })

  it('knows the actor of each work, and the system when there is none', async () => {
    const { audit } = setUp()
    const ann = { user: 'ann', source: '', via: 'cli' } as const
    assert.deepEqual(audit.actor(), { user: 'system', source: '', via: 'system' })
    const seen = await Promise.all([
      audit.as(ann, async () => {
        await sleep(2)
        return audit.actor().user
      }),
      audit.as({ ...ann, user: 'bob' }, async () => audit.actor().user),
    ])
    assert.deepEqual(seen, ['ann', 'bob'])
    await audit.as(ann, () => audit.record(read('c', { user: 'flow Orders', via: 'flow' })))
    const [event] = await audit.list({}, { top: 1 })
    assert.deepEqual([event?.user, event?.via], ['flow Orders', 'flow'])
  })

  it('writes together what comes together', async () => {
    const { audit, store } = setUp()
    await Promise.all(Array.from({ length: 100 }, (_, index) => audit.record(read(String(index)))))
    assert.equal(store.appends, 1)
    assert.deepEqual(
      (await audit.list({}, { top: 200 })).map(({ objectId }) => Number(objectId)).toReversed(),
      Array.from({ length: 100 }, (_, index) => index),
    )
  })

  it('says when it could not record, and goes on afterwards', async () => {
    const { audit, store } = setUp()
    store.down = true
    await assert.rejects(audit.record(read('a')), { code: 'audit.notRecorded', kind: 'unavailable' })
    store.down = false
    await audit.record(read('b'))
    const { ok, checked } = await audit.verify()
    assert.deepEqual({ ok, checked }, { ok: true, checked: 1 })
  })

  it('holds no secret, wherever one was put', async () => {
    const { audit, store } = setUp()
    const pem = '-----BEGIN PRIVATE KEY-----\nCANARY'
    await audit.record(
      read(pem, {
        user: 'Bearer CANARYCANARYCANARYCANARY',
        attributes: { password: 'CANARY', text: pem },
        changedAttributes: { clientSecret: { before: 'CANARY', after: 'CANARY2' }, text: { after: pem } },
      }),
    )
    assert.ok(!JSON.stringify(store.rows).includes('CANARY'))
    assert.equal(JSON.parse(store.rows[0]?.details ?? '').changedAttributes.clientSecret.after, 'changed')
  })

  it('takes any text', async () => {
    const { audit } = setUp()
    const text = `\0 \ud800 𝄞 ${'x'.repeat(2_000)}`
    await audit.record(read(text, { user: text, attributes: { [text]: text } }))
    assert.equal((await audit.verify()).ok, true)
    const [event] = await audit.list({}, { top: 1 })
    assert.equal(event?.objectId.length, 500)
    assert.ok(event?.objectId.startsWith('\uFFFD \uFFFD 𝄞 x'))
  })

  it('refuses to work without a proper key', () => {
    for (const keys of [[], [Buffer.alloc(31)], [key, Buffer.alloc(0)]])
      assert.throws(() => setUp({ keys }), RangeError)
  })
})

describe('note', () => {
  it('writes within 200 ms, equal events of one second as one', async () => {
    const { audit, store, clock } = setUp()
    for (let count = 0; count < 1_000; count++) audit.note(read('a'))
    audit.note(read('b'))
    clock.time += 1_000
    audit.note(read('a'))
    assert.equal(store.rows.length, 0)
    await sleep(300)
    assert.equal(store.appends, 1)
    assert.deepEqual(
      store.rows.map(({ objectId, times, time }) => [objectId, times, time]),
      [
        ['a', 1_000, 1_000_000],
        ['b', 1, 1_000_000],
        ['a', 1, 1_001_000],
      ],
    )
    assert.equal((await audit.verify()).ok, true)
  })

  it('is written at the end, and before a list', async () => {
    const { audit, store } = setUp()
    audit.note(read('a'))
    assert.equal((await audit.list({}, { top: 5 })).length, 1)
    audit.note(read('b'))
    await audit.stop()
    assert.equal(store.rows.length, 2)
  })

  it('keeps what could not be written, up to a bound, and of the rest the number', async () => {
    const { audit, store } = setUp()
    store.down = true
    for (let count = 0; count < 30_000; count++) audit.note(read(String(count)))
    assert.equal((await audit.list({}, { top: 5 })).length, 0)
    store.down = false
    await audit.stop()
    assert.equal(store.rows.length, 10_001)
    const total = store.rows.reduce((sum, { times }) => sum + times, 0)
    assert.equal(total, 30_000)
    const rest = store.rows.find(({ times }) => times > 1)
    assert.deepEqual([rest?.times, rest?.objectId, rest?.objectType], [20_000, '', 'Credential'])
    assert.equal((await audit.verify()).ok, true)
  })
})

describe('export', () => {
  it('gives a list in JSON, oldest first', async () => {
    const { audit } = setUp()
    assert.deepEqual(JSON.parse(await textOf(audit.export('json'))), [])
    for (let count = 0; count < 1_200; count++) audit.note(read(String(count)))
    const events = JSON.parse(await textOf(audit.export('json'))) as { seq: number }[]
    assert.deepEqual(
      events.map(({ seq }) => seq),
      Array.from({ length: 1_200 }, (_, index) => index + 1),
    )
    assert.deepEqual(events.toReversed(), await audit.list({}, { top: 2_000 }))
    const few = JSON.parse(await textOf(audit.export('json', { objectId: '7' }))) as { seq: number }[]
    assert.equal(few.length, 1)
  })

  it('gives CSV that no spreadsheet runs', async () => {
    const { audit } = setUp()
    await audit.record(read('=cmd|"x"', { user: 'a,b', attributes: { cn: '-1' } }))
    const lines = (await textOf(audit.export('csv'))).split('\r\n')
    assert.equal(lines.length, 3)
    assert.match(lines[0] ?? '', /^seq,time,user,/)
    assert.match(
      lines[1] ?? '',
      /^1,1970-01-01T00:16:40\.000Z,"a,b",,system,Read,Credential,"'=cmd\|""x""",1,"\{""cn"":""-1""\}",\{\},,[0-9a-f]{64}$/,
    )
  })
})
