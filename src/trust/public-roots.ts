import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'

import { type ParsedCertificate, parseCertificate } from './certificate.ts'
import { type Der, elementsOf, expect, readDer, tags } from './der.ts'
import { nameOf } from './names.ts'

/** The public roots that come with Node, by subject. The names are read at the first call, a certificate when asked for. */
export function createPublicRoots(): (subjectKey: string) => readonly ParsedCertificate[] {
  let places: Map<string, number[]> | undefined
  const parsed = new Map<number, ParsedCertificate>()

  function certificateAt(place: number): ParsedCertificate {
    const found = parsed.get(place) ?? parseCertificate(new X509Certificate(rootCertificates[place] ?? ''))
    parsed.set(place, found)
    return found
  }

  return (subjectKey) => {
    places ??= indexed()
    return (places.get(subjectKey) ?? []).map(certificateAt)
  }
}

function indexed(): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [place, pem] of rootCertificates.entries()) {
    const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, '')
    const key = subjectKeyOf(readDer(Buffer.from(base64, 'base64')))
    places.set(key, [...(places.get(key) ?? []), place])
  }
  return places
}

/** The subject out of a certificate of version 2 or 3, whose first field is the version. */
function subjectKeyOf(certificate: Der): string {
  const fields = elementsOf(expect(elementsOf(certificate)[0], tags.sequence))
  return nameOf(fields[fields[0]?.tag === 0xa0 ? 5 : 4]).key
}
