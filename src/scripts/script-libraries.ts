import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** Where Debian's Java libraries are. */
const installedFolder = '/usr/share/java'

/**
 * Libraries that scripts of the original expect, as Debian names their jars (packages: `.ci/run`). `standIn` is the
 * file below `groovy/api/stand-in` with the part of it that scripts use most, for machines without the library.
 */
const libraries: readonly { readonly jars: readonly string[]; readonly standIn?: string }[] = [
  { jars: ['commons-codec.jar'] },
  { jars: ['commons-csv.jar'] },
  { jars: ['commons-io.jar'] },
  { jars: ['commons-lang.jar'], standIn: 'commons-lang.groovy' },
  { jars: ['commons-lang3.jar'] },
  { jars: ['commons-text.jar'] },
  { jars: ['gson.jar'] },
  { jars: ['joda-time.jar'] },
  { jars: ['json-android.jar'] },
  // Only its interfaces: what scripts log goes to the stand-in's lines in any case.
  { jars: [], standIn: 'slf4j.groovy' },
  { jars: ['jaxrs-api.jar'], standIn: 'ws-rs.groovy' },
  { jars: ['javax.activation.jar'], standIn: 'activation.groovy' },
  { jars: ['javax.mail.jar'], standIn: 'mail.groovy' },
]

export interface ScriptLibraries {
  readonly jars: readonly string[]
  /** Files below `groovy/api/stand-in` for the libraries that are not installed. */
  readonly standIns: readonly string[]
}

/** The libraries that are installed, and what stands in for the others. */
export async function findScriptLibraries(folder = installedFolder): Promise<ScriptLibraries> {
  const jars: string[] = []
  const standIns: string[] = []
  for (const { jars: names, standIn } of libraries) {
    const paths = names.map((name) => join(folder, name))
    if (paths.length > 0 && paths.every((path) => existsSync(path))) {
      for (const path of paths) jars.push(await realpath(path))
    } else if (standIn !== undefined) standIns.push(standIn)
  }
  return { jars, standIns }
}
