import { choice } from '../fields/index.ts'
import { entity } from './api/odata-address.ts'
import { writeNew } from './files.ts'
import type { Session } from './session.ts'

export const shapeFlag = choice({
  label: 'shape',
  help: 'Form of the key: flat as current clients read it, or under oauth as older ones do.',
  options: { flat: 'Flat', oauth: 'Under oauth' },
  default: 'flat',
})

/**
 * Prints a service key with its secret, or writes it to a new file that only its owner can read.
 * @throws cli.fileExists
 */
export async function handOver(
  session: Session,
  given: { readonly id: string; readonly shape: string; readonly out: string },
): Promise<void> {
  const { api, output } = session
  const { id, shape, out } = given
  const content = await api().content(`${entity`ServiceKeys(${id})`}/$value?shape=${shape}`)
  const document = content?.toString() ?? ''
  if (out === '') return output.result(JSON.parse(document), document.trimEnd())
  writeNew(session, out, document, true)
  output.result({ id, file: out }, `written  ${out}`)
}
