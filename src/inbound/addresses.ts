import { faults } from './faults.ts'

/**
 * Checks an address against the rules of the HTTPS adapter (security 1.2): allowed characters; not `.`, `-` or `~`
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

/**
 * The form in which paths are compared: decoded and in lower case. Undefined where a path could mean different things
 * to different readers: dot segments, encoded slashes, malformed escapes, control characters.
 */
export function comparable(path: string): string | undefined {
  let decoded = path
  if (path.includes('%')) {
    if (/%(?:2f|5c|[01][0-9a-f]|7f)/i.test(path)) return undefined
    try {
      decoded = decodeURIComponent(path)
    } catch {
      return undefined
    }
  }
  if (decoded.includes('/.') && /\/\.{1,2}(?:\/|$)/.test(decoded)) return undefined
  if (decoded.includes('\\')) return undefined
  return decoded.toLowerCase()
}
