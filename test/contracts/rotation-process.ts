/**
 * A process that rotates the master key or the key of the tenant, and kills itself at the step that it is told. It asks
 * whoever started it, over its channel, to take over keys.
 */
import { once } from 'node:events'
import { masterKeyFile, rotateMasterKeyFile, rotateTenantKey } from '../../src/keystore/index.ts'
import { type InstallationPlace, openInstallation } from './sealed-installation.ts'

const [text = '', what = '', step = '0', only = ''] = process.argv.slice(2)
const place = JSON.parse(text) as InstallationPlace
const { tenants, values, close } = await openInstallation(place)
let left = Number(step) || Infinity

function mark(): void {
  left--
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

/** The same function with a place to die before it and after it. */
const mortal =
  <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
  async (...given: Given): Promise<Result> => {
    mark()
    const result = await work(...given)
    mark()
    return result
  }

async function announce(keys: readonly Buffer[]): Promise<void> {
  if (process.send === undefined) return
  process.send({ keys: keys.map((key) => key.toString('hex')) })
  await once(process, 'message')
}

const file = masterKeyFile(place.keyFile)
const watched = { ...tenants, update: mortal(tenants.update) }
if (what === 'master') {
  await rotateMasterKeyFile({
    file: { ...file, prepareNext: mortal(file.prepareNext), installNext: mortal(file.installNext) },
    tenants: watched,
  })
} else {
  const rotation = rotateTenantKey({
    tenant: 'default',
    tenants: watched,
    masterKey: file,
    values: values.map((each) => ({ ...each, replace: mortal(each.replace) })),
    announce: mortal(announce),
    settled: async () => true,
    ...(only === 'resume' && { only }),
  })
  let last = 'nothing'
  for await (const { state } of rotation) last = state
  process.stdout.write(`${last}\n`)
}
await close()
process.exit()
