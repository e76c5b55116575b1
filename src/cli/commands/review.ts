import { text } from '../../fields/index.ts'
import type { CodeNarcReport, Finding } from '../../lint/index.ts'
import { textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { findingWords, missedWords } from '../finding-words.ts'

export const review = declareCommand({
  name: 'review',
  summary: 'Says what rules find in the scripts of a deployed artifact, as check does for a bundle.',
  examples: [{ line: 'review Orders', words: 'Lists every place with what to do about it.' }],
  positionals: { id: text({ label: 'id', help: 'Id of a deployed artifact.' }) },
  flags: {},
  async run({ id }, { api, output }) {
    const row = await api().entity(entity`ScriptReviews(${id})`)
    const findings = JSON.parse(textOf(row, 'Findings') || '[]') as readonly Finding[]
    const why = textOf(row, 'Reason')
    const codeNarc = { status: textOf(row, 'CodeNarc'), ...(why !== '' && { why }) } as CodeNarcReport
    const words = [findingWords(findings, output) || 'No rule is broken.', missedWords(codeNarc, output)]
    output.result({ id, findings, codeNarc }, words.filter(Boolean).join('\n\n'))
  },
})
