import { domainToASCII } from 'node:url'

import type { FieldSet, Values } from '../fields/index.ts'
import type { ConnectivityTest, Target } from './contracts.ts'
import { perform, type Run } from './run.ts'

/** A test whose host and port are inputs: `port` says which port an empty one stands for. */
export function declareTest<const Fields extends FieldSet>(test: {
  readonly kind: string
  readonly label: string
  readonly help: string
  readonly fields: Fields
  readonly target: (values: Values<Fields>) => Target
  readonly timeout: (values: Values<Fields>) => number
  /** Does the steps; what is thrown becomes the problem. */
  readonly test: (run: Run, values: Values<Fields>, target: Target) => Promise<void>
}): ConnectivityTest {
  const { kind, label, help, fields, timeout } = test
  const target = (values: Values<Fields>): Target => {
    const { host, port } = test.target(values)
    return { host: domainToASCII(host) || host.replace(/^\[(.*)\]$/, '$1'), port }
  }
  return {
    kind,
    label,
    help,
    fields,
    target: (values) => target(values as Values<Fields>),
    run: (given, context) => {
      const values = given as Values<Fields>
      return perform(context, timeout(values), async (run) => {
        const { host, port } = target(values)
        await test.test(run, values, { host, port })
        return `Successfully reached host at ${host}:${port}`
      })
    },
  }
}
