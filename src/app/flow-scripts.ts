import { join } from 'node:path'

import type { Log } from '../base/index.ts'
import type { Bundle, ScriptService } from '../flow/index.ts'
import {
  createGroovyHost,
  createHostsPerFlow,
  createJavaScriptHost,
  createScripts,
  type SandboxReport,
  serviceCalls,
} from '../scripts/index.ts'
import type { Settings } from '../settings/index.ts'

/** Runs the scripts of flows, in hosts as the settings say. */
export interface FlowScripts {
  readonly scripts: ScriptService
  /** What holds Groovy scripts here. Tried with the first script; undefined before. */
  readonly sandbox: () => SandboxReport | undefined
  readonly close: () => Promise<unknown>
}

export function openFlowScripts(given: {
  readonly settings: Settings
  readonly collections: (id: string) => Bundle | undefined
  readonly log: Log
}): FlowScripts {
  const { settings, collections, log } = given
  const create = settings.scriptHosts === 'flow' ? createHostsPerFlow : createGroovyHost
  const groovy = create({
    cacheFolder: join(settings.data, 'cache'),
    log,
    calls: serviceCalls,
    maxHeapMb: settings.scriptMemory,
    maxOutputMb: settings.scriptOutput / 1_048_576,
    callTimeoutMs: settings.scriptTimeout,
    groovy: settings.groovy,
    sandbox: { required: settings.scriptSandbox === 'required' },
  })
  const javaScript = createJavaScriptHost({ log, calls: serviceCalls, callTimeoutMs: settings.scriptTimeout })
  let report: SandboxReport | undefined
  const host: Pick<typeof groovy, 'compile' | 'run'> = {
    async compile(script) {
      await groovy.compile(script)
      report ??= await groovy.sandbox()
    },
    run: groovy.run,
  }
  return {
    scripts: createScripts({ host, javaScript, collections }),
    sandbox: () => report,
    close: () => Promise.all([groovy.close(), javaScript.close()]),
  }
}
