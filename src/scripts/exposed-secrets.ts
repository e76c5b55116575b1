import type { Run } from '../flow/index.ts'
import type { Exchange } from '../message/index.ts'

const reported = new WeakMap<Run, Set<string>>()

/**
 * Flags in the message log that a script has put a lent secret into the body or into one of these headers, from where
 * it goes to receivers: the property `SecretExposed` says which alias and where, once for each message.
 */
export function flagExposedSecrets(
  exchange: Exchange,
  changed: { readonly body: boolean; readonly headers: readonly string[] },
  run: Run,
): void {
  if (changed.body) flag(run.lent.foundIn(exchange.body.bytes()), 'body', run)
  for (const name of changed.headers) {
    const value = exchange.headers.get(name)
    const content = value instanceof Uint8Array ? Buffer.from(value) : String(value ?? '')
    flag(run.lent.foundIn(content), `header ${run.lent.redactText(name)}`, run)
  }
}

function flag(aliases: readonly string[], place: string, run: Run): void {
  for (const alias of aliases) {
    const words = `${alias} (${place})`
    let told = reported.get(run)
    if (told === undefined) reported.set(run, (told = new Set()))
    if (told.has(words)) continue
    told.add(words)
    run.log.property('SecretExposed', words)
  }
}
