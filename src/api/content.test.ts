import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { type Ask, newTestApi } from '../../test/kit/api.ts'
import { artifactBundle, flowBundle, mainProcess, messageEnd, messageStart, step } from '../../test/kit/bundle.ts'
import { readBundle } from '../flow/index.ts'

const api = await newTestApi()
after(api.dispose)

const flow = async (id: string, version = '1.0.0', name = id) =>
  (
    await flowBundle({
      id,
      name,
      version,
      processes: [
        mainProcess([
          messageStart(),
          step('Set', 'Enricher', { bodyType: 'constant', wrapContent: 'x' }),
          messageEnd(),
        ]),
      ],
      parameters: { Text: 'a', 'Body Size': { value: '40', type: 'xsd:integer' } },
      files: { 'a.groovy': 'old' },
    })
  ).toString('base64')
const bundleOf = async (type: Parameters<typeof artifactBundle>[0], id: string) =>
  (await artifactBundle(type, id, type === 'ScriptCollection' ? { 'a.groovy': 'old' } : { 'x.mmap': '' })).toString(
    'base64',
  )

interface Exchange {
  readonly line: string
  readonly ask?: Ask
  readonly status: number
  readonly body?: RegExp
}

const flowKey = "IntegrationDesigntimeArtifacts(Id='F1',Version='active')"

// One client's work from the first package to the last deletion, in order: each line needs those before it.
const exchanges: readonly Exchange[] = [
  { line: "GET /IntegrationPackages('P1')", status: 404, body: /Requested entity could not be found/ },
  {
    line: 'POST /IntegrationPackages',
    ask: { body: { Id: 'P1', Name: 'One' } },
    status: 400,
    body: /Property 'ShortText' cannot be empty/,
  },
  {
    line: 'POST /IntegrationPackages',
    ask: { body: { Id: 'P1', Colour: 'red' } },
    status: 400,
    body: /no property 'Colour'/,
  },
  {
    line: 'POST /IntegrationPackages',
    ask: {
      body: {
        d: {
          Id: 'P1',
          Name: 'One',
          ShortText: 's',
          Description: 'd',
          Version: '1.0.0',
          SupportedPlatform: 'SAP Cloud Integration',
        },
      },
    },
    status: 201,
    body: /"Id":"P1"/,
  },
  {
    line: 'POST /IntegrationPackages',
    ask: { body: { Id: 'P1', Name: 'One', ShortText: 's' } },
    status: 409,
    body: /design.packageExists/,
  },
  { line: 'POST /IntegrationPackages', ask: { body: { Id: 'P2', Name: 'Two', ShortText: 's' } }, status: 201 },
  {
    line: "PUT /IntegrationPackages('P1')",
    ask: { body: { d: { Id: 'P1', Name: 'New name', ShortText: 's' } } },
    status: 202,
    body: /^$/,
  },
  { line: "GET /IntegrationPackages('P1')", status: 200, body: /"Name":"New name"/ },
  { line: "PATCH /IntegrationPackages('P1')", ask: { body: {} }, status: 501, body: /odata.patchUnsupported/ },
  { line: "POST /IntegrationPackages('P1')", ask: { headers: { 'x-http-method': 'MERGE' }, body: {} }, status: 405 },
  { line: 'GET /IntegrationPackages', status: 200, body: /"results":\[\{.*"Id":"P1".*"Id":"P2"/ },
  { line: 'GET /IntegrationPackages/$count', status: 200, body: /^2$/ },
  { line: "DELETE /IntegrationPackages('P2')", status: 202, body: /^$/ },
  { line: "DELETE /IntegrationPackages('P2')", status: 404 },

  { line: `GET /${flowKey}`, status: 404, body: /Requested entity could not be found/ },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: { Id: 'F1', Name: 'Flow', PackageId: 'P1', ArtifactContent: await flow('F1', '1.0.0', 'Flow') } },
    status: 201,
    body: /"Version":"1.0.0"/,
  },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: { Id: 'F1', Name: 'Flow', PackageId: 'P1' } },
    status: 409,
  },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: { Id: 'F2', Name: 'Empty', PackageId: 'P1' } },
    status: 201,
  },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: { Id: 'F3', Name: 'x', PackageId: 'P1', ArtifactContent: '!!!' } },
    status: 400,
    body: /'ArtifactContent' is not base64/,
  },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: { Id: 'F3', Name: 'x', PackageId: 'P1', ArtifactContent: 'bm8gemlw' } },
    status: 400,
    body: /formats.zipUnreadable/,
  },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: { Id: 'F3', Name: 'x', PackageId: 'none' } },
    status: 404,
    body: /'none'/,
  },
  {
    line: 'POST /IntegrationDesigntimeArtifacts',
    ask: { body: {} },
    status: 400,
    body: /'Id' cannot be empty.*'Name' cannot be empty.*'PackageId' cannot be empty/,
  },
  { line: `GET /${flowKey}`, status: 200, body: /"Name":"Flow"/ },
  { line: "GET /IntegrationDesigntimeArtifacts(Id='F1',Version='Active')", status: 200 },
  { line: "GET /IntegrationDesigntimeArtifacts(Id='F1',Version='1.0.0')", status: 200 },
  { line: "GET /IntegrationDesigntimeArtifacts(Id='F1',Version='2.0.0')", status: 404 },
  { line: "GET /ValueMappingDesigntimeArtifacts(Id='F1',Version='active')", status: 404 },
  { line: "GET /IntegrationDesigntimeArtifacts('F1')", status: 400, body: /odata.keyMismatch/ },
  {
    line: `PUT /${flowKey}`,
    ask: { body: { Name: 'Flow', ArtifactContent: await flow('F1', '1.0.1', 'Flow') } },
    status: 200,
    body: /^$/,
  },
  {
    line: `PUT /${flowKey}`,
    ask: { body: { ArtifactContent: await flow('Other') } },
    status: 400,
    body: /Bundle-SymbolicName/,
  },
  { line: `GET /${flowKey}?$select=Id,Version`, status: 200, body: /"Id":"F1","Version":"1.0.1"\}\}$/ },
  { line: "GET /IntegrationPackages('P1')/IntegrationDesigntimeArtifacts", status: 200, body: /"Id":"F1".*"Id":"F2"/ },
  { line: "GET /IntegrationPackages('P1')/IntegrationDesigntimeArtifacts(Id='F1',Version='active')", status: 200 },
  { line: "GET /IntegrationPackages('P1')/ScriptCollectionDesigntimeArtifacts", status: 200, body: /"results":\[\]/ },
  {
    line: "GET /IntegrationPackages('P1')?$expand=IntegrationDesigntimeArtifacts",
    status: 200,
    body: /"IntegrationDesigntimeArtifacts":\{"results":\[\{/,
  },
  { line: "GET /IntegrationPackages('none')/IntegrationDesigntimeArtifacts", status: 404 },
  { line: 'GET /IntegrationDesigntimeArtifacts', status: 200 },

  {
    line: `GET /${flowKey}/Configurations`,
    status: 200,
    body: /"ParameterKey":"Text","ParameterValue":"a","DataType":"xsd:string"/,
  },
  { line: `GET /${flowKey}/Configurations/$count`, status: 200, body: /^2$/ },
  { line: `GET /${flowKey}/Configurations/$count?$filter=ParameterKey%20eq%20'Text'`, status: 200, body: /^1$/ },
  { line: `GET /${flowKey}/Configurations?$filter=ParameterKey+ne+'Text'`, status: 200, body: /Body Size/ },
  {
    line: `GET /${flowKey}/Configurations?$filter=substringof('Size',ParameterKey) eq true&$orderby=ParameterKey,ParameterValue`,
    status: 200,
    body: /Body Size/,
  },
  {
    line: `GET /${flowKey}/Configurations?$select=ParameterKey&$format=xml`,
    status: 200,
    body: /<d:ParameterKey>Text</,
  },
  {
    line: `PUT /${flowKey}/$links/Configurations('Text')`,
    ask: { body: { ParameterValue: 'b' } },
    status: 202,
    body: /^$/,
  },
  {
    line: `PUT /${flowKey}/$links/Configurations('Body%20Size')`,
    ask: { body: { ParameterValue: '41', DataType: 'xsd:integer' } },
    status: 202,
  },
  { line: `PUT /${flowKey}/$links/Configurations('Body+Size')`, ask: { body: { ParameterValue: '42' } }, status: 202 },
  {
    line: `PUT /${flowKey}/$links/Configurations('Body%20Size')`,
    ask: { body: { ParameterValue: 'big' } },
    status: 400,
  },
  {
    line: `PUT /${flowKey}/$links/Configurations('none')`,
    ask: { body: { ParameterValue: 'x' } },
    status: 404,
    body: /Requested entity could not be found/,
  },
  { line: `GET /${flowKey}/Configurations`, status: 200, body: /"ParameterValue":"b".*"ParameterValue":"42"/ },
  { line: `GET /${flowKey}`, status: 200, body: /"Version":"1.0.1"/ },

  {
    line: `POST /${flowKey}/Resources`,
    ask: { body: { Name: 'm.xsl', ResourceType: 'xslt', ResourceContent: 'PHgvPg==' } },
    status: 201,
    body: /"Name":"m.xsl"/,
  },
  { line: `GET /${flowKey}`, status: 200, body: /"Version":"Active"/ },
  { line: `GET /${flowKey}/Resources`, status: 200, body: /"Name":"a.groovy","ResourceType":"groovy".*"Name":"m.xsl"/ },
  { line: `GET /${flowKey}/Resources/$count?$filter=ResourceType eq 'groovy'`, status: 200, body: /^1$/ },
  { line: `GET /${flowKey}/Resources(Name='m.xsl',ResourceType='xslt')`, status: 200 },
  { line: `GET /${flowKey}/Resources(Name='m.xsl',ResourceType='xslt')/$value`, status: 200, body: /^<x\/>$/ },
  {
    line: `PUT /${flowKey}/$links/Resources(Name='m.xsl',ResourceType='xslt')`,
    ask: { body: { ResourceContent: 'PHkvPg==' } },
    status: 200,
    body: /^$/,
  },
  { line: `GET /${flowKey}/Resources(Name='m.xsl',ResourceType='xslt')/$value`, status: 200, body: /^<y\/>$/ },
  { line: `DELETE /${flowKey}/$links/Resources(Name='m.xsl',ResourceType='xslt')`, status: 200, body: /^$/ },
  { line: `GET /${flowKey}/Resources(Name='m.xsl',ResourceType='xslt')`, status: 404 },
  { line: "GET /IntegrationPackages('P1')/$value", status: 409, body: /F1/ },
  { line: "POST /IntegrationDesigntimeArtifactSaveAsVersion?Id='F1'&SaveAsVersion='1.1.0'", status: 200, body: /^$/ },
  { line: "POST /IntegrationDesigntimeArtifactSaveAsVersion?Id='F1'&SaveAsVersion='1.0.0'", status: 409 },
  { line: "POST /IntegrationDesigntimeArtifactSaveAsVersion?Id='none'&SaveAsVersion='1.0.0'", status: 404 },
  { line: `GET /${flowKey}/Version/$value`, status: 200, body: /^1.1.0$/ },

  ...(
    await Promise.all(
      (['ScriptCollection', 'MessageMapping', 'ValueMapping'] as const).map(
        async (type): Promise<readonly Exchange[]> => {
          const set = `${type}DesigntimeArtifacts`
          const key = `${set}(Id='${type}1',Version='active')`
          const content = await bundleOf(type, `${type}1`)
          return [
            {
              line: `POST /${set}`,
              ask: { body: { Id: `${type}1`, Name: 'N', PackageId: 'P1', ArtifactContent: content } },
              status: 201,
            },
            { line: `GET /${key}`, status: 200 },
            { line: `GET /${key}/$value`, status: 200, body: /^PK/ },
            { line: `GET /${set}?$select=Id&$orderby=Id`, status: 200, body: new RegExp(`"Id":"${type}1"`) },
            { line: `GET /IntegrationPackages('P1')/${set}`, status: 200, body: new RegExp(`"Id":"${type}1"`) },
            {
              line: `PUT /${key}`,
              ask: { body: { Name: 'N', ArtifactContent: content } },
              status: type === 'ValueMapping' ? 405 : 200,
            },
            { line: `POST /${type}DesigntimeArtifactSaveAsVersion?Id='${type}1'&SaveAsVersion='1.0.5'`, status: 200 },
            { line: `DELETE /${key}`, status: 200, body: /^$/ },
            { line: `GET /${key}`, status: 404 },
          ]
        },
      ),
    )
  ).flat(),
  {
    line: 'POST /ScriptCollectionDesigntimeArtifacts',
    ask: { body: { Id: 'S1', Name: 'S', PackageId: 'P1' } },
    status: 201,
  },
  {
    line: "POST /ScriptCollectionDesigntimeArtifacts(Id='S1',Version='active')/Resources",
    ask: { body: { Name: 'b.js', ResourceType: 'js', ResourceContent: 'eA==' } },
    status: 201,
  },
  {
    line: "PUT /ScriptCollectionDesigntimeArtifacts(Id='S1',Version='active')/$links/Resources(Name='b.js',ResourceType='js')",
    ask: { body: { ResourceContent: 'eQ==' } },
    status: 200,
  },
  {
    line: "DELETE /ScriptCollectionDesigntimeArtifacts(Id='S1',Version='active')/$links/Resources(Name='b.js',ResourceType='js')",
    status: 200,
  },
  { line: `DELETE /${flowKey}`, status: 200, body: /^$/ },
  { line: `DELETE /${flowKey}`, status: 404 },
]

describe('the statuses that clients of the design time depend on', () => {
  for (const { line, ask, status, body } of exchanges) {
    it(`${line} ${status}`, async () => {
      const answer = await api.ask(line, ask)
      assert.equal(answer.status, status, String(answer.body))
      if (body) assert.match(String(answer.body), body)
    })
  }
})

describe('what clients read of packages and artifacts', () => {
  it('dates are milliseconds as text, navigations are links', async () => {
    const found = await api.read("GET /IntegrationPackages('P1')")
    assert.equal(found.CreationDate, String(api.time.now))
    assert.equal(found.Mode, 'EDIT_ALLOWED')
    assert.deepEqual(found.IntegrationDesigntimeArtifacts, {
      __deferred: { uri: "https://localhost:9443/api/v1/IntegrationPackages('P1')/IntegrationDesigntimeArtifacts" },
    })
    assert.equal(found.__metadata.type, 'com.sap.hci.api.IntegrationPackage')
  })

  it('without Accept a list is an Atom feed', async () => {
    const answer = await api.ask('GET /IntegrationPackages', { headers: { accept: '' } })
    assert.match(answer.headers['content-type'] ?? '', /^application\/atom\+xml/)
    assert.match(
      String(answer.body),
      /<feed .*<entry>.*<m:properties>.*<d:Id>P1<\/d:Id>.*<d:Mode>EDIT_ALLOWED<\/d:Mode>/,
    )
  })

  it('a download is a zip with a name, and what was uploaded', async () => {
    const content = await flow('Down')
    await api.ask('POST /IntegrationDesigntimeArtifacts', {
      body: { Id: 'Down', Name: 'Down', PackageId: 'P1', ArtifactContent: content },
    })
    const answer = await api.ask("GET /IntegrationDesigntimeArtifacts(Id='Down',Version='active')/$value", {
      headers: { accept: 'application/zip' },
    })
    assert.equal(answer.headers['content-type'], 'application/zip')
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="Down.zip"')
    assert.equal((answer.body as Buffer).toString('base64'), content)
  })

  it('a whole package goes out and comes in again', async () => {
    const saved = await api.ask("POST /ScriptCollectionDesigntimeArtifactSaveAsVersion?Id='S1'&SaveAsVersion='1.0.1'")
    assert.equal(saved.status, 200)
    const zip = (await api.ask("GET /IntegrationPackages('P1')/$value")).body as Buffer
    const body = { PackageContent: zip.toString('base64') }
    assert.equal((await api.ask('POST /IntegrationPackages', { body })).status, 409)
    assert.equal((await api.ask('POST /IntegrationPackages?Overwrite=true', { body })).status, 201)
    assert.equal((await api.ask("DELETE /IntegrationPackages('P1')")).status, 202)
    assert.equal((await api.ask('POST /IntegrationPackages', { body })).status, 201)
    const { body: imported } = await api.ask("GET /IntegrationDesigntimeArtifacts(Id='Down',Version='active')/$value")
    assert.equal((await readBundle(imported)).id, 'Down')
  })

  it('an artifact is found in its own package only', async () => {
    await api.ask('POST /IntegrationPackages', { body: { Id: 'Q', Name: 'Q', ShortText: 's' } })
    for (const rest of ['', '/$value']) {
      const answer = await api.ask(
        `GET /IntegrationPackages('Q')/IntegrationDesigntimeArtifacts(Id='Down',Version='active')${rest}`,
      )
      assert.equal(answer.status, 404)
    }
  })
})
