import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { rows, runStep, services } from '../../../test/kit/step.ts'
import { writeVariables } from './write-variables.ts'

test('each row writes one variable to its scope', async () => {
  const lent = services()
  const row = (name: string, type: string, value: string, scope: string) => ({
    '0': name,
    '1': '',
    '2': type,
    '3': value,
    '4': scope,
  })
  await runStep(writeVariables, {
    properties: {
      variable: rows(
        row('c', 'constant', '${x}', 'local'),
        row('e_${header.h}', 'expression', '${header.h}!', 'global'),
        row('h', 'header', 'h', 'local'),
        row('p', 'property', 'p', 'local'),
        row('x', 'xpath', '/a', 'local'),
        row('n', 'property', 'none', 'local'),
      ),
      visibility: 'local',
      encrypt: 'true',
      expire: '90',
    },
    context: { services: lent },
    exchange: new Exchange({ body: Body.ofText('<a>1</a>'), headers: [['h', 'H']], properties: [['p', 5]] }),
  })
  const read = (name: string, scope: 'local' | 'global') => lent.variables.read(name, scope, 'TestFlow')
  assert.deepEqual(
    [
      await read('c', 'local'),
      await read('e_H', 'global'),
      await read('h', 'local'),
      await read('p', 'local'),
      await read('x', 'local'),
      await read('n', 'local'),
      await read('c', 'global'),
    ],
    ['${x}', 'H!', 'H', '5', '1', '', undefined],
  )
})
