import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  bundleOf,
  chain,
  externalCall,
  localProcess,
  mainProcess,
  messageEnd,
  messageStart,
  type ModelSketch,
  processCall,
  receiverChannel,
  route,
  router,
  senderChannel,
  step,
} from '../../test/kit/bundle.ts'
import { checkStructure } from './check-structure.ts'

const faultsOf = async (sketch: ModelSketch) => {
  const { model } = await bundleOf({ id: 'F', ...sketch })
  assert.ok(model)
  return checkStructure(model)
}

const simple = [messageStart(), messageEnd()]
const routed = (routes: ReturnType<typeof chain>, more: ReturnType<typeof step>[] = []): ModelSketch => ({
  processes: [mainProcess([messageStart(), router(), ...more, step('A', 'X'), messageEnd()], { routes })],
})

const sound: readonly (readonly [what: string, sketch: ModelSketch])[] = [
  ['one process', { processes: [mainProcess(simple)] }],
  [
    'channels, calls and handlers',
    {
      channels: [
        senderChannel('HTTPS', { urlPath: '/a' }),
        receiverChannel('HTTP', 'Call'),
        receiverChannel('HTTP', 'In'),
      ],
      processes: [
        mainProcess([messageStart(), externalCall('Call'), processCall('P', 'L'), messageEnd()], {
          exception: [externalCall('In')],
        }),
        localProcess('L', []),
      ],
    },
  ],
  [
    'the same address of different adapters, and no address',
    {
      channels: [
        senderChannel('HTTPS', { urlPath: '/a' }),
        senderChannel('ProcessDirect', { address: '/a' }),
        senderChannel('SFTP', { host: 'h' }),
        senderChannel('SFTP', { host: 'h' }),
      ],
      processes: [mainProcess(simple)],
    },
  ],
  [
    'a router with a default only',
    routed([
      ...chain('Start', 'Router'),
      route('Router', 'A', 'otherwise'),
      route('Router', 'End'),
      ...chain('A', 'End'),
    ]),
  ],
  [
    'a router with conditions only',
    routed([
      ...chain('Start', 'Router'),
      route('Router', 'A', '/a'),
      route('Router', 'End', '/b'),
      ...chain('A', 'End'),
    ]),
  ],
  ['a router that joins', routed(chain('Start', 'Router', 'A', 'End'))],
]
for (const [what, sketch] of sound) {
  test(`sound: ${what}`, async () => assert.deepEqual(await faultsOf(sketch), []))
}

const unsound: readonly (readonly [what: string, expected: readonly string[], sketch: ModelSketch])[] = [
  [
    'a channel to nowhere',
    ['channelDangling MessageFlow_1'],
    { channels: [senderChannel('HTTPS', {}, { to: 'None' })], processes: [mainProcess(simple)] },
  ],
  [
    'a call of no process',
    ['processUnknown C', 'processUnknown D'],
    {
      processes: [mainProcess([messageStart(), processCall('C', 'Gone'), processCall('D', ''), messageEnd()])],
    },
  ],
  [
    'no start, in a main and in a local process',
    ['startCount Process_1', 'startCount L'],
    {
      processes: [mainProcess([messageEnd()]), { ...localProcess('L', []), elements: [step('S', 'X')] }],
    },
  ],
  [
    'two starts',
    ['startCount Process_1'],
    { processes: [mainProcess([messageStart(), messageStart('Start2'), messageEnd()])] },
  ],
  [
    'a router that cannot choose',
    ['routerBlind Router'],
    routed([...chain('Start', 'Router'), route('Router', 'A'), route('Router', 'End'), ...chain('A', 'End')]),
  ],
  ['a router without a way out', ['routerBlind Router'], routed([...chain('Start', 'Router'), ...chain('A', 'End')])],
  [
    'a route to nowhere',
    ['sequenceFlowDangling Process_1_Flow_2'],
    routed([...chain('Start', 'A', 'Gone'), ...chain('Router', 'End')]),
  ],
  [
    'a call without a channel',
    ['channelCount Call'],
    { processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])] },
  ],
  [
    'a call with two channels',
    ['channelCount Call'],
    {
      channels: [receiverChannel('HTTP', 'Call'), receiverChannel('HTTP', 'Call')],
      processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
    },
  ],
  [
    'one address twice',
    ['addressTwice MessageFlow_2'],
    {
      channels: [senderChannel('HTTPS', { urlPath: '/Orders' }), senderChannel('HTTPS', { urlPath: '/orders' })],
      processes: [mainProcess(simple)],
    },
  ],
  [
    'an id twice',
    ['idTwice Start'],
    {
      processes: [mainProcess([messageStart(), messageEnd()]), localProcess('L', [messageStart(), messageEnd('E')])],
    },
  ],
]
for (const [what, expected, sketch] of unsound) {
  test(`refused: ${what}`, async () => {
    const found = await faultsOf(sketch)
    assert.deepEqual(
      found.map(({ code, place }) => `${code.replace('flow.', '')} ${place?.element}`),
      expected,
    )
    for (const { place } of found) assert.ok((place?.line ?? 0) > 1)
  })
}

test('refused: a default that is no route of the router', async () => {
  const { model } = await bundleOf({ id: 'F', ...routed([...chain('Start', 'Router', 'A', 'End')]) })
  assert.ok(model)
  const processes = model.processes.map((process) => ({
    ...process,
    elements: process.elements.map((element) =>
      element.id === 'Router' ? { ...element, defaultFlow: 'Gone' } : element,
    ),
  }))
  assert.deepEqual(
    checkStructure({ ...model, processes }).map(({ code }) => code),
    ['flow.defaultUnknown'],
  )
})
