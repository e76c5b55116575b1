import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Log } from '../base/index.ts'
import type { Bundle, ScriptService } from '../flow/index.ts'
import {
  createGroovyHost,
  createHostsPerFlow,
  createJavaScriptHost,
  createScripts,
  type GroovyHost,
  type SandboxReport,
  serviceCalls,
} from '../scripts/index.ts'
import type { Settings } from '../settings/index.ts'

/** Runs the scripts of flows, in hosts as the settings say. */
export interface FlowScripts {
  readonly scripts: ScriptService
  /** What holds scripts here, by language. Tried with the first script of it; undefined before there was any. */
  readonly sandbox: () =>
    | { readonly groovy?: SandboxReport & { readonly version: string }; readonly javascript?: SandboxReport }
    | undefined
  readonly close: () => Promise<unknown>
}

/** Milliseconds from the first script that compiled to making what later processes start faster with. */
const calm = 10_000

export function openFlowScripts(given: {
  readonly settings: Settings
  readonly tenant: string
  readonly collections: (id: string) => Bundle | undefined
  readonly log: Log
}): FlowScripts {
  const { settings, tenant, collections, log } = given
  const create = settings.scriptHosts === 'flow' ? createHostsPerFlow : createGroovyHost
  const common = {
    cacheFolder: join(settings.data, 'cache'),
    log,
    calls: serviceCalls,
    callTimeoutMs: settings.scriptTimeout,
    sandbox: { required: settings.scriptSandbox === 'required' },
  }
  const groovy = create({
    ...common,
    // The host is the same for all; what a tenant's scripts compile to is the tenant's.
    classFolder: join(settings.data, 'tenants', tenant, 'script-classes'),
    maxHeapMb: settings.scriptMemory,
    maxOutputMb: settings.scriptOutput / 1_048_576,
    groovy: settings.groovy,
  })
  const javascript = createJavaScriptHost(common)
  const closing = new AbortController()
  let prepared: Promise<unknown> | undefined
  async function prepareStarts(): Promise<void> {
    try {
      await sleep(calm, undefined, { signal: closing.signal, ref: false })
      await groovy.prepareStarts(closing.signal)
    } catch {
      // Closed before.
    }
  }
  let reports: ReturnType<FlowScripts['sandbox']>
  const reported = (
    language: 'groovy' | 'javascript',
    { compile, run, sandbox }: Pick<GroovyHost, 'compile' | 'run' | 'sandbox'>,
  ): Pick<GroovyHost, 'compile' | 'run'> => ({
    async compile(script) {
      await compile(script)
      if (language === 'groovy') prepared ??= prepareStarts()
      if (reports?.[language] !== undefined) return
      const { layers, missing } = await sandbox()
      const version = language === 'groovy' ? { version: await groovy.groovy() } : {}
      reports = { ...reports, [language]: { ...version, layers, missing } }
    },
    run,
  })
  return {
    scripts: createScripts({
      host: reported('groovy', groovy),
      javaScript: reported('javascript', javascript),
      collections,
    }),
    sandbox: () => reports,
    async close() {
      closing.abort()
      await Promise.all([groovy.close(), javascript.close(), prepared])
    },
  }
}
