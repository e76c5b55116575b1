import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { compileCondition } from './condition.ts'
import { sampleEnvironment as env, sampleExchange } from './sample.ts'

const holding: readonly (readonly [source: string, holds: boolean])[] = [
  ["${property.p} = 'value'", true],
  ["${property.p} == 'value'", true],
  ["${property.p}='value'", true],
  ['  ${property.p}  =  "value"  ', true],
  ["${property.p} = 'VALUE'", false],
  ["${property.p} =~ 'VALUE'", true],
  ["${property.p} !=~ 'VALUE'", false],
  ["${property.p} != 'value'", false],
  ['${property.p} = ‘value’', true],
  ['${property.p} = “value”', true],
  ["'${property.p}' = 'value'", true],
  ["'x-${property.p}' = 'x-value'", true],
  ["${property.missing} = ''", false],
  ["${property.missing} != ''", true],
  ['${property.missing} = null', true],
  ['${property.missing} != null', false],
  ['${header.empty} = null', false],
  ["${header.empty} = ''", true],
  ['${header.empty} = ""', true],
  ["${property.p} = ''", false],
  ['${property.p} = null', false],
  ["${property.number} = '5'", true],
  ['${property.number} = 5', true],
  ['${property.text5} = 5', true],
  ["${property.number} = '5.0'", false],
  ["${header.CamelHttpResponseCode} = '200'", true],
  ['${header.CamelHttpResponseCode} = 200', true],
  ['${property.flag} = true', true],
  ["${property.flag} = 'true'", true],
  ["${property.flag} = 'TRUE'", true],
  ['${property.flag} = false', false],
  ["${property.a${property.none}1} = 'first'", true],
  ['${property.number} > 4', true],
  ['${property.number} > 5', false],
  ['${property.number} >= 5', true],
  ['${property.text5} < 10', true],
  ["${property.text5} < '10'", true],
  ["'202401' <= '202412'", true],
  ["'b' > 'a'", true],
  ["'10.5' > '9.75'", true],
  ['${property.number} < 5.5', true],
  ['${property.number} > -1', true],
  ["'2025-01-02' > '2025-01-01'", true],
  ["${property.long} > '9007199254740992'", true],
  ["${property.long} = '9007199254740992'", false],
  ['${property.missing} > 1', false],
  ['${property.missing} < 1', false],
  ['${property.missing} >= null', true],
  ["${body} contains 'World'", true],
  ["${body} contains 'world'", false],
  ["${body} ~~ 'world'", true],
  ["${body} not contains 'World'", false],
  ["${body} !contains 'x'", true],
  ["${property.list} contains 'y'", true],
  ['${property.list} contains 3', true],
  ["${property.list} contains 'z'", false],
  ["${property.missing} contains 'x'", false],
  ["${property.p} in 'other,value'", true],
  ["${property.p} in 'other, value'", false],
  ["${property.p} not in 'a,b'", true],
  ["${property.p} not  in 'a,value'", false],
  ["${property.number} in '4,5'", true],
  ["'one' in ${property.map.keySet()}", true],
  ["'three' in ${property.map.keySet()}", false],
  ["${property.missing} in 'a,b'", false],
  ["${property.p} regex 'val'", false],
  ["${property.p} regex 'val.*'", true],
  ["${property.p} regex '(?i)(VALUE|x)'", true],
  ["${property.p} not regex 'v.*'", false],
  ["${property.p} regex '\\w+'", true],
  ["${property.missing} regex '.*'", false],
  ["'abc' regex '${property.missing}abc'", true],
  ["${property.p} is 'java.lang.String'", true],
  ["${property.number} is 'Integer'", true],
  ["${property.number} not is 'String'", true],
  ["${property.nodes} is 'org.w3c.dom.NodeList'", true],
  ["${property.number} range '1..5'", true],
  ["${property.number} range '6..9'", false],
  ["${property.number} not range '6..9'", true],
  ["${property.missing} range '0..9'", false],
  ["${property.p} starts with 'val'", true],
  ["${property.p} startsWith 'x'", false],
  ["${property.p} ends with 'lue'", true],
  ['${property.flag}', true],
  ['${property.missing}', false],
  ['${property.list}', true],
  ['true', true],
  ['false', false],
  ["${property.p} = 'value' and ${property.number} = 5", true],
  ["${property.p} = 'value' && ${property.number} = 6", false],
  ["${property.p} = 'x' || ${property.number} = 5", true],
  ["${property.p} = 'x'\nor\n${property.number} = 5", true],
  // From left to right: (true or true) and false, where precedence would make it true.
  ['true or true and false', false],
  // (false and false) or true
  ['false and false or true', true],
  ["${property.missing} = null or ${property.missing} = ''", true],
  ["'and or' = 'and or' and 'null' != null", true],
  ['${header.missing.trim().length()} > 0', false],
  ['${property.padded.trim().length()} > 0', true],
]

for (const [source, holds] of holding)
  test(`${JSON.stringify(source)} is ${holds}`, () => {
    assert.equal(compileCondition(source).test(sampleExchange(), env), holds)
  })

const refused: readonly (readonly [source: string, code: string, words: RegExp])[] = [
  ['', 'languages.simpleMalformed', /character 1: a function/],
  ["${property.x} = 'a", 'languages.simpleMalformed', /character 17: a quote is not closed/],
  ['${property.x} = abc', 'languages.simpleMalformed', /character 17: a function, a text in quotes/],
  ["${property.x} 'a'", 'languages.simpleMalformed', /character 15: an operator/],
  ["${property.x} like 'a'", 'languages.simpleMalformed', /operator/],
  ['${property.x} =', 'languages.simpleMalformed', /character 16/],
  ["${property.x} = 'a' ${property.y} = 'b'", 'languages.simpleMalformed', /'and' or 'or'/],
  ["${property.x} = 'a' and", 'languages.simpleMalformed', /character 24/],
  ["(${property.x} = 'a')", 'languages.simpleMalformed', /character 1/],
  ["${property.x} regex '('", 'languages.regexMalformed', /missing/],
  ["${property.x} regex '(?=a)b'", 'languages.regexMalformed', /./],
  ["${property.x} is 'java.io.File'", 'languages.simpleMalformed', /java\.io\.File/],
  ["${property.x} range 'a..b'", 'languages.simpleMalformed', /range/],
  ["${nonsense} = 'a'", 'languages.simpleFunctionUnknown', /nonsense/],
  ['${property.x = 5', 'languages.simpleMalformed', /not closed/],
]

for (const [source, code, message] of refused)
  test(`${JSON.stringify(source)} is refused`, () => {
    assert.throws(() => compileCondition(source), { code, message })
  })

test('a pattern that comes with the message is compiled anew when it changes, and refused when it is none', () => {
  const condition = compileCondition("'abc' regex ${property.pattern}")
  const matches = (pattern: string) => condition.test(new Exchange({ properties: [['pattern', pattern]] }), env)
  assert.deepEqual(['a.c', 'x', 'a.c'].map(matches), [true, false, true])
  assert.throws(() => matches('('), { code: 'languages.regexMalformed' })
})

for (const source of ["${body} regex '(a+)+b'", '${body} > 5', "${body} in 'a,b'", '${body} = 5'])
  test(`${source} is answered soon on a hostile body`, () => {
    const body = Body.ofText(source.includes('regex') ? `${'a'.repeat(200_000)}!` : `${'1'.repeat(200_000)}x`)
    const start = performance.now()
    compileCondition(source).test(new Exchange({ body }), env)
    assert.ok(performance.now() - start < 2000)
  })
