import type { Bundle, CompiledScript, ScriptService } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { GroovyHost } from './groovy-host.ts'
import { javaScriptFolderOf } from './javascript/javascript-folder.ts'
import type { JavaScriptHost } from './javascript/javascript-host.ts'
import { scriptFolderOf } from './script-folder.ts'

/**
 * The scripts of a tenant's flows (iflow-format 7, Script, and 13). A flow's own scripts are compiled when it is
 * deployed; those of a collection when they first run, in the version that `collections` names at that moment.
 */
export function createScripts({
  host,
  javaScript,
  collections,
}: {
  /** Runs Groovy. */
  readonly host: Pick<GroovyHost, 'compile' | 'run'>
  /** Absent where JavaScript is not run. */
  readonly javaScript?: Pick<JavaScriptHost, 'compile' | 'run'>
  readonly collections: (id: string) => Bundle | undefined
}): ScriptService {
  const languages = {
    groovy: { host, folderOf: scriptFolderOf },
    javascript: javaScript && { host: javaScript, folderOf: javaScriptFolderOf },
  }
  return {
    async compile({ language, bundle, file, functionName: named, collection }): Promise<CompiledScript> {
      const found = languages[language]
      if (found === undefined) throw faults.javascriptUnsupported({ script: file }, { place: { file } })
      const { host, folderOf } = found
      const functionName = named === '' ? 'processData' : named
      if (collection !== '') {
        return {
          async run(exchange, run) {
            const found = collections(collection)
            if (found === undefined) throw faults.collectionMissing({ collection })
            await host.run({ folder: folderOf(found), file, functionName }, exchange, run)
          },
        }
      }
      const script = { folder: folderOf(bundle), file, functionName }
      await host.compile(script)
      return { run: (exchange, run) => host.run(script, exchange, run) }
    },
  }
}
