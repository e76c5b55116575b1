import { faults } from './faults.ts'

/**
 * Checks an address against the rules of the HTTPS adapter: allowed characters; not `.`, `-` or `~`
 * first; `$` first only; `~` after the first segment only; `*` as last segment only.
 * @throws inbound.addressInvalid
 */
export function checkAddress(address: string): void {
  const refuse = (why: string) => faults.addressInvalid({ address, why })
  if (!address.startsWith('/')) throw refuse("it does not begin with '/'")
  if (address === '/') throw refuse('it is empty')
  const foreign = /[^A-Za-z0-9_/~.$*-]/.exec(address)?.[0]
  if (foreign !== undefined) throw refuse(`it contains '${foreign}'`)
  if (/^\/[.~-]/.test(address)) throw refuse(`it begins with '${address.charAt(1)}'`)
  if (address.lastIndexOf('$') > 1) throw refuse("'$' stands only right after the first '/'")
  if (/^\/[^/]*~/.test(address)) throw refuse("'~' stands only after the first segment")
  if (/\*./.test(address) || (address.endsWith('*') && !address.endsWith('/*')))
    throw refuse("'*' stands only at the end, after a '/'")
  if (address.includes('//')) throw refuse('it has an empty segment')
  if (/\/\.{1,2}(?:\/|$)/.test(address)) throw refuse("it has a segment '.' or '..'")
}

/** A path as it is compared, and whether a segment holds an encoded slash, which most routes do not take. */
export interface Comparable {
  readonly path: string
  readonly encodedSlash: boolean
}

/**
 * The form in which paths are compared: decoded and in lower case; encoded slashes stay encoded. Undefined where a path
 * could mean different things to different readers: dot segments, malformed escapes, control characters.
 */
export function comparable(path: string): Comparable | undefined {
  if (!path.includes('%')) return isClear(path) ? { path: path.toLowerCase(), encodedSlash: false } : undefined
  if (/%(?:5c|[01][0-9a-f]|7f)/i.test(path)) return undefined
  try {
    // Also for a reader that decodes the slashes there must be no way upwards.
    if (!isClear(decodeURIComponent(path))) return undefined
    const kept = path.replaceAll(/%2f/gi, '%252f')
    const encodedSlash = kept.length !== path.length
    return { path: decodeURIComponent(kept).toLowerCase(), encodedSlash }
  } catch {
    return undefined
  }
}

/** No dot segments, and no backslash, which some readers take for a slash. */
const isClear = (path: string): boolean =>
  !path.includes('\\') && !(path.includes('/.') && /\/\.{1,2}(?:\/|$)/.test(path))
