import { faults } from './faults.ts'

/** Most characters of an alias, as in the original. */
export const longestAlias = 250

const reserved = /^(?:sap_|sluice_|hcicertificate|hcimsgcertificate)/i

/** The original refuses more where an entry gets another name. */
const reservedForRename = /^sap/i

// Letters that turn the direction of what follows make one alias look like another.
const unfit = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/u

/** Why a text cannot be an alias; undefined when it can. */
export function aliasProblem(alias: string, owner: 'system' | 'tenant', rename = false): string | undefined {
  if (alias.length === 0 || alias.length > longestAlias) return `it needs 1 to ${longestAlias} characters`
  if (!alias.isWellFormed() || unfit.test(alias)) return 'it has characters that cannot be shown'
  if (alias.trim() !== alias) return 'it has blanks around it'
  if (/^(?:true|false)$/i.test(alias)) return 'channels cannot name it'
  if (owner === 'tenant' && (reserved.test(alias) || (rename && reservedForRename.test(alias))))
    return 'its prefix is reserved'
  return undefined
}

/** An alias as a message can show it. */
const shownAlias = (alias: string): string =>
  Array.from(alias.toWellFormed().slice(0, longestAlias), (letter) => (unfit.test(letter) ? '\ufffd' : letter)).join('')

/** @throws keystore.aliasInvalid */
export function checkAlias(alias: string, owner: 'system' | 'tenant', rename = false): void {
  const why = aliasProblem(alias, owner, rename)
  if (why !== undefined) throw faults.aliasInvalid({ alias: shownAlias(alias), why })
}

/** The key of an entry in addresses: its alias in UTF-8 as upper-case hex. */
export const hexAliasOf = (alias: string): string => Buffer.from(alias, 'utf8').toString('hex').toUpperCase()

/** The alias of a key in either case; undefined when it is none. */
export function aliasOfHex(hex: string): string | undefined {
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(hex)) return undefined
  const bytes = Buffer.from(hex, 'hex')
  const alias = bytes.toString('utf8')
  return Buffer.from(alias, 'utf8').equals(bytes) ? alias : undefined
}
