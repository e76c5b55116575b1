import {
  dateTime,
  complex,
  flag,
  int64,
  type EntitySet,
  type Row,
  text,
  negotiateFormat,
  createODataService,
} from '../../src/odata/index.ts'

/** Address of the shop's service. */
export const base = 'https://host/api'
/** When everything in the shop happens. */
export const at = Date.UTC(2026, 0, 31)

/** What a request says beside its path. */
export interface Ask {
  readonly method?: string
  readonly query?: string
  readonly accept?: string
  readonly body?: unknown
  readonly contentType?: string
  readonly override?: string
}

/** A small shop: orders in a list of their own, lines below them, and a log that is queried page by page. */
export function shop() {
  const orders: Row[] = [
    { Id: 'a b', Title: 'First <1>', At: at, Paid: true, Customer: { Name: 'Ann' } },
    { Id: 'c', Title: 'Second', At: null, Paid: false, Customer: { Name: 'Bob' } },
  ]
  const lines: Row[] = [
    { OrderId: 'a b', No: 1n, Text: 'pen' },
    { OrderId: 'a b', No: 2n, Text: 'ink' },
  ]
  const asked: string[] = []
  const orderSet: EntitySet<readonly string[]> = {
    name: 'Orders',
    list: { requires: ['read'], run: async () => orders },
    create: {
      requires: ['write'],
      status: 201,
      run: async (body) => {
        orders.push({ At: null, Paid: null, Customer: null, ...body })
        return orders.at(-1)
      },
    },
    update: {
      requires: ['write'],
      status: 202,
      run: async (key, body) => {
        asked.push(`update ${JSON.stringify([key.Id, body])}`)
      },
    },
    media: {
      requires: ['read'],
      run: async ({ Id }) => ({
        content: Id === 'c' ? '' : 'PDF',
        contentType: 'application/pdf',
        fileName: 'Bön.pdf',
      }),
    },
    type: {
      name: 'Order',
      key: ['Id'],
      properties: {
        Id: text(10),
        Title: text(),
        At: dateTime,
        Paid: flag,
        Customer: complex('Customer', { Name: text() }),
      },
      media: 'application/pdf',
      navigations: {
        Lines: {
          to: 'Lines',
          many: true,
          of: ({ Id }) => ({
            list: { requires: ['read'], run: async () => lines.filter(({ OrderId }) => OrderId === Id) },
            update: {
              requires: ['write'],
              status: 200,
              run: async (key) => {
                asked.push(`line ${Number(key.No)} of ${JSON.stringify(Id)}`)
              },
            },
          }),
        },
        FirstLine: {
          to: 'Lines',
          many: false,
          of: ({ Id }) => ({
            find: { requires: ['read'], run: async () => lines.find(({ OrderId }) => OrderId === Id) },
          }),
        },
      },
    },
  }
  const lineSet: EntitySet<readonly string[]> = {
    name: 'Lines',
    type: { name: 'Line', key: ['OrderId', 'No'], properties: { OrderId: text(), No: int64, Text: text() } },
    find: {
      requires: ['read'],
      run: async ({ OrderId, No }) => lines.find((line) => line.OrderId === OrderId && line.No === No),
    },
  }
  const events = Array.from({ length: 25 }, (_, index): Row => ({ Id: `e${String(index).padStart(2, '0')}` }))
  const eventSet: EntitySet<readonly string[]> = {
    name: 'Events',
    type: { name: 'Event', key: ['Id'], properties: { Id: text() } },
    query: {
      requires: [],
      pageSize: 10,
      run: async ({ skip, top }) => events.slice(skip, skip + top),
      count: async () => events.length,
    },
  }
  const service = createODataService<readonly string[]>({
    namespace: 'shop',
    sets: [orderSet, lineSet, eventSet],
    functions: [
      {
        name: 'Ship',
        method: 'POST',
        status: 202,
        requires: ['write'],
        parameters: ['Id', 'By?'],
        run: async ({ Id, By }) => ({ text: `${Id} by ${By ?? 'post'}` }),
      },
      {
        name: 'Pack',
        method: 'POST',
        status: 200,
        requires: ['write'],
        parameters: ['Id'],
        run: async ({ Id }, _, { content, contentType }) => ({
          document: {
            content: Buffer.concat([Buffer.from(`${Id} ${contentType} `), content]),
            contentType: 'application/zip',
            fileName: 'parcel.zip',
          },
        }),
      },
    ],
    authorize: (requires, roles) => {
      if (requires.length > 0 && !requires.some((role) => roles.includes(role)))
        throw new Error(`needs ${requires.join()}`)
    },
    now: () => at,
  })
  const ask = (
    path: string,
    { method = 'GET', query = '', accept = 'application/json', body, contentType, override }: Ask = {},
    roles = ['read', 'write'],
  ) =>
    service(
      {
        method,
        path,
        query,
        format: negotiateFormat({ format: undefined, accept, contentType }),
        contentType,
        methodOverride: override,
        body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
        baseUrl: base,
      },
      roles,
    )
  const results = async (path: string, query = '') => JSON.parse(String((await ask(path, { query })).body)).d
  return { ask, results, asked, orders }
}
