import { type Bundle, writeBundle } from '../flow/index.ts'
import { textOf } from './api/entity.ts'
import { entity } from './api/odata-address.ts'
import { designSet } from './artifact-types.ts'
import { faults } from './faults.ts'
import type { Source } from './read-source.ts'
import type { Session } from './session.ts'

/** Package of artifacts that come alone and are new, where none is named. */
export const defaultPackage = 'Default'

export interface Upload {
  readonly source: Source
  readonly id: string
  /** Package to put it into; '' leaves the choice: the export's, the one it is in, or `Default`. */
  readonly packageId: string
  /** Values for externalised parameters; those the artifact does not have are left out. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Brings an artifact into the design time: the package where it is missing, the artifact new or changed, its
 * parameters. Returns whether it was there before.
 * @throws cli.packageOther, faults of the API
 */
export async function upload(session: Session, given: Upload): Promise<'created' | 'updated'> {
  const { source, id, parameters } = given
  const { bundle } = source
  const api = session.api()
  const address = artifactAddress(bundle, id)
  const before = await api.find(address)
  const held = before === undefined ? '' : textOf(before, 'PackageId')
  if (given.packageId !== '' && held !== '' && held !== given.packageId) {
    throw faults.packageOther({ id, held, wanted: given.packageId })
  }
  const packageId = held || given.packageId || source.package?.id || defaultPackage
  const content = await writeBundle(bundle, id === bundle.id ? {} : { id })
  const body = { Name: bundle.name, ArtifactContent: content.toString('base64') }
  // The original has no way to change a value mapping but to make it anew.
  const replaced = before !== undefined && bundle.type === 'ValueMapping'
  if (replaced) await api.write('DELETE', address)
  if (before !== undefined && !replaced) await api.write('PUT', address, body)
  else {
    await ensurePackage(session, packageId, source)
    await api.write('POST', designSet(bundle.type), { ...body, Id: id, PackageId: packageId })
  }
  for (const { name } of bundle.parameters) {
    const value = parameters.get(name)
    if (value !== undefined)
      await api.write('PUT', `${address}/$links/${entity`Configurations(${name})`}`, { ParameterValue: value })
  }
  return before === undefined ? 'created' : 'updated'
}

async function ensurePackage(session: Session, id: string, source: Source): Promise<void> {
  const api = session.api()
  if ((await api.find(entity`IntegrationPackages(${id})`)) !== undefined) return
  const own = source.package?.id === id ? source.package : undefined
  const name = own?.name || id
  await api.write('POST', 'IntegrationPackages', {
    Id: id,
    Name: name,
    ShortText: own?.shortText || name,
    Version: '1.0.0',
  })
}

const artifactAddress = ({ type }: Bundle, id: string): string =>
  `${designSet(type)}${entity`(Id=${id},Version=${'active'})`}`
