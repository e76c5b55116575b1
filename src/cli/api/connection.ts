import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { wordsOf } from '../../base/index.ts'
import { faults } from '../faults.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Connection {
  /** Control address, without a path. */
  readonly base: URL
  readonly clientId: string
  readonly clientSecret: string
  /** PEM of the only authorities to trust; undefined means those of the system. */
  readonly ca: string | undefined
}

/** Client id and secret of a service key file, in either of its shapes, with the address it names. */
export interface KeyFile {
  readonly clientId: string
  readonly clientSecret: string
  readonly url: string | undefined
}

/**
 * Finds the server and the credentials from the environment.
 * @throws cli.fileUnreadable, cli.keyInvalid, cli.addressInvalid
 */
export function readConnection(environment: Environment, folder: string): Connection {
  const file = environment.SLUICE_KEY || join(quickstartFolder(environment), 'api-key.json')
  const { clientId, clientSecret, url } = readKeyFile(resolve(folder, file), 'SLUICE_KEY')
  const base = httpsAddress(environment.SLUICE_URL || url || 'https://localhost:9443')
  return { base, clientId, clientSecret, ca: readAuthorities(environment, folder) }
}

/** Folder of what the first start left for its user, relative to the working folder. */
export const quickstartFolder = (environment: Environment): string =>
  join(environment.SLUICE_DATA || 'data', 'quickstart')

/** @throws cli.fileUnreadable for a file that was named */
export function readAuthorities(environment: Environment, folder: string): string | undefined {
  if (environment.SLUICE_CA) return readText(resolve(folder, environment.SLUICE_CA), 'CA file', 'SLUICE_CA')
  const own = resolve(folder, quickstartFolder(environment), 'ca.pem')
  return existsSync(own) ? readText(own, 'CA file', 'SLUICE_CA') : undefined
}

/** @throws cli.addressInvalid for everything that is not https */
export function httpsAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw faults.addressInvalid({ address: text })
  return url
}

/** @throws cli.fileUnreadable, cli.keyInvalid; neither holds a byte of the file */
export function readKeyFile(file: string, setting?: string): KeyFile {
  const text = readText(file, 'service key', setting)
  const key = parsed(text)
  if (key === undefined) throw faults.keyInvalid({ file, why: 'it is not a JSON object' })
  const inner = (typeof key.oauth === 'object' && key.oauth !== null ? key.oauth : key) as Record<string, unknown>
  const missing = ['clientid', 'clientsecret'].filter((name) => typeof inner[name] !== 'string' || inner[name] === '')
  if (missing.length > 0) throw faults.keyInvalid({ file, why: `it has no ${missing.join(' and no ')}` })
  return {
    clientId: inner.clientid as string,
    clientSecret: inner.clientsecret as string,
    url: typeof inner.url === 'string' ? inner.url : undefined,
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** @throws cli.fileUnreadable */
export function readText(file: string, what: string, setting?: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : wordsOf(cause)
    throw faults.fileUnreadable({ what, file, why, ...(setting !== undefined && { setting }) }, { cause })
  }
}
