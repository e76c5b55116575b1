import type { Run } from '../flow/index.ts'
import type { GroovyChoice } from './groovy.ts'
import type { GroovyHost } from './groovy-host.ts'

interface Version {
  readonly choice: GroovyChoice
  readonly host: GroovyHost
  /** Messages that have begun in it, and scripts that it compiles. */
  busy: number
}

/**
 * A host of the version of Groovy that is wanted at each call. When another one is wanted, messages go on in the host
 * in which they ran their first script, because it may hold objects of theirs; it is ended with the last of them.
 * `changed` is told whenever another host than before gets the next messages.
 */
export function createGroovyVersions(given: {
  readonly wanted: () => GroovyChoice
  readonly create: (choice: GroovyChoice) => GroovyHost
  readonly changed?: () => void
}): GroovyHost {
  const { wanted, create, changed } = given
  const versions = new Set<Version>()
  const homes = new WeakMap<Run, Version>()
  const ending = new Set<Promise<void>>()
  let current: Version | undefined

  function now(): Version {
    const choice = wanted()
    if (current?.choice === choice) return current
    const before = current
    current = [...versions].find((one) => one.choice === choice) ?? { choice, host: create(choice), busy: 0 }
    versions.add(current)
    if (before !== undefined) endIfIdle(before)
    changed?.()
    return current
  }

  function leave(version: Version): void {
    version.busy -= 1
    endIfIdle(version)
  }

  function endIfIdle(version: Version): void {
    if (version === current || version.busy > 0) return
    versions.delete(version)
    const closed = version.host.close().finally(() => ending.delete(closed))
    ending.add(closed)
  }

  function homeOf(run: Run): Version {
    const found = homes.get(run)
    if (found !== undefined) return found
    const home = now()
    homes.set(run, home)
    home.busy += 1
    run.defer(() => leave(home))
    return home
  }

  const close = async (): Promise<void> => {
    await Promise.all([...ending, ...[...versions].map(({ host }) => host.close())])
  }

  return {
    async compile(script) {
      const version = now()
      version.busy += 1
      try {
        await version.host.compile(script)
      } finally {
        leave(version)
      }
    },
    run: (script, exchange, run) => homeOf(run).host.run(script, exchange, run),
    processes: () => [...versions].flatMap(({ host }) => host.processes()),
    sandbox: () => now().host.sandbox(),
    prepareStarts: (signal) => now().host.prepareStarts(signal),
    groovy: () => now().host.groovy(),
    close,
    [Symbol.asyncDispose]: close,
  }
}
