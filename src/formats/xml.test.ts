import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { escapeXml, parseXml, serializeXml, unescapeXml } from './xml.ts'

const malformed: readonly (readonly [text: string, line: number, column: number])[] = [
  ['<a>\n<b>\n</a>', 3, 1],
  ['<a b=1/>', 1, 6],
  ['<a>\n&x;</a>', 2, 1],
  ['<a/>\n<b/>', 2, 2],
  ['', 1, 1],
]
for (const [text, line, column] of malformed) {
  test(`refused with its place: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseXml(text), { code: 'formats.xmlMalformed', place: { line, column } })
  })
}

test('bytes are decoded by byte order mark, by declaration, else as UTF-8', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<a>ä</a>', 'utf16le')])
  const latin1 = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>', 'latin1')
  for (const bytes of [utf16, latin1, Buffer.from('<a>ä</a>'), Buffer.from('\ufeff<a>ä</a>')]) {
    assert.equal(parseXml(bytes).documentElement?.textContent, 'ä')
  }
})

test('refused: external entities and those that grow', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY x0 "${'x'.repeat(1000)}">${[1, 2, 3, 4]
    .map((n) => `<!ENTITY x${n} "${`&x${n - 1};`.repeat(20)}">`)
    .join('')}]><a>&x4;</a>`
  for (const text of [bomb, '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>']) {
    assert.throws(() => parseXml(text), { code: 'formats.xmlEntities' })
  }
})

test('what is serialized is read again, carriage returns included', () => {
  const text = '<!--c--><a x="1&#10;2&#13;">&#13;x\ny<![CDATA[<q>]]> &amp; &lt;<b/></a>'
  const again = parseXml(serializeXml(parseXml(text)))
  assert.equal(again.documentElement?.textContent, '\rx\ny<q> & <')
  assert.equal(again.documentElement?.getAttribute('x'), '1\n2\r')
})

test('escaped and unescaped, every text is the same', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(unescapeXml(escapeXml(text)), text)))
})

test('unescaping happens once, and only of what is defined', () => {
  const cases = [
    ['&lt;a&gt;&quot;&apos;&amp;lt;', `<a>"'&lt;`],
    ['&#65;&#x42;&#128512;', 'AB😀'],
    ['a & b &unknown; &#0; &#1114112;', 'a & b &unknown; &#0; &#1114112;'],
  ] as const
  for (const [text, expected] of cases) assert.equal(unescapeXml(text), expected)
})
