import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Body, Exchange } from '../../message/index.ts'
import { sampleEnvironment as env, sampleExchange } from './sample.ts'
import { compileTemplate } from './template.ts'

const texts: readonly (readonly [source: string, text: string])[] = [
  ['', ''],
  ['plain {text} $ and }', 'plain {text} $ and }'],
  ['{"a": "${property.p}"}', '{"a": "value"}'],
  ['line\n${property.p}\nline', 'line\nvalue\nline'],
  ['tab\\tnew\\nline\\}\\d', 'tab\tnew\nline}\\d'],
  ['$simple{property.p}!', 'value!'],
  ['${property.p}', 'value'],
  ['${exchangeProperty.p}', 'value'],
  ['${property[p]}', 'value'],
  ["${exchangeProperty['p']}", 'value'],
  ['${property.P}', ''],
  ['[${property.missing}]', '[]'],
  ['[${property.nothing}]', '[]'],
  ['${property.<odd> name}', 'odd'],
  ['${property.$filter}', "startswith(x,'y')"],
  ['${property.f(x)}', 'called'],
  ['${property.a.b}', 'whole'],
  ['${property.a.b.c}', ' padded '],
  ['${property.a.b.c.trim()}', 'padded'],
  ['${property.a.k}', 'kept'],
  ['${property.a.none}', ''],
  ['${property.a${property.number}}', ''],
  ['${property.a1}${property.number}', 'first5'],
  ['${property.${property.name}}', 'value'],
  ['${property.${property.${property.x}name}}', 'value'],
  ['${header.content-type}', 'application/xml'],
  ['${header.CONTENT-TYPE.toUpperCase()}', 'APPLICATION/XML'],
  ['${in.header.x-csrf-token}', 'abc'],
  ['${headers.x-csrf-token}', 'abc'],
  ['${in.headers.x-csrf-token}', 'abc'],
  ['${header[x-csrf-token]}', 'abc'],
  ["${headers['Content-Type']}", 'application/xml'],
  ['${header.a.b}', 'dotted'],
  ['${header.set-cookie[0]}', 'a=1; Path=/'],
  ['${header.set-cookie[1]}', 'b=2'],
  ['${header.set-cookie[last]}', 'b=2'],
  ['${header.set-cookie[last-1]}', 'a=1; Path=/'],
  ['${header.set-cookie[7]}', ''],
  ['${header.single[0]}', 'one, two'],
  ['${header.missing[0]}', ''],
  ['${header.missing.trim().length()}', ''],
  ['${header.missing?.trim()}', ''],
  ['${headerAs(CamelHttpResponseCode, String)}', '200'],
  ['${body}', 'Hello, World'],
  ['${in.body}', 'Hello, World'],
  ['${ body }', 'Hello, World'],
  ['${bodyAs(String)}', 'Hello, World'],
  ['${bodyAs(String).substring(0,5)}', 'Hello'],
  ['${mandatoryBodyAs(String).substring(7)}', 'World'],
  ['${in.body.length}', '12'],
  ['${body.length()}', '12'],
  ['${body.toUpperCase()}', 'HELLO, WORLD'],
  ['${null}', ''],
  ['${camelId}/${camelContext.name}/${routeId}', 'My_Flow/My_Flow/My_Flow'],
  ['${exchangeId} ${id} ${messageId}', 'MSG-1 MSG-1 MSG-1'],
  ['${exception.message}|${exception.getMessage()}', 'it broke|it broke'],
  ['${exception.message.length()}', '8'],
  ['${exception.stacktrace}', 'it broke\n\tat step'],
  ['${date:now:yyyy-MM-dd}', '2025-11-21'],
  ["${date:now:yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}", '2025-11-21T15:04:05.067Z'],
  ["${date:now:HH'%3A'mm}", '15%3A04'],
  ['${date:now-1d:yyyy-MM-dd}', '2025-11-20'],
  ['${date:now+2h30m:HH:mm}', '17:34'],
  ['${date:now-1d+12h-500:dd HH:mm:ss}', '21 03:04:04'],
  ['${date:now}', 'Fri Nov 21 15:04:05 UTC 2025'],
  ['${date:header.When:yyyy}', '2025'],
  ['${date:in.header.when+36h:yyyy-MM-dd}', '2025-01-02'],
  ['${date:property.date:yyyy-MM-dd}', '2025-01-01'],
  ['${date:exchangeProperty.date-1s:HH:mm:ss}', '23:59:59'],
  ['${date-with-timezone:now:UTC:HH:mm}', '15:04'],
  ['${date-with-timezone:now:Asia/Calcutta:HH:mm}', '20:34'],
  ['${date-with-timezone:now:Europe/Berlin:HH:mm z XXX}', '16:04 CET +01:00'],
  ['${file:name}', 'in/box/orders.2025.tar.gz'],
  ['${file:onlyname}', 'orders.2025.tar.gz'],
  ['${file:onlyname.noext}', 'orders'],
  ['${file:onlyname.noext.single}', 'orders.2025.tar'],
  ['${file:name.noext}', 'in/box/orders'],
  ['${file:ext}', '2025.tar.gz'],
  ['${file:name.ext.single}', 'gz'],
  ['${file:parent}', 'in/box'],
  ['${property.list.size()}', '3'],
  ['${property.list}', '[x, y, 3]'],
  ['${property.list.get(1)}', 'y'],
  ['${property.list.contains(3)}', 'true'],
  ['${property.map}', '{one=1, two=null}'],
  ['${property.map.keySet()}', '[one, two]'],
  ['${property.map.get(one)}', '1'],
  ["${property.map['one']}", '1'],
  ['${property.map.containsKey(none)}', 'false'],
  ['${property.nodes}', '<a>1</a><a>2</a>'],
  ['${property.nodes.getLength()}', '2'],
  ['${property.nodes.item(1).getTextContent()}', '2'],
  ['${property.bytes}', 'raw'],
  ['${property.date}', 'Wed Jan 01 00:00:00 UTC 2025'],
  ['${property.p.substring(1,3)}', 'al'],
  ["${property.p.replace('a', '$&')}", 'v$&lue'],
  ["${property.p.replaceAll('[aeiou]', '-')}", 'v-l--'],
  ["${header.single.split(', ').get(1)}", 'two'],
  ["${property.p.startsWith('val')}${property.p.endsWith('x')}", 'truefalse'],
  ["${property.p.indexOf('l')}", '2'],
  ["${property.p.equals('value')}", 'true'],
  ["${property.number.equals('5')}", 'false'],
  ['${header.empty.isEmpty()}', 'true'],
  ["${property.p.concat(' (', ')')}", 'value ('],
  ['${property.padded.trim().length()}', '2'],
  ['${property.number}++', '6'],
  ['${property.text5}-- left', '4 left'],
  ['${property.p}++x', 'value++x'],
]

for (const [source, text] of texts)
  test(`${JSON.stringify(source)} is ${JSON.stringify(text)}`, () => {
    assert.equal(compileTemplate(source).text(sampleExchange(), env), text)
  })

test('a single function keeps the type of its value', () => {
  const exchange = sampleExchange()
  for (const name of ['nodes', 'bytes', 'map', 'list', 'date', 'number', 'flag'])
    assert.equal(compileTemplate(`\${property.${name}}`).value(exchange, env), exchange.properties.get(name), name)
  assert.equal(compileTemplate('${null}').value(exchange, env), null)
  assert.equal(compileTemplate('${property.missing}').value(exchange, env), null)
  assert.equal(compileTemplate('${property.number} ').value(exchange, env), '5 ')
  assert.equal(compileTemplate('${headerAs(CamelHttpResponseCode, Integer)}').value(exchange, env), 200)
  assert.deepEqual(compileTemplate('${bodyAs(byte[])}').value(exchange, env), Buffer.from('Hello, World'))
})

test('a source without functions is constant, and the body alone is told apart', () => {
  const facts = (source: string) => [compileTemplate(source).constant, compileTemplate(source).isBody]
  assert.deepEqual(facts('a }'), [true, false])
  assert.deepEqual(facts('${in.body}'), [false, true])
  assert.deepEqual(facts('${body} '), [false, false])
})

test('without an exception its functions yield nothing', () => {
  assert.equal(compileTemplate('[${exception.message}]').text(new Exchange(), { ...env, exception: undefined }), '[]')
})

test('random stays below its bound', () => {
  const dice = compileTemplate('${random(1,3)}')
  for (let turn = 0; turn < 50; turn++) assert.match(dice.text(new Exchange(), env), /^[12]$/)
  assert.equal(compileTemplate('${random(1)}').value(new Exchange(), env), 0)
})

test('a large text of spaces does not keep trim busy', () => {
  const exchange = new Exchange({ body: Body.ofText(`${' '.repeat(500_000)}x`) })
  assert.equal(compileTemplate('${body.trim()}').text(exchange, env), 'x')
})

test('what a header puts into a function can name a property and nothing else', () => {
  const template = compileTemplate('${property.${header.x}}')
  const exchange = (x: string) => new Exchange({ headers: [['x', x]], properties: [['ok', 'yes']] })
  assert.equal(template.text(exchange('ok'), env), 'yes')
  assert.equal(template.text(exchange('ok.length()'), env), '3')
  assert.equal(template.text(exchange('${body}'), env), '')
  assert.equal(template.text(exchange('__proto__'), env), '')
})

const refused: readonly (readonly [source: string, code: string, words: RegExp])[] = [
  ['ab ${property.x', 'languages.simpleMalformed', /character 4: a function is not closed/],
  ['${property.${header.x}', 'languages.simpleMalformed', /not closed/],
  ['${unknown}', 'languages.simpleFunctionUnknown', /'unknown'/],
  ['a ${bean:x} b', 'languages.simpleFunctionUnknown', /'bean:x' at character 3/],
  ['${sysenv.HOME}', 'languages.simpleFunctionUnknown', /sysenv/],
  ['${sys.user.home}', 'languages.simpleFunctionUnknown', /sys/],
  ['${}', 'languages.simpleFunctionUnknown', /''/],
  ['${bodyx}', 'languages.simpleFunctionUnknown', /'bodyx'/],
  ['${file:size}', 'languages.simpleFunctionUnknown', /'file:size'/],
  ['${date:tomorrow:yyyy}', 'languages.simpleFunctionUnknown', /'date:tomorrow'/],
  ['${date:now-x:yyyy}', 'languages.simpleMalformed', /offset/],
  ['${date:now:yyyy-MM-ddThh}', 'languages.datePatternMalformed', /'T'/],
  ['${date-with-timezone:now:UTC}', 'languages.simpleMalformed', /needs a command/],
  ['${header.x.getClass()}', 'languages.simpleMethodUnknown', /getClass/],
  ['${body.exec()}', 'languages.simpleMethodUnknown', /exec/],
  ['${property.x.constructor()}', 'languages.simpleMethodUnknown', /constructor/],
  ['${body.trim(}', 'languages.simpleMalformed', /not closed/],
  ['${random(5,1)}', 'languages.simpleMalformed', /smaller first/],
  ['${bodyAs(String}', 'languages.simpleMalformed', /not closed/],
]

for (const [source, code, message] of refused)
  test(`${source} is refused`, () => {
    assert.throws(() => compileTemplate(source), { code, message })
  })

const failing: readonly (readonly [source: string, code: string])[] = [
  ['${property.p.substring(2,99)}', 'languages.simpleCallFailed'],
  ['${property.p.substring(-1)}', 'languages.simpleCallFailed'],
  ['${property.list.get(9)}', 'languages.simpleCallFailed'],
  ['${property.p.nosuch}', 'languages.simpleMethodUnknown'],
  ["${property.p.matches('(')}", 'languages.regexMalformed'],
  ['${date:header.missing:yyyy}', 'languages.simpleDateMissing'],
  ['${date:property.p:yyyy}', 'languages.simpleDateMissing'],
]

for (const [source, code] of failing)
  test(`${source} fails on the message`, () => {
    const template = compileTemplate(source)
    assert.throws(() => template.text(sampleExchange(), env), { code })
  })
