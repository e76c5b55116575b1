import { parseXml } from '../../formats/index.ts'
import { Body, Exchange } from '../../message/index.ts'
import type { Environment } from '../environment.ts'

/** A message for the tests of this folder, with a value of every kind. */
export const sampleExchange = (): Exchange =>
  new Exchange({
    body: Body.ofText('Hello, World'),
    headers: [
      ['Content-Type', 'application/xml'],
      ['x-csrf-token', 'abc'],
      ['set-cookie', ['a=1; Path=/', 'b=2']],
      ['Single', 'one, two'],
      ['a.b', 'dotted'],
      ['CamelHttpResponseCode', 200],
      ['CamelFileName', 'in/box/orders.2025.tar.gz'],
      ['When', 1_735_689_600_000],
      ['Empty', ''],
    ],
    properties: [
      ['p', 'value'],
      ['name', 'p'],
      ['a1', 'first'],
      ['a.b', 'whole'],
      ['a.b.c', ' padded '],
      [
        'a',
        new Map([
          ['b', 'from map'],
          ['k', 'kept'],
        ]),
      ],
      ['<odd> name', 'odd'],
      ['$filter', "startswith(x,'y')"],
      ['f(x)', 'called'],
      ['list', ['x', 'y', 3]],
      [
        'map',
        new Map<string, unknown>([
          ['one', 1],
          ['two', null],
        ]),
      ],
      ['nodes', [...parseXml('<r><a>1</a><a>2</a></r>').documentElement!.childNodes]],
      ['bytes', Buffer.from('raw')],
      ['date', new Date(1_735_689_600_000)],
      ['number', 5],
      ['text5', '5'],
      ['flag', true],
      ['padded', ' 12 '],
      ['nothing', null],
      ['long', '9007199254740993'],
    ],
  })

/** What the flow is called and the time at which the tests run. */
export const sampleEnvironment: Environment = {
  messageId: 'MSG-1',
  flow: { id: 'My_Flow', namespaces: new Map() },
  clock: { now: () => Date.UTC(2025, 10, 21, 15, 4, 5, 67), monotonic: () => 0 },
  exception: { message: 'it broke', stack: 'it broke\n\tat step' },
}
