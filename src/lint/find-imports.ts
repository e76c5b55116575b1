import type { Found } from './find-patterns.ts'
import { lineAt, type ScriptCode } from './script-code.ts'

/** Packages of which scripts have nothing, as the guidelines of the original list them too, or the host leaves out. */
const unsupported =
  /^(?:sun|com\.sun|jdk|javafx|java\.awt|javax\.swing|java\.rmi|javax\.naming|java\.lang\.(?:instrument|management)|javax\.management|groovy\.(?:sql|swing|grape|servlet)|org\.codehaus\.groovy\.tools|org\.osgi\.service|org\.springframework|org\.eclipse|com\.sap\.esb|com\.sap\.it\.(?:nm|km))\b/

const groovyImport = /^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+(?:\.\*)?)(?:[ \t]+as[ \t]+(\w+))?/gm
const javaImport = /\bimportClass\s*\(\s*([\w.]+)\s*\)/g

/** Imports that nobody uses, and imports of what is not there. */
export function findImports({ language, source, code, bare }: ScriptCode): readonly Found[] {
  const found: Found[] = []
  for (const match of code.matchAll(language === 'groovy' ? groovyImport : javaImport)) {
    const [words, path = '', alias] = match
    const line = lineAt(source, match.index)
    if (unsupported.test(path)) found.push({ code: 'unsupported-class', line })
    const name = alias ?? path.slice(path.lastIndexOf('.') + 1)
    if (name === '*' || name === '' || (language === 'javascript' && /\.Message$|\.HashMap$/.test(path))) continue
    const rest = bare.slice(0, match.index) + bare.slice(match.index + words.length)
    const others = rest.replace(/^[ \t]*import[ \t][^\n]*/gm, '')
    if (!new RegExp(`\\b${name}\\b`).test(others)) found.push({ code: 'unused-import', line })
  }
  return found
}
