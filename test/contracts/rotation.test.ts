import { after, before, describe } from 'node:test'
import { type Backend, backends } from './backends.ts'
import { rotationContract } from './rotation.ts'

for (const [name, start] of Object.entries(backends)) {
  describe(name, () => {
    let backend: Backend
    before(async () => {
      backend = await start()
    })
    after(() => backend?.stop())
    rotationContract(() => backend)
  })
}
