import { Fault } from '../base/index.ts'
import { readFields } from '../fields/index.ts'
import { connectivityTests } from './connectivity-tests.ts'
import type { ConnectivityContext, ConnectivityTest, TestAudit, TestResult } from './contracts.ts'
import { faults } from './faults.ts'
import type { TestGate } from './test-gate.ts'

/**
 * Tests as a permitted, rate-limited and audited act. `run` gives a result for whatever the server does, and throws
 * for what stands before the test: unknown kind, wrong inputs, the gate. If the audit log cannot be written, there is
 * no result.
 */
export function createConnectivity(given: {
  readonly context: ConnectivityContext
  readonly gate: TestGate
  readonly audit: (entry: TestAudit) => Promise<void>
}): {
  readonly run: (asked: {
    readonly who: string
    readonly kind: string
    readonly inputs: Readonly<Record<string, string | undefined>>
    readonly signal?: AbortSignal
  }) => Promise<TestResult>
} {
  const { context, gate, audit } = given
  return {
    async run({ who, kind, inputs, signal }) {
      let target = { host: '', port: 0 }
      const log = (outcome: string): Promise<void> => audit({ who, kind, ...target, outcome })
      let result: TestResult
      try {
        const test = connectivityTests.find((one) => one.kind === kind)
        if (test === undefined) throw faults.kindUnknown({ kind })
        const values = read(test, inputs)
        target = test.target(values)
        const leave = gate.enter(who)
        try {
          const ending = signal === undefined ? context.signal : AbortSignal.any([context.signal, signal])
          result = await test.run(values, { ...context, signal: ending })
        } finally {
          leave()
        }
      } catch (thrown) {
        await log(thrown instanceof Fault ? thrown.code : 'defect')
        throw thrown
      }
      await log(result.problem?.code ?? 'ok')
      return result
    },
  }
}

function read(test: ConnectivityTest, inputs: Readonly<Record<string, string | undefined>>) {
  const { values, problems, unknown } = readFields(test.fields, inputs)
  const all = [
    ...problems.map(({ field, problem }) => ({ field, problem })),
    ...unknown.map((field) => ({ field, problem: 'is not an input of this test' })),
  ]
  if (all.length > 0) throw faults.inputInvalid({ problems: all })
  return values
}
