import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'

import { bundleOf } from '../../test/kit/bundle.ts'
import { testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { silentLog } from '../base/index.ts'
import type { Bundle } from '../flow/index.ts'
import { writeZip } from '../formats/zip-write.ts'
import { Exchange } from '../message/index.ts'
import { findGroovy } from './groovy.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

describe(`jars that a bundle brings${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  let folder: string
  let host: GroovyHost
  before(() => {
    folder = temporaryFolder('jars')
    host = createGroovyHost({ cacheFolder: folder, log: silentLog, calls: serviceCalls })
  })
  after(async () => {
    await host.close()
  })
  if (java === undefined) return
  const scripts = createScripts({
    host: { compile: (s) => host.compile(s), run: (s, e, r) => host.run(s, e, r) },
    collections: () => undefined,
  })

  /** A jar of classes; there need not be a Java compiler, but there is Groovy. */
  async function jarOf(sources: Readonly<Record<string, string>>): Promise<Buffer> {
    const { jars } = await findGroovy()
    const jar = join(folder, `${Object.keys(sources).join('-')}.jar`)
    const files = Object.entries(sources).map(([name, source]) => {
      const file = join(folder, `${name}.groovy`)
      writeFileSync(file, source)
      return file
    })
    const build = join(import.meta.dirname, 'groovy', 'build.groovy')
    const classPath = jars.join(delimiter)
    await promisify(execFile)(java?.path ?? '', ['-cp', classPath, 'groovy.ui.GroovyMain', build, jar, ...files])
    return readFileSync(jar)
  }

  const bundleWith = (id: string, jar: Buffer | undefined, expression: string): Promise<Bundle> =>
    bundleOf({
      id,
      processes: [],
      files: {
        'use.groovy': `def processData(message) { message.setBody(String.valueOf(${expression})); message }`,
        ...(jar && { 'src/main/resources/lib/tool.jar': jar }),
      },
    })

  const compile = (bundle: Bundle) =>
    scripts.compile({ language: 'groovy', bundle, file: 'use.groovy', functionName: '', collection: '' })

  async function made(bundle: Bundle): Promise<string> {
    const exchange = new Exchange()
    await (await compile(bundle)).run(exchange, testRun({ messageId: `m${Math.random()}` }))
    return exchange.body.text()
  }

  it('are on the class path of its scripts only, before libraries and never before Groovy', async () => {
    const codec = 'package org.apache.commons.codec\nclass Charsets { static String whose() { "the jar" } }'
    const one = await jarOf({
      Tool: 'package acme\nclass Tool { static String say() { "one" } }',
      Charsets: codec,
      JsonOutput: 'package groovy.json\nclass JsonOutput { static String toJson(Object any) { "the jar" } }',
    })
    const two = await jarOf({ Other: 'package acme\nclass Tool { static String say() { "two" } }' })
    const say = 'acme.Tool.say()'
    const first = await bundleWith('One', one, `${say} + org.apache.commons.codec.Charsets.whose()`)
    assert.equal(await made(first), 'onethe jar')
    assert.equal(await made(await bundleWith('Two', two, say)), 'two')
    assert.equal(await made(first), 'onethe jar')
    assert.equal(await made(await bundleWith('Json', one, 'groovy.json.JsonOutput.toJson([1])')), '[1]')
    const text = "acme.Tool.classLoader.getResource('acme/Tool.class').openStream().bytes.length > 100"
    assert.equal(await made(await bundleWith('Resource', one, text)), 'true')
    await assert.rejects(made(await bundleWith('Three', undefined, say)), { message: /acme/ })
  })

  for (const name of ['com/sap/it/api/ITApiFactory', 'com/sap/gateway/ip/core/customdev/util/Own', 'sluice/host/Main'])
    it(`fail the deployment by name where they hold ${name}`, async () => {
      const jar = await writeZip([[`${name}.class`, Buffer.from([0xca, 0xfe, 0xba, 0xbe])]])
      await assert.rejects(compile(await bundleWith(name.replaceAll('/', '_'), jar, '1')), {
        code: 'scripts.jarShadows',
        message: new RegExp(`'${name.replaceAll('/', '_')}'.*tool\\.jar holds ${name}\\.class`),
      })
    })

  it('fail the deployment where they hold too much, and the host lives on', async () => {
    const zeros = Buffer.alloc(40 * 1_048_576)
    const jar = await writeZip([
      ['a.bin', zeros],
      ['b.bin', zeros],
    ])
    await assert.rejects(compile(await bundleWith('Large', jar, '1')), { code: 'scripts.jarsTooLarge' })
    const [before] = host.processes()
    assert.equal(await made(await bundleWith('Small', undefined, '1')), '1')
    assert.deepEqual(host.processes(), [before])
  })
})
