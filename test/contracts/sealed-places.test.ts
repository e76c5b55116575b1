import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'

import { createRevocations, createSigningKeys } from '../../src/auth/index.ts'
import { createModelAdapter } from '../../src/auth/model-adapter.ts'
import { systemClock as clock } from '../../src/base/index.ts'
import { createIdentity } from '../../src/identity/index.ts'
import { createKeystore, createSealer, sealedRecords, sealedRows, verifySeals } from '../../src/keystore/index.ts'
import { Body, Exchange } from '../../src/message/index.ts'
import { defaultLimits, Recorder } from '../../src/runtime/recorder.ts'
import { createSecrets } from '../../src/secrets/index.ts'
import { createVariables } from '../../src/stores/index.ts'
import { newAuthority } from '../kit/authority.ts'
import { newTenantStores } from '../kit/tenant-stores.ts'

let tenant: Awaited<ReturnType<typeof newTenantStores>>
before(async () => {
  tenant = await newTenantStores()
})
after(() => tenant.dispose())

it('what every room seals is found and opened in its place, by who rotates, verifies and backs up', async () => {
  const { stores } = tenant
  const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
  const values = [
    ...(['registry', 'keystore', 'secrets', 'authorization'] as const).map((name) => sealedRecords(name, stores[name])),
    ...stores.sealedRows.map(sealedRows),
  ]
  const found = async () => {
    const counts: Record<string, number> = {}
    for (const place of values)
      for await (const page of place.pages('')) counts[place.store] = (counts[place.store] ?? 0) + page.length
    return counts
  }
  assert.deepEqual(await found(), {})

  const identity = await createIdentity({ store: stores.registry, sealer, clock })
  const instance = await identity.instances.create({ name: 'shop', plan: 'integration-flow', roles: [] }, 'ann')
  await identity.keys.create(instance.id, { name: 'key', type: 'secret' }, 'ann')

  const keystore = await createKeystore({ store: stores.keystore, sealer, clock })
  const authority = await newAuthority('CN=Test CA')
  await keystore.putKeyPair('pair "é"', await authority.issue({ subject: 'CN=pair' }), { owner: 'tenant', user: 'ann' })

  const secrets = await createSecrets({ store: stores.secrets, sealer, clock })
  await secrets.create({ name: 'ERP', description: '', user: 'tom', password: 'secret' }, 'ann')

  const variables = createVariables({ store: stores.variables, sealer, clock })
  await variables.write('last', 'local', 'Flow', 'value')
  await variables.write('last', 'global', 'Flow', 'value')

  const signing = await createSigningKeys({ store: stores.authorization, sealer, clock })
  await signing.maintain()
  const revocations = await createRevocations({ store: stores.revokedTokens, clock })
  const adapter = createModelAdapter({
    models: stores.authorizationModels,
    revocations,
    sealer,
    findClient: () => undefined,
    clock,
  })
  await adapter('RefreshToken').upsert('token', { grantId: 'g' }, 60)

  const recorder = new Recorder(
    {
      id: 'message',
      correlationId: 'c',
      flow: { id: 'Flow', name: 'Flow', version: '1' } as never,
      packageId: 'P',
      level: 'TRACE',
      origin: { sender: '' } as never,
      start: clock.now(),
      lent: { redactText: (text: string) => text, redactBytes: (bytes: Buffer) => bytes } as never,
    },
    { clock, sealer, node: 'node', limits: defaultLimits },
  )
  const exchange = new Exchange()
  recorder.leave(recorder.enter({ id: 'S', name: 'S', type: 'Enricher' } as never, exchange))
  recorder.attach({ name: 'a', contentType: 'text/plain', body: Body.ofText('content'), headers: {} as never })
  await stores.messages.apply([recorder.ended(exchange, 'COMPLETED', undefined)], {
    node: 'node',
    segment: 1,
    offset: 1,
  })

  assert.deepEqual(await found(), {
    registry: 1,
    keystore: 1,
    secrets: 1,
    authorization: 2,
    variable: 2,
    attachment: 1,
    trace: 1,
    authorization_model: 1,
  })
  assert.deepEqual(await verifySeals({ values, sealer }), { opened: 10, broken: [] })
})
