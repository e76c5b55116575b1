import { faults } from './faults.ts'

/**
 * Reads the namespace mapping of a flow, `xmlns:p=urn:a;xmlns:q="urn:b"`, to a map from prefix to URI. Quotes around
 * the URI and the word `xmlns:` may be left out.
 * @throws languages.namespaceMappingMalformed
 */
export function readNamespaceMapping(mapping: string): ReadonlyMap<string, string> {
  const namespaces = new Map<string, string>()
  for (const entry of mapping.split(';').map((text) => text.trim())) {
    if (entry === '') continue
    const [, prefix, quoted, single, plain] =
      /^(?:xmlns:)?([\p{L}_][\p{L}\p{N}_.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^"'\s]+))$/u.exec(entry) ?? []
    const uri = quoted ?? single ?? plain
    if (prefix === undefined || uri === undefined) throw faults.namespaceMappingMalformed({ entry })
    namespaces.set(prefix, uri)
  }
  return namespaces
}
