import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { type Ask, at, base, shop } from '../../test/kit/shop.ts'
import { parseXml } from '../formats/xml.ts'
import { negotiateFormat } from './payload/format.ts'

const first = {
  __metadata: {
    id: `${base}/Orders('a%20b')`,
    uri: `${base}/Orders('a%20b')`,
    type: 'shop.Order',
    content_type: 'application/pdf',
    media_src: `${base}/Orders('a%20b')/$value`,
    edit_media: `${base}/Orders('a%20b')/$value`,
  },
  Id: 'a b',
  Title: 'First <1>',
  At: `/Date(${at})/`,
  Paid: true,
  Customer: { __metadata: { type: 'shop.Customer' }, Name: 'Ann' },
  Lines: { __deferred: { uri: `${base}/Orders('a%20b')/Lines` } },
  FirstLine: { __deferred: { uri: `${base}/Orders('a%20b')/FirstLine` } },
}

describe('reading as JSON', () => {
  test('an entity', async () => {
    for (const path of ["/Orders('a%20b')", "/Orders('a+b')", "/Orders(Id='a%20b')"]) {
      assert.deepEqual(await shop().results(path), first)
    }
  })
  test('lists: selection, order, count, top and skip', async () => {
    const { results } = shop()
    const ids = async (query: string) => (await results('/Orders', query)).results.map(({ Id }: { Id: string }) => Id)
    assert.deepEqual(await ids(''), ['a b', 'c'])
    assert.deepEqual(await ids('$orderby=Title%20desc'), ['c', 'a b'])
    assert.deepEqual(await ids('$orderby=Paid,Title+desc&$top=1'), ['c'])
    assert.deepEqual(await ids('$skip=1'), ['c'])
    assert.deepEqual(await ids("$filter=Customer/Name+eq+'Bob'"), ['c'])
    assert.equal((await results('/Orders', '$filter=Paid eq true&$inlinecount=allpages&$top=0')).__count, '1')
    assert.deepEqual(Object.keys((await results('/Orders', '$select=Id,Lines')).results[0]), [
      '__metadata',
      'Id',
      'Lines',
    ])
  })
  test('expansion to many and to one, Int64 as text', async () => {
    const order = await shop().results("/Orders('a%20b')", '$expand=Lines,FirstLine')
    assert.deepEqual(
      order.Lines.results.map(({ No }: { No: string }) => No),
      ['1', '2'],
    )
    assert.equal(order.FirstLine.Text, 'pen')
    assert.equal(order.FirstLine.__metadata.uri, `${base}/Lines(OrderId='a%20b',No=1L)`)
    assert.equal((await shop().results("/Orders('c')", '$expand=FirstLine')).FirstLine, null)
  })
  test('navigations, properties, counts and content', async () => {
    const { ask, results } = shop()
    assert.equal((await results("/Orders('a b')/Lines")).results.length, 2)
    assert.equal((await results("/Orders('a b')/FirstLine")).Text, 'pen')
    assert.equal((await results("/Lines(OrderId='a b',No=2L)")).Text, 'ink')
    assert.deepEqual(await results("/Orders('c')/Title"), { Title: 'Second' })
    assert.equal((await ask("/Orders('c')/Title/$value")).body, 'Second')
    assert.equal((await ask('/Orders/$count', { query: '$filter=Paid eq false' })).body, '1')
    const media = await ask("/Orders('a b')/$value")
    assert.deepEqual(media, {
      status: 200,
      headers: {
        'content-type': 'application/pdf',
        'content-disposition': `attachment; filename="B_n.pdf"; filename*=UTF-8''B%C3%B6n.pdf`,
      },
      body: 'PDF',
    })
    assert.equal((await ask("/Orders('c')/$value")).status, 204)
  })
  test('pages are followed to the end by __next, and $top counts over all of them', async () => {
    const { results } = shop()
    const walk = async (query: string) => {
      const pages: number[] = []
      for (let next: string | undefined = `x?${query}`; next !== undefined; ) {
        const page = await results('/Events', next.slice(next.indexOf('?') + 1))
        pages.push(page.results.length)
        next = page.__next
      }
      return pages
    }
    assert.deepEqual(await walk(''), [10, 10, 5])
    assert.deepEqual(await walk('$top=12'), [10, 2])
    assert.deepEqual(await walk('$top=10'), [10])
    assert.deepEqual(await walk('$skip=20'), [5])
    assert.deepEqual(await walk('$skip=3&$top=20&$inlinecount=allpages'), [10, 10])
    assert.equal((await results('/Events', '$skiptoken=20')).results[0].Id, 'e20')
  })
})

test('Atom feeds hold entries with their properties', async () => {
  const { ask } = shop()
  const answer = await ask('/Orders', { accept: '', query: '$expand=Lines&$inlinecount=allpages' })
  assert.equal(answer.headers['content-type'], 'application/atom+xml;type=feed;charset=utf-8')
  const document = parseXml(String(answer.body))
  const names = (local: string) => document.getElementsByTagNameNS('*', local)
  assert.equal(document.documentElement?.localName, 'feed')
  assert.equal(names('Title')[0]?.textContent, 'First <1>')
  assert.equal(names('At')[0]?.textContent, '2026-01-31T00:00:00.000')
  assert.equal(names('At')[1]?.getAttribute('m:null'), 'true')
  assert.equal(names('Name')[0]?.textContent, 'Ann')
  assert.equal(names('inline')[0]?.getElementsByTagNameNS('*', 'entry').length, 2)
  assert.equal(names('count')[0]?.textContent, '2')
  const entry = await ask("/Orders('c')", { accept: 'application/atom+xml' })
  assert.match(String(entry.body), /^<\?xml version='1.0' encoding='utf-8'\?><entry /)
})

test('the metadata document is well-formed, and all that it refers to is there', async () => {
  const { status, headers, body } = await shop().ask('/$metadata')
  assert.deepEqual([status, headers['content-type']], [200, 'application/xml;charset=utf-8'])
  const document = parseXml(String(body))
  const all = (name: string) => [...document.getElementsByTagNameNS('*', name)]
  const declared = new Set(
    ['EntityType', 'ComplexType', 'Association'].flatMap((name) =>
      all(name).map((node) => `shop.${node.getAttribute('Name')}`),
    ),
  )
  for (const node of [
    ...all('EntitySet'),
    ...all('AssociationSet'),
    ...all('NavigationProperty'),
    ...all('Property'),
    ...all('End'),
  ]) {
    for (const attribute of ['EntityType', 'Association', 'Relationship', 'Type']) {
      const value = node.getAttribute(attribute)
      if (value !== null && !value.startsWith('Edm.')) assert.ok(declared.has(value), `${value} is not declared`)
    }
  }
  const roles = all('NavigationProperty').map((node) => [node.getAttribute('FromRole'), node.getAttribute('ToRole')])
  assert.deepEqual(roles, [
    ['OrderSource', 'LineTarget'],
    ['OrderSource', 'LineTarget'],
  ])
  assert.equal(all('EntityType')[0]?.getAttribute('m:HasStream'), 'true')
  assert.match(String(body), /<Property Name="Id" Type="Edm.String" Nullable="false" MaxLength="10"\/>/)
  assert.match(
    String(body),
    /<FunctionImport Name="Ship" m:HttpMethod="POST"><Parameter Name="Id" Type="Edm.String" Mode="In" Nullable="false"\/>/,
  )
})

test('the service document lists the sets', async () => {
  const { ask, results } = shop()
  assert.deepEqual(await results('/'), { EntitySets: ['Orders', 'Lines', 'Events'] })
  assert.match(String((await ask('', { accept: '*/*' })).body), /<collection href="Orders">/)
})

describe('writing', () => {
  test('creates with and without the wrapper d', async () => {
    const { ask, orders } = shop()
    for (const body of [{ Id: 'x', Title: 'T', Lines: [] }, { d: { Id: 'y', Title: 'T', At: null } }]) {
      const answer = await ask('/Orders', { method: 'POST', body, contentType: 'application/json', accept: '' })
      assert.equal(answer.status, 201)
      assert.match(String(answer.headers.location), /Orders\('[xy]'\)$/)
      assert.equal(JSON.parse(String(answer.body)).d.Title, 'T')
    }
    assert.equal(orders.length, 4)
  })
  test('updates, also through $links', async () => {
    const { ask, asked } = shop()
    assert.equal((await ask("/Orders('c')", { method: 'PUT', body: { Paid: true } })).status, 202)
    assert.equal(
      (await ask("/Orders('c')/$links/Lines(OrderId='c',No=1)", { method: 'PUT', body: { Text: 'x' } })).status,
      200,
    )
    assert.deepEqual(asked, ['update ["c",{"Paid":true}]', 'line 1 of "c"'])
  })
  test('calls functions with quoted parameters', async () => {
    const { ask } = shop()
    const answer = await ask('/Ship', { method: 'POST', query: "Id='it''s'&By='air'" })
    assert.deepEqual([answer.status, answer.body], [202, "it's by air"])
  })
  test('hands a function the body as it came, and its document back', async () => {
    const { ask } = shop()
    const given = { method: 'POST', query: "Id='a'", body: { Big: true }, contentType: 'text/x' }
    const { status, headers, body } = await ask('/Pack', given)
    assert.equal(status, 200)
    assert.deepEqual(headers, {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="parcel.zip"',
    })
    assert.equal(String(body), 'a text/x {"Big":true}')
  })
  test('reports all problems of a body at once', async () => {
    const body = { Id: 'longer than ten', Paid: 'yes', Colour: 'red', At: 'today' }
    await assert.rejects(shop().ask('/Orders', { method: 'POST', body }), {
      code: 'odata.bodyInvalid',
      message:
        "The body is not valid: 'Id' is longer than 10 characters; 'Paid' must be true or false; Order has no property 'Colour'; 'At' must be a time such as /Date(1767225600000)/.",
    })
  })
})

const refusals: readonly (readonly [what: string, path: string, ask: Ask, expected: object])[] = [
  [
    'an entity that is missing',
    "/Orders('z')",
    {},
    { code: 'odata.entityMissing', message: /Requested entity could not be found/ },
  ],
  ['a set that is unknown', '/Cars', {}, { code: 'odata.segmentUnknown' }],
  ['a set named like a member of every object', '/constructor', {}, { code: 'odata.segmentUnknown' }],
  ['a navigation that is unknown', "/Orders('c')/Cars", {}, { code: 'odata.segmentUnknown' }],
  ['a navigation of a missing entity', "/Orders('z')/Lines", {}, { code: 'odata.entityMissing' }],
  ['a navigation of a list', '/Orders/Lines', {}, { code: 'odata.segmentUnknown' }],
  ['a key of the wrong type', '/Orders(1)', {}, { code: 'odata.keyMismatch' }],
  ['a key that is incomplete', "/Lines('x')", {}, { code: 'odata.keyMismatch', message: /\(OrderId='…',No=1\)/ }],
  ['an unknown option', '/Orders', { query: '$search=x' }, { code: 'odata.optionUnsupported' }],
  ['an option given twice', '/Orders', { query: '$top=1&$top=2' }, { code: 'odata.optionInvalid' }],
  ['a negative top', '/Orders', { query: '$top=-1' }, { code: 'odata.optionInvalid' }],
  ['an unknown property selected', '/Orders', { query: '$select=Colour' }, { code: 'odata.propertyUnknown' }],
  ['an unknown property ordered by', '/Orders', { query: '$orderby=Colour' }, { code: 'odata.propertyUnknown' }],
  ['an unknown navigation expanded', '/Orders', { query: '$expand=Cars' }, { code: 'odata.optionInvalid' }],
  ['a list that is none', '/Lines', {}, { code: 'odata.methodNotAllowed' }],
  [
    'a method the set lacks',
    "/Orders('c')",
    { method: 'DELETE' },
    { code: 'odata.methodNotAllowed', remedy: 'Allowed here: GET, PUT.' },
  ],
  ['PATCH', "/Orders('c')", { method: 'PATCH', body: {} }, { code: 'odata.patchUnsupported' }],
  ['MERGE', "/Orders('c')", { method: 'MERGE', body: {} }, { code: 'odata.methodNotAllowed' }],
  [
    'a method in a header',
    "/Orders('c')",
    { method: 'POST', override: 'MERGE' },
    { code: 'odata.methodNotAllowed', message: /^MERGE/ },
  ],
  ['a batch', '/$batch', { method: 'POST' }, { code: 'odata.batchUnsupported' }],
  ['a body that is no JSON', '/Orders', { method: 'POST' }, { code: 'odata.bodyInvalid' }],
  ['a body that is a list', '/Orders', { method: 'POST', body: [] }, { code: 'odata.bodyInvalid' }],
  [
    'a body in XML',
    '/Orders',
    { method: 'POST', contentType: 'application/atom+xml' },
    { code: 'odata.mediaTypeUnsupported' },
  ],
  ['a function called with GET', '/Ship', { query: "Id='x'" }, { code: 'odata.methodNotAllowed' }],
  [
    'a function without its parameter',
    '/Ship',
    { method: 'POST', query: "Ide='x'" },
    { code: 'odata.parameterInvalid', message: /Id is missing; Ide is not a parameter/ },
  ],
  [
    'a parameter with a loose quote',
    '/Ship',
    { method: 'POST', query: "Id='x'y'" },
    { code: 'odata.parameterInvalid' },
  ],
]
for (const [what, path, ask, expected] of refusals) {
  test(`${what} is refused`, () => assert.rejects(shop().ask(path, ask), expected))
}

test('each way to an entity asks for permission, also on the way to another', async () => {
  const { ask } = shop()
  const asks: readonly (readonly [string, Ask])[] = [
    ['/Orders', {}],
    ['/Orders/$count', {}],
    ["/Orders('c')", {}],
    ["/Orders('c')/$value", {}],
    ["/Orders('c')/Title", {}],
    ["/Orders('c')/Lines", {}],
    ["/Orders('c')/$links/Lines(OrderId='c',No=1)", { method: 'PUT', body: {} }],
    ["/Lines(OrderId='a b',No=1)", {}],
  ]
  for (const [path, given] of asks) await assert.rejects(ask(path, given, []), /needs read/, path)
  await assert.rejects(ask('/Orders', { method: 'POST', body: {} }, ['read']), /needs write/)
  await assert.rejects(ask("/Orders('c')", { method: 'PUT', body: {} }, ['read']), /needs write/)
  await assert.rejects(ask('/Ship', { method: 'POST', query: "Id='x'" }, ['read']), /needs write/)
  assert.equal((await ask('/Events', {}, [])).status, 200)
})

const formats: readonly (readonly [
  format: string | undefined,
  accept: string | undefined,
  contentType: string | undefined,
  expected: string,
])[] = [
  [undefined, undefined, undefined, 'atom'],
  [undefined, '*/*', undefined, 'atom'],
  [undefined, 'application/json', undefined, 'json'],
  [undefined, 'application/json;odata=verbose', undefined, 'json'],
  [undefined, 'application/json, text/plain, */*', undefined, 'json'],
  [undefined, 'application/atom+xml,application/json', undefined, 'atom'],
  [undefined, 'application/json;q=0, application/xml', undefined, 'atom'],
  [undefined, 'text/html,*/*', undefined, 'atom'],
  [undefined, undefined, 'application/json', 'json'],
  ['json', 'application/xml', undefined, 'json'],
  ['xml', 'application/json', undefined, 'atom'],
  ['atom', undefined, undefined, 'atom'],
]
test('the form of an answer', () => {
  for (const [format, accept, contentType, expected] of formats) {
    assert.equal(negotiateFormat({ format, accept, contentType }), expected, `${format} ${accept} ${contentType}`)
  }
  assert.throws(() => negotiateFormat({ format: 'csv', accept: undefined, contentType: undefined }), {
    code: 'odata.optionUnsupported',
  })
})
