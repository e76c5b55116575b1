import { isDeepStrictEqual } from 'node:util'

import { changeModelText } from '../src/flow/change-model.ts'
import { type Bundle, type FlowModel, type Process, readBundle, writeBundle } from '../src/flow/index.ts'
import { parseModel } from '../src/flow/parse-model.ts'
import { valuesPath } from '../src/flow/read-parameters.ts'
import {
  changeProperties,
  headersOf,
  newManifest,
  parseManifest,
  parseProperties,
  propertiesOf,
  writeManifest,
  writeProperties,
} from '../src/formats/index.ts'

/** What a bundle loses when it is written and read: as it stands, and with every part of it written anew. */
export async function roundTripFlaws(bundle: Bundle): Promise<readonly string[]> {
  const flaws: string[] = []
  const expect = (equal: boolean, flaw: string) => equal || flaws.push(flaw)
  expect(isDeepStrictEqual(await readBundle(await writeBundle(bundle)), bundle), 'the bundle differs')

  const manifest = parseManifest(writeManifest(newManifest(bundle.manifest)))
  expect(isDeepStrictEqual(headersOf(manifest), bundle.manifest), 'the manifest written anew differs')

  const values = propertiesOf(parseProperties(bundle.files.get(valuesPath) ?? ''))
  const rewritten = propertiesOf(parseProperties(writeProperties(changeProperties([], values))))
  expect(isDeepStrictEqual([...rewritten], [...values]), 'the parameters written anew differ')

  if (bundle.model !== undefined) {
    const { file } = bundle.model
    const again = parseModel(file, changeModelText(bundle.files.get(file) ?? Buffer.alloc(0), []))
    expect(isDeepStrictEqual(withoutLines(again), withoutLines(bundle.model)), 'the model written anew differs')
  }
  return flaws
}

const unlined = <T extends { readonly line: number | undefined }>(part: T): T => ({ ...part, line: undefined })

/** A model written anew may have other lines, and nothing else that differs. */
const withoutLines = (model: FlowModel): FlowModel => ({
  ...model,
  channels: model.channels.map(unlined),
  processes: model.processes.map(processWithoutLines),
})

const processWithoutLines = (process: Process): Process => ({
  ...unlined(process),
  elements: process.elements.map(unlined),
  sequenceFlows: process.sequenceFlows.map(unlined),
  exceptionSubprocess: process.exceptionSubprocess && processWithoutLines(process.exceptionSubprocess),
})
