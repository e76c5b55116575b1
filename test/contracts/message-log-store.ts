import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Filter, MessageLogStore, MessageSummary, Page } from '../../src/monitor/index.ts'
import { ended, idsOf, started, step } from './messages.ts'

const at = (offset: number) => ({ node: 'node-1', segment: 7, offset })
const all: Page = { skip: 0, top: 1000, orderBy: [] }
const compare = (field: keyof MessageSummary, operator: string, value: string | number): Filter =>
  ({ kind: 'compare', field, operator, value }) as Filter

/** What every message log must do. `open` gives an empty one. */
export function messageLogContract(open: () => Promise<MessageLogStore>): void {
  describe('MessageLogStore', () => {
    it('keeps all that an ended message says', async () => {
      const store = await open()
      const trace = { payloadSize: 9, mimeType: 'text/xml', sealed: 'SEALED', truncated: true, expires: 9_000 }
      const event = ended('m1', {
        level: 'TRACE',
        status: 'FAILED',
        customStatus: 'checked',
        applicationId: 'PO-1',
        applicationType: 'Order',
        predecessor: 'm0',
        error: { code: 'http.status', message: 'HTTP 500 "é€𝄞"', className: 'HttpException', stepId: 'S2' },
        customHeaders: [
          ['order', '1'],
          ['order', '1'],
          ['customer', "O'Neil"],
        ],
        properties: [['p', 'v']],
        attachments: [{ id: 'a1', name: 'in.xml', contentType: 'text/xml', size: 3, sealed: 'AAA' }],
        steps: [step('S1', { trace }), step('S2', { error: 'HTTP 500', branch: '2' })],
      })
      await store.apply([event], at(10))
      const { event: _, node: __, attachments, ...rest } = event
      const kept = [{ id: 'a1', name: 'in.xml', contentType: 'text/xml', size: 3 }]
      assert.deepEqual(await store.find('m1'), { ...rest, attachments: kept })
      assert.deepEqual(await store.attachment('a1'), {
        messageId: 'm1',
        name: 'in.xml',
        contentType: 'text/xml',
        size: 3,
        sealed: attachments[0]?.sealed,
      })
      assert.equal(await store.find('m2'), undefined)
      assert.equal(await store.attachment('a2'), undefined)
    })

    it('applies a batch twice as if once', async () => {
      const store = await open()
      const batch = [
        started('m1'),
        ended('m1', { customHeaders: [['a', '1']], steps: [step('S1')] }),
        started('m2'),
        ended('m3', { attachments: [{ id: 'a3', name: 'n', contentType: 't', size: 1, sealed: 's' }] }),
      ]
      await store.apply(batch, at(10))
      const once = [await store.find('m1'), await store.find('m2'), await store.find('m3')]
      await store.apply(batch, at(10))
      assert.deepEqual([await store.find('m1'), await store.find('m2'), await store.find('m3')], once)
      assert.equal(await store.count(undefined), 3)
      assert.equal((await store.byCustomHeader(undefined, undefined, all)).length, 1)
    })

    it('a late beginning does not undo an ending, and the last ending says all', async () => {
      const store = await open()
      await store.apply(
        [
          ended('m1', {
            status: 'RETRY',
            customHeaders: [
              ['try', '1'],
              ['x', 'y'],
            ],
          }),
        ],
        at(1),
      )
      await store.apply([started('m1')], at(2))
      assert.equal((await store.find('m1'))?.status, 'RETRY')
      await store.apply([ended('m1', { status: 'COMPLETED', end: 2_000, customHeaders: [['try', '2']] })], at(3))
      const found = await store.find('m1')
      assert.deepEqual([found?.status, found?.end, found?.customHeaders], ['COMPLETED', 2_000, [['try', '2']]])
    })

    it('moves the checkpoint with the batch, or neither', async () => {
      const store = await open()
      assert.equal(await store.checkpoint('node-1'), undefined)
      await store.apply([ended('m1')], at(10))
      await store.apply([], { node: 'node-2', segment: 1_763_000_000_000, offset: 5 })
      assert.deepEqual(await store.checkpoint('node-1'), at(10))
      assert.deepEqual(await store.checkpoint('node-2'), { node: 'node-2', segment: 1_763_000_000_000, offset: 5 })
      const impossible = { ...ended('m3'), status: undefined, level: undefined, start: null } as never
      await assert.rejects(store.apply([ended('m2'), impossible], at(20)))
      assert.deepEqual(await store.checkpoint('node-1'), at(10))
      assert.equal(await store.find('m2'), undefined)
    })

    it('keeps a message whose texts hold NUL, or are longer than an index takes', async () => {
      const store = await open()
      const long = '€'.repeat(3_000)
      const hostile = ended('m1', {
        correlationId: long,
        applicationId: long,
        customHeaders: [
          ['n\0', 'v\0'],
          [long, long],
        ],
        error: { code: 'c', message: 'a\0b', className: '', stepId: '' },
        steps: [step('S1', { error: '\0' })],
        sender: '\0',
      })
      await store.apply([hostile], at(1))
      const found = await store.find('m1')
      assert.equal(found?.error?.message, 'a\uFFFDb')
      assert.equal(found.steps[0]?.error, '\uFFFD')
      assert.equal(found.sender, '\uFFFD')
      assert.deepEqual(found.customHeaders, [
        ['n\uFFFD', 'v\uFFFD'],
        [long.slice(0, 198), long.slice(0, 500)],
      ])
      assert.equal(found.applicationId, long.slice(0, 500))
    })

    it('takes batches of every size', async () => {
      const store = await open()
      for (const size of [0, 1, 3, 63, 64, 65, 200]) {
        const batch = Array.from({ length: size }, (_, index) => ended(`${size}-${index}`))
        await store.apply(batch, at(size))
      }
      assert.equal(await store.count(undefined), 1 + 3 + 63 + 64 + 65 + 200)
    })

    it('takes a batch of messages of which some have begun before, and some have ended', async () => {
      const store = await open()
      const ids = Array.from({ length: 70 }, (_, index) => `m${index}`)
      await store.apply([started('m1'), started('m69'), ended('m2', { customHeaders: [['a', '1']] })], at(10))
      await store.apply(
        ids.map((id) => ended(id, { customHeaders: [['a', id]] })),
        at(20),
      )
      const items = await store.list(undefined, all)
      assert.deepEqual(
        new Set(items.map(({ id, status }) => `${id} ${status}`)),
        new Set(ids.map((id) => `${id} COMPLETED`)),
      )
      for (const id of ['m0', 'm1', 'm2', 'm69']) assert.deepEqual((await store.find(id))?.customHeaders, [['a', id]])
    })

    it('abandons what a dead node left, and nothing else', async () => {
      const store = await open()
      await store.apply([started('m1'), started('m2', { node: 'node-2' }), ended('m3')], at(1))
      assert.equal(await store.abandon('node-1', 5_000), 1)
      assert.equal(await store.abandon('node-1', 6_000), 0)
      const found = await store.find('m1')
      assert.deepEqual([found?.status, found?.end], ['ABANDONED', 5_000])
      assert.equal((await store.find('m2'))?.status, 'PROCESSING')
      assert.equal((await store.find('m3'))?.status, 'COMPLETED')
    })

    describe('filters', () => {
      const events = [
        ended('m1', { start: 100, end: 110, status: 'FAILED', sender: 'Shop', applicationId: '100%' }),
        ended('m2', { start: 200, end: 250, sender: 'shop_2', flowId: 'Bills' }),
        started('m3', { start: 300, sender: 'Übersee' }),
        ended('m4', { start: 400, end: 400, sender: "O'Neil", applicationId: 'a_b' }),
      ]
      const cases: readonly (readonly [string, Filter | undefined, readonly string[]])[] = [
        ['none', undefined, ['m1', 'm2', 'm3', 'm4']],
        ['equal', compare('status', '=', 'FAILED'), ['m1']],
        ['not equal', compare('status', '!=', 'FAILED'), ['m2', 'm3', 'm4']],
        ['greater', compare('start', '>', 200), ['m3', 'm4']],
        ['greater or equal', compare('start', '>=', 200), ['m2', 'm3', 'm4']],
        ['less or equal', compare('start', '<=', 200), ['m1', 'm2']],
        ['less', compare('end', '<', 400), ['m1', 'm2']],
        ['no end is not less', { kind: 'not', of: compare('end', '<', 400) }, ['m3', 'm4']],
        ['no end differs', compare('end', '!=', 400), ['m1', 'm2', 'm3']],
        ['texts compare by code point', compare('sender', '<', 'a'), ['m1', 'm4']],
        ['contains, with case', compare('sender', 'contains', 'hop'), ['m1', 'm2']],
        ['contains, other case', compare('sender', 'contains', 'SHOP'), []],
        ['contains a wildcard', compare('applicationId', 'contains', '%'), ['m1']],
        ['contains the other wildcard', compare('applicationId', 'contains', '_'), ['m4']],
        ['contains nothing', compare('sender', 'contains', ''), ['m1', 'm2', 'm3', 'm4']],
        ['begins', compare('sender', 'startsWith', 'Ü'), ['m3']],
        ['begins, with case', compare('sender', 'startsWith', 'S'), ['m1']],
        ['ends', compare('sender', 'endsWith', '_2'), ['m2']],
        ['ends with more than there is', compare('sender', 'endsWith', 'the Shop'), []],
        ['quotes', compare('sender', '=', "O'Neil"), ['m4']],
        ['injection', compare('sender', '=', "' or 1=1 --"), []],
        ['and', { kind: 'and', of: [compare('start', '>', 100), compare('sender', 'contains', 'shop')] }, ['m2']],
        ['or', { kind: 'or', of: [compare('id', '=', 'm1'), compare('flowId', '=', 'Bills')] }, ['m1', 'm2']],
        ['not', { kind: 'not', of: compare('id', '=', 'm1') }, ['m2', 'm3', 'm4']],
        [
          'nested',
          {
            kind: 'not',
            of: { kind: 'or', of: [compare('id', '=', 'm1'), { kind: 'and', of: [compare('id', '=', 'm2')] }] },
          },
          ['m3', 'm4'],
        ],
        ['all of nothing', { kind: 'and', of: [] }, ['m1', 'm2', 'm3', 'm4']],
        ['one of nothing', { kind: 'or', of: [] }, []],
      ]
      it('select by their meaning', async () => {
        const store = await open()
        await store.apply(events, at(1))
        for (const [name, filter, expected] of cases) {
          const found = await store.list(filter, { ...all, orderBy: [{ field: 'id', descending: false }] })
          assert.deepEqual(idsOf(found), expected, name)
          assert.equal(await store.count(filter), expected.length, name)
        }
      })

      it('refuse a value of the wrong type and a field that is none', async () => {
        const store = await open()
        const wrong = [
          compare('start', '=', 'yesterday'),
          compare('sender', '=', 5),
          compare('end', 'contains', 5),
          compare('detail' as never, '=', 'x'),
          compare('id" or 1=1 --' as never, '=', 'x'),
        ]
        for (const filter of wrong) {
          await assert.rejects(store.list(filter, all), { code: 'database.filterInvalid' })
        }
      })
    })

    it('pages in an order without ties', async () => {
      const store = await open()
      const events = ['m3', 'm1', 'm4', 'm2'].map((id) => ended(id, { start: id === 'm4' ? 2 : 1 }))
      await store.apply(events, at(1))
      const orderBy = [{ field: 'start', descending: true }] as const
      const page = async (skip: number) => idsOf(await store.list(undefined, { skip, top: 2, orderBy }))
      assert.deepEqual([await page(0), await page(2), await page(4)], [['m4', 'm1'], ['m2', 'm3'], []])
    })

    it('orders messages that have not ended last when descending, first when ascending', async () => {
      const store = await open()
      await store.apply([started('m1'), ended('m2', { end: 5 }), ended('m3', { end: 9 })], at(1))
      const order = async (descending: boolean) =>
        idsOf(await store.list(undefined, { ...all, orderBy: [{ field: 'end', descending }] }))
      assert.deepEqual(await order(true), ['m3', 'm2', 'm1'])
      assert.deepEqual(await order(false), ['m1', 'm2', 'm3'])
    })

    it('finds messages by custom header', async () => {
      const store = await open()
      const late = ended('m1', {
        start: 9,
        customHeaders: [
          ['order', '1'],
          ['order', '2'],
        ],
      })
      await store.apply(
        [
          late,
          ended('m2', {
            start: 5,
            customHeaders: [
              ['order', '1'],
              ['kind', 'a'],
            ],
          }),
        ],
        at(1),
      )
      const search = async (name?: string, value?: string, page: Page = all) =>
        (await store.byCustomHeader(name, value, page)).map((row) => `${row.messageId} ${row.name}=${row.value}`)
      assert.deepEqual(await search('order', '1'), ['m1 order=1', 'm2 order=1'])
      assert.deepEqual(await search('order'), ['m1 order=1', 'm1 order=2', 'm2 order=1'])
      assert.deepEqual(await search(undefined, 'a'), ['m2 kind=a'])
      assert.deepEqual(await search('none'), [])
      const byStart = { skip: 1, top: 1, orderBy: [{ field: 'start', descending: false }] } as const
      assert.deepEqual(await search('order', '1', byStart), ['m1 order=1'])
      const ids = idsOf(await store.byCustomHeader(undefined, undefined, all))
      assert.equal(new Set(ids).size, 4)
    })

    it('expires messages with all they hold, in batches, and contents of traces before them', async () => {
      const store = await open()
      const trace = (expires: number) => ({ payloadSize: 1, mimeType: 't', sealed: 'S', truncated: false, expires })
      const attachments = [{ id: 'a1', name: 'n', contentType: 't', size: 1, sealed: 's' }]
      const steps = [step('S1', { trace: trace(100) }), step('S2', { trace: trace(900) })]
      const old = ['m1', 'm2', 'm3'].map((id, index) => ended(id, { end: 10 + index, customHeaders: [['a', 'b']] }))
      await store.apply([...old, started('m4', { start: 1 }), ended('m5', { end: 50, steps, attachments })], at(1))
      assert.equal(await store.expire(13, 100, 2), 2)
      assert.equal(await store.expire(13, 100, 2), 1)
      assert.equal(await store.expire(13, 100, 2), 0)
      assert.deepEqual(idsOf(await store.list(undefined, all)), ['m4', 'm5'])
      assert.equal((await store.byCustomHeader('a', undefined, all)).length, 0)
      const found = await store.find('m5')
      assert.deepEqual(
        found?.steps.map((kept) => kept.trace),
        [{ ...trace(100), sealed: '' }, trace(900)],
      )
      assert.equal(await store.expire(51, 100, 2), 1)
      assert.equal(await store.attachment('a1'), undefined)
    })
  })
}
