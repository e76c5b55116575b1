import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { createSealer } from '../keystore/index.ts'
import type { AuditPort } from './contracts.ts'
import { createSecrets } from './create-secrets.ts'
import type { GivenGrant } from './grants.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const erp = { flowId: 'Orders', kind: 'credential', alias: 'ERP' } as const

describe('grants of administrators', () => {
  let store: ReturnType<typeof inMemoryRegistry>
  let audited: Parameters<AuditPort['record']>[0][]
  let now: number
  beforeEach(() => {
    store = inMemoryRegistry()
    audited = []
    now = 5
  })
  const open = async () => {
    const clock = { now: () => now, monotonic: () => now }
    return createSecrets({ store, sealer, clock, audit: { record: async (draft) => void audited.push(draft) } })
  }

  it('are given and taken away, flow by flow', async () => {
    const { grants } = await open()
    await grants.put({ ...erp, allowed: true }, 'ann')
    await grants.put({ ...erp, kind: 'key', alias: '*', allowed: false }, 'ann')
    await grants.put({ ...erp, flowId: 'Other', allowed: false }, 'bob')
    assert.deepEqual(grants.extra('Orders'), {
      added: [{ ...erp, basis: 'administrator', where: '', by: 'ann', at: 5 }],
      removed: [{ kind: 'key', alias: '*' }],
    })
    assert.deepEqual(grants.extra('Other'), { added: [], removed: [{ kind: 'credential', alias: 'ERP' }] })
    assert.deepEqual(grants.extra('Unknown'), { added: [], removed: [] })
  })

  it('are one for each flow, kind and alias: the last word counts', async () => {
    const { grants } = await open()
    await grants.put({ ...erp, allowed: true }, 'ann')
    now = 9
    await grants.put({ ...erp, allowed: false }, 'bob')
    assert.deepEqual(grants.list(), [
      { ...erp, allowed: false, createdBy: 'ann', createdAt: 5, modifiedBy: 'bob', modifiedAt: 9 },
    ])
    assert.deepEqual(grants.extra('Orders').added, [])
  })

  it('are listed for one flow or for all, in order', async () => {
    const { grants } = await open()
    for (const [flowId, alias] of [
      ['B', 'x'],
      ['A', 'z'],
      ['A', 'y'],
    ] as const)
      await grants.put({ flowId, kind: 'key', alias, allowed: true }, 'ann')
    const shown = (flowId?: string) => grants.list(flowId).map((grant) => `${grant.flowId} ${grant.alias}`)
    assert.deepEqual(shown(), ['A y', 'A z', 'B x'])
    assert.deepEqual(shown('B'), ['B x'])
  })

  it('count no more once they are removed', async () => {
    const { grants } = await open()
    await grants.put({ ...erp, allowed: true }, 'ann')
    await grants.remove(erp, 'bob')
    assert.deepEqual([grants.list(), grants.extra('Orders')], [[], { added: [], removed: [] }])
    await assert.rejects(grants.remove(erp, 'bob'), { code: 'secrets.grantMissing' })
  })

  it('reach another process with its next reload', async () => {
    const [here, there] = [await open(), await open()]
    await here.grants.put({ ...erp, allowed: true }, 'ann')
    assert.equal(there.grants.extra('Orders').added.length, 0)
    await there.reload()
    assert.equal(there.grants.extra('Orders').added.length, 1)
  })

  it('are audited, with what was said before', async () => {
    const { grants } = await open()
    await grants.put({ ...erp, allowed: true }, 'ann')
    await grants.put({ ...erp, allowed: false }, 'bob')
    await grants.remove(erp, 'cid')
    const named = { flow: 'Orders', kind: 'credential', alias: 'ERP' }
    assert.deepEqual(
      audited.map(({ action, attributes }) => [action, attributes]),
      [
        ['create', { by: 'ann', ...named, allowed: 'true' }],
        ['update', { by: 'bob', ...named, allowed: 'false', before: 'true' }],
        ['delete', { by: 'cid', ...named, before: 'false' }],
      ],
    )
    assert.deepEqual(
      new Set(audited.map((each) => `${each.objectType}: ${each.objectId}`)),
      new Set(['SecretGrant: Orders credential ERP']),
    )
  })

  const bad: readonly (readonly [string, Partial<Record<keyof GivenGrant, string>>])[] = [
    ['no flow', { flowId: ' ' }],
    ['no alias', { alias: '' }],
    ['another kind', { kind: 'password' }],
    ['an alias with a line break', { alias: 'a\nb' }],
    ['an alias that is too long', { alias: 'a'.repeat(257) }],
    ['a flow that is too long', { flowId: 'a'.repeat(201) }],
  ]
  for (const [what, wrong] of bad)
    it(`refuses ${what}, and keeps nothing`, async () => {
      const { grants } = await open()
      await assert.rejects(grants.put({ ...erp, allowed: true, ...wrong } as GivenGrant, 'ann'), {
        code: 'secrets.grantInvalid',
      })
      assert.deepEqual([grants.list(), audited], [[], []])
    })
})
