/** What a case works with: a running Sluice, published flows, flows of its own around them, and what came out. */
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { type Bundle, writeBundle } from '../../src/flow/index.ts'
import { type Asked, type Answer, createApiCaller, createCaller, until } from '../../test/kit/caller.ts'
import { command } from '../../test/kit/deploy.ts'
import type { RunningSluice } from '../../test/kit/sluice.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import type { PublishedFlow } from './acceptance-case.ts'
import type { BundleSource } from './bundle-source.ts'
import { type CallerGiven, callingFlow, forwardingFlow } from './helper-flows.ts'

export interface DeployGiven {
  readonly parameters?: Readonly<Record<string, string>>
  /** Changes the model's text: only where the flow has no parameter for what must be another here. */
  readonly adapt?: (model: string) => string
}

// oxlint-disable-next-line typescript/no-explicit-any -- a case reads what it expects
type Row = any

export type Workbench = ReturnType<typeof createWorkbench>

export function createWorkbench(sluice: RunningSluice, source: BundleSource, fixtures: string) {
  const api = createApiCaller(sluice)
  const caller = createCaller(sluice.runtimeUrl, sluice)
  const since = Date.now()
  let deployed: string[] = []

  async function succeed(words: readonly string[], input?: string): Promise<string> {
    const { code, out, err } = await command(sluice, words, input)
    if (code !== 0) throw new Error(`sluice ${words[0]} ended with ${code}: ${out}${err}`)
    return out
  }

  async function deployZip(id: string, zip: Buffer, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    const folder = temporaryFolder('acceptance')
    const file = join(folder, 'bundle.zip')
    writeFileSync(file, zip)
    const set = Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`])
    deployed.push(id)
    await succeed(['deploy', '--package', 'Acceptance', ...set, file])
  }

  const call = (path: string, asked?: Asked): Promise<Answer> => caller.call(path, asked)

  return {
    runtimeUrl: sluice.runtimeUrl,
    source,
    fixture: (number: string, name: string): Promise<string> => readFile(join(fixtures, number, name), 'utf8'),

    async deploy(flow: PublishedFlow, { parameters = {}, adapt }: DeployGiven = {}): Promise<void> {
      const bundle = await source.bundle(flow)
      await deployZip(bundle.id, await writeBundle(adapt === undefined ? bundle : adapted(bundle, adapt)), parameters)
    },
    deployZip,

    /** Deploys all artifacts of an archive; tells what the command line said of each, also of those refused. */
    async deployArchive(archive: string): Promise<string> {
      const folder = temporaryFolder('acceptance')
      const file = join(folder, 'package.zip')
      writeFileSync(file, await source.file(archive))
      const { out, err } = await command(sluice, ['deploy', file])
      deployed.push(...[...out.matchAll(/^STARTED +(\S+)/gm)].map(([, id = '']) => id))
      return out + err
    },

    call,

    /**
     * A flow that calls a ProcessDirect address with the body of the request. Its answer is the body, or, where
     * headers are shown, these as `name = value` lines. `headers` are those it sets itself: names that the front door
     * keeps from flows, as `SAP_…`, cannot come in from outside.
     */
    async callerOf(address: string, given: CallerGiven = {}): Promise<(asked?: Asked) => Promise<Answer>> {
      const id = `Caller_${deployed.length}`
      await deployZip(id, await callingFlow(id, address, given))
      return (asked) => call(`/http/acceptance/${id}`, asked)
    },

    /** A flow at a ProcessDirect address that forwards headers and body to a URL and gives back the answer. */
    async stub(address: string, url: string): Promise<void> {
      const id = `Stub_${deployed.length}`
      await deployZip(id, await forwardingFlow(id, address, url))
    },

    credential: (name: string, user: string, password: string): Promise<string> =>
      succeed(['credentials', 'set', name, '--user', user], `${password}\n`),

    /** The finished messages of a flow since the case began, oldest first, once there are as many. */
    async messages(flow: PublishedFlow, atLeast = 1): Promise<Row[]> {
      const query = `MessageProcessingLogs?$filter=IntegrationFlowName%20eq%20'${flow.id}'&$orderby=LogStart%20asc`
      let rows: Row[] = []
      await until(`${atLeast} messages of ${flow.id}`, async () => {
        rows = (await api.all(query)).filter(({ LogStart }) => timeOf(LogStart) >= since)
        return rows.length >= atLeast && rows.every(({ Status }) => Status !== 'PROCESSING')
      })
      return rows
    },
    /** What hangs on a message: `CustomHeaderProperties`, `Attachments`, … */
    partsOf: (messageId: string, what: string): Promise<Row[]> =>
      api.all(`MessageProcessingLogs('${messageId}')/${what}`),

    /** Takes away what a case has deployed. */
    async clear(): Promise<void> {
      for (const id of deployed) await command(sluice, ['undeploy', id])
      deployed = []
    },
    close(): void {
      api.close()
      caller.close()
    },
  }
}

/** `/Date(1700000000000)/` in milliseconds. */
const timeOf = (written: string): number => Number(/\d+/.exec(written)?.[0])

function adapted(bundle: Bundle, adapt: (model: string) => string): Bundle {
  const { model } = bundle
  if (model === undefined) return bundle
  const text = adapt(bundle.files.get(model.file)?.toString() ?? '')
  return { ...bundle, files: new Map([...bundle.files, [model.file, Buffer.from(text)]]) }
}
