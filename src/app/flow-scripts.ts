import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Log, wordsOf } from '../base/index.ts'
import type { Bundle, ScriptService } from '../flow/index.ts'
import type { TenantPolicy } from '../identity/index.ts'
import {
  type CodeNarc,
  createCodeNarc,
  createGroovyHost,
  createGroovyVersions,
  createHostsPerFlow,
  createJavaScriptHost,
  createScripts,
  type GroovyHost,
  type SandboxReport,
  serviceCalls,
} from '../scripts/index.ts'
import type { Settings } from '../settings/index.ts'

/** Runs the scripts of flows, in hosts as the settings and the policy of the tenant say. */
export interface FlowScripts {
  readonly scripts: ScriptService
  /** What holds scripts here, by language. Tried with the first script of it; undefined before there was any. */
  readonly sandbox: () =>
    | { readonly groovy?: SandboxReport & { readonly version: string }; readonly javascript?: SandboxReport }
    | undefined
  /** Finds out what holds scripts here before there is one, and says so where it is not enough. */
  readonly lookAround: () => Promise<void>
  readonly close: () => Promise<unknown>
}

/** Milliseconds from the start to looking around: first come those who call. */
const settled = 2_000
/** Milliseconds from the first script that compiled to making what later processes start faster with. */
const calm = 10_000

export function openFlowScripts(given: {
  readonly settings: Settings
  readonly tenant: string
  readonly policy: () => Pick<TenantPolicy, 'groovy'>
  readonly collections: (id: string) => Bundle | undefined
  readonly log: Log
}): FlowScripts {
  const { settings, tenant, policy, collections, log } = given
  const create = settings.scriptHosts === 'flow' ? createHostsPerFlow : createGroovyHost
  const common = {
    cacheFolder: join(settings.data, 'cache'),
    log,
    calls: serviceCalls,
    callTimeoutMs: settings.scriptTimeout,
    sandbox: { required: settings.scriptSandbox === 'required' },
  }
  const groovy = createGroovyVersions({
    wanted: () => policy().groovy,
    create: (version) =>
      create({
        ...common,
        // The host is the same for all; what a tenant's scripts compile to is the tenant's.
        classFolder: join(settings.data, 'tenants', tenant, 'script-classes'),
        maxHeapMb: settings.scriptMemory,
        maxOutputMb: settings.scriptOutput / 1_048_576,
        groovy: version,
      }),
    changed() {
      const { groovy: _before, ...others } = reports
      reports = others
      prepared = false
    },
  })
  const javascript = createJavaScriptHost(common)
  const closing = new AbortController()
  const preparing: Promise<unknown>[] = []
  let prepared = false
  async function prepareStarts(): Promise<void> {
    try {
      await sleep(calm, undefined, { signal: closing.signal, ref: false })
      await groovy.prepareStarts(closing.signal)
    } catch {
      // Closed before.
    }
  }
  let reports: NonNullable<ReturnType<FlowScripts['sandbox']>> = {}
  const reported = (
    language: 'groovy' | 'javascript',
    { compile, run, sandbox }: Pick<GroovyHost, 'compile' | 'run' | 'sandbox'>,
  ): Pick<GroovyHost, 'compile' | 'run'> => {
    async function report(): Promise<void> {
      if (language === 'groovy' && !prepared) preparing.push(prepareStarts())
      prepared ||= language === 'groovy'
      const { layers, missing } = await sandbox()
      const version = language === 'groovy' ? { version: await groovy.groovy() } : {}
      reports = { ...reports, [language]: { ...version, layers, missing } }
    }
    return {
      async compile(script) {
        await compile(script)
        if (reports[language] === undefined) await report()
      },
      async run(script, exchange, of) {
        await run(script, exchange, of)
        // A message may have run in the version before: what it was to be told of the next is not its affair.
        if (reports[language] === undefined) void report().catch(() => undefined)
      },
    }
  }
  return {
    scripts: createScripts({
      host: reported('groovy', groovy),
      javaScript: reported('javascript', javascript),
      collections,
    }),
    sandbox: () => (Object.keys(reports).length === 0 ? undefined : reports),
    async lookAround() {
      try {
        await sleep(settled, undefined, { signal: closing.signal, ref: false })
        // Node is always there; what the system allows it, it allows a JVM.
        const { layers, missing } = await javascript.sandbox()
        reports = { javascript: { layers, missing }, ...reports }
      } catch (error) {
        if (!closing.signal.aborted) log.error('SCRIPTS WILL BE REFUSED', { why: wordsOf(error) })
      }
    },
    async close() {
      closing.abort()
      await Promise.all([groovy.close(), javascript.close(), ...preparing])
    },
  }
}

/** Reads the scripts of deployments with CodeNarc, in a sandbox as the settings say. */
export const openCodeNarc = ({
  settings,
  log,
}: {
  readonly settings: Pick<Settings, 'data' | 'scriptSandbox'>
  readonly log: Log
}): CodeNarc =>
  createCodeNarc({
    cacheFolder: join(settings.data, 'cache'),
    log,
    sandbox: { required: settings.scriptSandbox === 'required' },
    // Other deployments of the tenant wait for it.
    limitMs: 120_000,
  })
