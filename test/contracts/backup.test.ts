import { after, before, describe } from 'node:test'
import { type Backend, backends } from './backends.ts'
import { backupContract } from './backup.ts'

describe('backup', () => {
  const started = new Map<string, Backend>()
  before(async () => {
    for (const [name, start] of Object.entries(backends)) started.set(name, await start())
  })
  after(async () => {
    for (const backend of started.values()) await backend.stop()
  })

  const names = Object.keys(backends)
  for (const [index, name] of names.entries()) {
    const backend = (of: string | undefined) => () => started.get(of ?? name) as Backend
    describe(name, () => backupContract(backend(name), backend(names[(index + 1) % names.length])))
  }
})
