import type { TenantPolicy } from '../identity/index.ts'

/**
 * Refuses what a policy of the tenant cannot mean here: rules that there are not, a Groovy that is not installed.
 * `groovyFolder` is where 2.4 is looked for, when not where its package puts it.
 * @throws lint.codesUnknown, scripts.groovyMissing
 */
export async function checkPolicy(
  { lintStop, groovy = 'auto' }: Partial<TenantPolicy>,
  groovyFolder?: string,
): Promise<void> {
  // Loaded late: the control process needs neither for anything else.
  if (lintStop !== undefined) {
    const { readLintCodes } = await import('../lint/index.ts')
    readLintCodes(lintStop.join(','))
  }
  if (groovy === '2.4' || groovy === '4') {
    const { findGroovy } = await import('../scripts/groovy.ts')
    await findGroovy(groovy, groovyFolder)
  }
}
