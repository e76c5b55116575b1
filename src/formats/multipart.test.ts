import assert from 'node:assert/strict'
import { test } from 'node:test'

import { mimeParameter, parseMimeHeader } from './mime-header.ts'
import { attachmentDisposition, headerOf, partName, readMultipart, writeMultipart } from './multipart.ts'

const lines = (...given: string[]) => Buffer.from(given.join('\r\n'), 'latin1')

test('a structured header gives its value and its parameters', () => {
  const cases: readonly [text: string, value: string, parameters: Record<string, string>][] = [
    ['Multipart/Mixed; Boundary=a1', 'multipart/mixed', { boundary: 'a1' }],
    ['text/plain', 'text/plain', {}],
    ['a/b; boundary="x; \\"y"; charset=utf-8', 'a/b', { boundary: 'x; "y', charset: 'utf-8' }],
    ["form-data; filename=plain; filename*=UTF-8''gr%C3%BCn", 'form-data', { filename: 'grün' }],
    ["form-data; filename*=no-such'en'a; filename=b", 'form-data', { filename: "no-such'en'a" }],
  ]
  for (const [text, value, parameters] of cases) {
    const read = parseMimeHeader(text)
    assert.deepEqual([read.value, Object.fromEntries(read.parameters)], [value, parameters], text)
  }
})

test('a parameter that is written is read again', () => {
  for (const value of ['a b.txt', 'a"b\\c', 'grün (1).xml', "o'k.txt", '€']) {
    assert.equal(parseMimeHeader(`x${mimeParameter('filename', value)}`).parameters.get('filename'), value)
  }
})

test('parts are what stands between the boundaries, decoded', () => {
  const parts = readMultipart(
    lines(
      'preamble',
      '--b  ',
      'Content-Type: text/plain;',
      '\tcharset=utf-8',
      '',
      'one',
      'two--b',
      '--bb is no boundary',
      '--b',
      '',
      'no headers',
      '--b',
      'content-transfer-encoding: BASE64',
      '',
      '/wA=',
      '',
      '--b',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'a=3Db=  ',
      'c =FC',
      '--b--',
      'epilogue',
      '--b',
    ),
    'b',
  )
  assert.deepEqual(
    parts.map(({ content }) => content.toString('latin1')),
    ['one\r\ntwo--b\r\n--bb is no boundary', 'no headers', '\xff\0', 'a=bc \xfc'],
  )
  assert.equal(headerOf(parts[0]!, 'CONTENT-TYPE'), 'text/plain; charset=utf-8')
})

test('line feeds alone end lines too, and a part may be empty', () => {
  const parts = readMultipart(Buffer.from('--b\nA: 1\n\nx\n--b\n\n\n--b--'), 'b')
  assert.deepEqual(
    parts.map(({ content }) => String(content)),
    ['x', ''],
  )
})

test('what is incomplete or no multipart is refused', () => {
  const cases: readonly [given: string, why: RegExp][] = [
    ['nothing here', /no boundary/],
    ['--b\r\n\r\ncut off', /last boundary/],
    ['--b\r\nno header\r\n\r\nx\r\n--b--', /no header/],
    ['--b\r\nContent-Transfer-Encoding: uuencode\r\n\r\nx\r\n--b--', /not known/],
    [`--b\r\nA: ${'x'.repeat(70_000)}\r\n\r\nx\r\n--b--`, /longer than/],
  ]
  for (const [given, message] of cases)
    assert.throws(() => readMultipart(Buffer.from(given), 'b'), { code: 'formats.multipartMalformed', message })
  assert.throws(() => readMultipart(Buffer.from(`${'--b\r\n\r\n\r\n'.repeat(1_002)}--b--`), 'b'), {
    code: 'formats.tooManyParts',
  })
})

test('what is written is read again', () => {
  const parts = ['plain\r\ntext', 'line\nfeed', 'grün', '', 'x'.repeat(2_000)].map((text, index) => ({
    headers: [['Content-Disposition', attachmentDisposition(`ü${index}.txt`)]] as const,
    content: Buffer.from(text),
  }))
  const read = readMultipart(writeMultipart(parts, '=_b'), '=_b')
  assert.deepEqual(
    read.map((part) => [partName(part), part.content]),
    parts.map(({ content }, index) => [`ü${index}.txt`, content]),
  )
})

test('a part goes by its file name, else by its content id', () => {
  const named = (...headers: [string, string][]) => partName({ headers, content: Buffer.alloc(0) })
  assert.equal(named(['Content-Disposition', 'form-data; name="field"; filename="a.xml"']), 'a.xml')
  assert.equal(named(['Content-Type', 'text/xml; name=b.xml']), 'b.xml')
  assert.equal(named(['Content-ID', '<c@x>']), 'c@x')
  assert.equal(named(['Content-Disposition', 'form-data; name="field"']), undefined)
})
