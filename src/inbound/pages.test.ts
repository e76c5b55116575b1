import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { echo, openFrontDoor } from '../../test/kit/front-door.ts'

describe('an open page', () => {
  it('is answered before all checks, to GET and HEAD alone', async () => {
    const own = await openFrontDoor({
      pages: {
        '/': () => ({ status: 200, type: 'text/html', body: '<p>Grüße' }),
        '/root.cer': async () => ({ status: 200, type: 'application/pkix-cert', body: Buffer.from([0, 255]) }),
        '/broken': () => assert.fail('secret of the page'),
      },
    })
    own.routes.swap('Echo', [echo()])
    await own.identity.tenantPolicy.set({ networks: ['10.0.0.0/8'] }, 'test')
    const page = await own.call('/?lang=de')
    assert.deepEqual([page.status, page.text, page.headers['content-type']], [200, '<p>Grüße', 'text/html'])
    assert.deepEqual((await own.call('/root.cer')).bytes, Buffer.from([0, 255]))
    const head = await own.call('/', { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '10', ''])
    const broken = await own.call('/broken')
    assert.deepEqual([broken.status, broken.text.includes('secret')], [500, false])
    assert.equal((await own.call('/', { method: 'POST' })).status, 403)
    assert.equal((await own.call('/constructor')).status, 403)
    await own.close()
  })
})
