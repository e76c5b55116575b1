import assert from 'node:assert/strict'
import { it } from 'node:test'

import * as fc from 'fast-check'

import { journalLine } from './journal-line.ts'
import type { MessageEnded, RecordedStep } from './records.ts'

const text = fc.string({ unit: 'grapheme' })
const pairs = fc.array(fc.tuple(text, text))
const trace = fc.record({
  payloadSize: fc.nat(),
  mimeType: text,
  sealed: text,
  truncated: fc.boolean(),
  expires: fc.nat(),
})
const step = fc.record({
  id: text,
  name: text,
  type: text,
  start: fc.nat(),
  micros: fc.nat(),
  branch: text,
  error: fc.option(text, { nil: undefined }),
  trace: fc.option(trace, { nil: undefined }),
})
const first = {
  id: text,
  correlationId: text,
  flowId: text,
  flowName: text,
  packageId: text,
  start: fc.nat(),
  sender: text,
  principal: text,
  node: text,
}
const level = fc.constantFrom('INFO', 'TRACE' as const)
const ended = fc.record({
  event: fc.constant('ended'),
  ...first,
  level,
  end: fc.nat(),
  status: fc.constantFrom('COMPLETED', 'FAILED'),
  receiver: text,
  customStatus: text,
  applicationId: text,
  applicationType: text,
  predecessor: text,
  error: fc.option(fc.record({ code: text, message: text, className: text, stepId: text }), { nil: undefined }),
  customHeaders: pairs,
  properties: pairs,
  attachments: fc.array(fc.record({ id: text, name: text, contentType: text, size: fc.nat(), sealed: text })),
  steps: fc.array(step),
})
const started = fc.record({ event: fc.constant('started'), ...first, level })

it('a line of the journal says what JSON.stringify says', () => {
  fc.assert(
    fc.property(fc.oneof(ended, started), (event) => {
      const line = journalLine(event)
      assert.ok(!line.includes('\n'))
      assert.deepEqual(JSON.parse(line), JSON.parse(JSON.stringify(event)))
    }),
  )
})

it('a line says what its message says, whatever the last one of the same flow and steps said', () => {
  const says = (event: MessageEnded): void => {
    assert.deepEqual(JSON.parse(journalLine(event)), JSON.parse(JSON.stringify(event)))
  }
  const step: RecordedStep = {
    id: 's',
    name: 'n',
    type: 't',
    start: 1,
    micros: 2,
    branch: '',
    error: undefined,
    trace: undefined,
  }
  const usual: MessageEnded = {
    event: 'ended',
    id: 'm',
    correlationId: 'm',
    flowId: 'f',
    flowName: 'F',
    packageId: 'p',
    start: 1,
    sender: 's',
    principal: 'u',
    node: 'n',
    end: 2,
    receiver: 'r',
    customStatus: 'c',
    applicationId: 'a',
    level: 'INFO',
    status: 'COMPLETED',
    applicationType: 't',
    predecessor: '',
    error: undefined,
    customHeaders: [],
    properties: [],
    attachments: [],
    steps: [step],
  }
  says(usual)
  const others = { level: 'DEBUG', status: 'FAILED' } as const
  for (const [name, value] of Object.entries({ ...usual, event: undefined })) {
    if (typeof value === 'string') says({ ...usual, [name]: name in others ? others[name as 'level'] : `${value}ü"` })
    if (typeof value === 'number') says({ ...usual, [name]: value + 1 })
    says(usual)
  }
  says({ ...usual, level: 'DEBUG' })
  for (const [name, value] of Object.entries(step)) {
    says({ ...usual, steps: [{ ...step, [name]: typeof value === 'number' ? value + 1 : `${value}ü"` }] })
    says(usual)
  }
})
