import { wordsOf } from '../../src/base/index.ts'
import type { GroovyHost } from '../../src/scripts/index.ts'
import type { PublishedScript } from './published-scripts.ts'

export interface CompileFailure {
  readonly script: PublishedScript
  readonly why: string
}

/** Compiles each script beside the others of its bundle; a script without the usual function compiles, too. */
export async function compileAll(
  host: GroovyHost,
  scripts: readonly PublishedScript[],
): Promise<readonly CompileFailure[]> {
  const failures: CompileFailure[] = []
  for (const script of scripts) {
    try {
      await host.compile({ folder: script.folder, file: script.file, functionName: 'processData' })
    } catch (error) {
      if ((error as { code?: string }).code === 'scripts.functionMissing') continue
      failures.push({ script, why: wordsOf(error) })
    }
  }
  return failures
}
