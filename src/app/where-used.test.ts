import assert from 'node:assert/strict'
import { it } from 'node:test'

import { selfSigned } from '../../test/kit/authority.ts'
import { newTenantStores } from '../../test/kit/tenant-stores.ts'
import { systemClock as clock } from '../base/index.ts'
import { createKeystore, createSealer } from '../keystore/index.ts'
import { createSecrets } from '../secrets/index.ts'
import { createLazyWhereUsed } from './where-used.ts'

it('a key that only a security material names is not deleted, and the answer names the material', async () => {
  const { stores, dispose } = await newTenantStores()
  try {
    const sealer = createSealer({ key: Buffer.alloc(32, 7), tenant: 'default' })
    const secrets = await createSecrets({ store: stores.secrets, sealer, clock })
    const whereUsed = createLazyWhereUsed(stores.deployments, () => secrets.materials)
    const keystore = await createKeystore({ store: stores.keystore, sealer, clock, whereUsed })
    const by = { owner: 'tenant', user: 'ann' } as const
    const pair = await selfSigned({ subject: 'CN=signer' })
    for (const alias of ['signer', 'idle']) await keystore.putKeyPair(alias, { chain: pair.chain, key: pair.key }, by)
    const material = { type: 'OAuth2ClientCredential', name: 'partner' } as const
    const fields = { tokenServiceUrl: 'https://login.example.com/token', clientId: 'c', keyPairAlias: 'signer' }
    await secrets.materials.create({ ...material, fields: { ...fields, clientAuthentication: 'privateKeyJwt' } }, 'ann')
    assert.deepEqual(await whereUsed('credential', 'signer'), [])
    await assert.rejects(keystore.remove('signer', by), { code: 'keystore.entryInUse', message: /partner/ })
    await keystore.remove('idle', by)
    await secrets.materials.remove(material.type, material.name, 'ann')
    await keystore.remove('signer', by)
  } finally {
    await dispose()
  }
})
