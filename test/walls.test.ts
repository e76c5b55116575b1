import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'

interface Door {
  /** Rooms that may be imported. */
  readonly to: readonly string[]
  /** Rooms of which only types may be imported. */
  readonly types?: readonly string[]
  readonly why: string
}

/** Which rooms a room may import, and why not more. A room that is not named here may not exist. */
const doors: Readonly<Record<string, Door>> = {
  base: { to: [], why: 'words that all rooms share depend on none of them' },
  fields: { to: ['base'], why: 'a property is declared without knowing what it is for; the browser reads it too' },
  formats: { to: ['base'], why: 'outer formats are read the same safe way whoever reads them' },
  message: { to: ['base', 'formats'], why: 'a message knows its forms, not what is done with it' },
  flow: { to: ['base', 'fields', 'formats', 'message'], why: 'what a flow is can be said without running one' },
  languages: { to: ['base', 'formats', 'message'], why: 'an expression sees a message, never the engine' },
  steps: {
    to: ['base', 'fields', 'formats', 'message', 'flow', 'languages'],
    why: 'a step that knows its runner cannot be tested alone',
  },
  outbound: {
    to: ['assertions', 'base', 'fields', 'flow', 'languages', 'message'],
    why: 'how a call proves who makes it is known once, for all adapters; it is lent keys and credentials one by one',
  },
  adapters: {
    to: ['base', 'fields', 'formats', 'message', 'flow', 'languages', 'outbound'],
    why: 'an adapter is lent what it needs; it reads no store',
  },
  scripts: { to: ['base', 'formats', 'message', 'flow'], why: 'a script host holds no key and opens no store' },
  records: { to: ['base'], why: 'records are kept in step with their store without knowing what they are' },
  keystore: { to: ['base', 'fields', 'records'], why: 'keys are kept without speaking HTTP or SQL' },
  trust: {
    to: ['base', 'keystore'],
    why: 'whether a certificate counts is decided without knowing who calls for what',
  },
  secrets: {
    to: ['base', 'fields', 'flow', 'records'],
    types: ['keystore'],
    why: 'credentials are sealed by a sealer that is handed in; what a flow may use is compared as flow says it',
  },
  identity: {
    to: ['base', 'fields', 'formats', 'keystore', 'records'],
    types: ['flow', 'trust'],
    why: 'who may call is known without knowing how they call',
  },
  assertions: {
    to: ['base', 'formats'],
    types: ['identity'],
    why: 'an assertion is judged by what is handed in: it opens no store and calls nobody',
  },
  audit: {
    to: ['base'],
    types: ['keystore'],
    why: 'the log of what was done knows none of those who do it',
  },
  backup: {
    to: ['base', 'keystore'],
    why: 'a backup is made of rows: it knows neither the database nor what is in a file system',
  },
  kits: {
    to: ['base', 'formats', 'identity', 'keystore'],
    why: 'a kit is made of what it is given: it opens no store and calls nobody',
  },
  inbound: {
    to: ['base', 'fields', 'formats', 'identity', 'keystore', 'message', 'trust'],
    types: ['flow', 'monitor'],
    why: 'the front door hands requests on; it does not know flows from the API',
  },
  auth: {
    to: ['base', 'identity', 'inbound', 'keystore', 'records'],
    types: ['assertions', 'flow', 'trust'],
    why: 'tokens are issued and verified without SQL; who is known, what is trusted and where it is kept is handed in',
  },
  connectivity: {
    to: ['base', 'fields', 'formats', 'keystore'],
    why: 'a test is lent keys and credentials one by one; it opens no store',
  },
  expiry: {
    to: ['base', 'trust'],
    types: ['identity', 'keystore', 'secrets'],
    why: 'what ends when is read from those who keep it',
  },
  redaction: { to: [], types: ['flow'], why: 'what hides secrets knows none of those who have them' },
  runtime: {
    to: ['base', 'fields', 'flow', 'languages', 'message', 'redaction'],
    types: ['keystore', 'monitor'],
    why: 'the engine never names a concrete step or adapter',
  },
  monitor: {
    to: ['base', 'fields', 'message'],
    types: ['database'],
    why: 'what happened is recorded without a way to make it happen',
  },
  stores: {
    to: ['base', 'fields', 'message'],
    types: ['keystore', 'flow'],
    why: 'what flows keep is stored without running them',
  },
  lint: { to: ['base', 'flow'], why: 'scripts are looked at where nothing runs' },
  design: { to: ['base', 'fields', 'formats', 'flow'], why: 'the design time works where nothing runs' },
  odata: { to: ['base', 'fields', 'formats'], why: 'the protocol knows no entity' },
  api: {
    to: [
      'assertions',
      'auth',
      'base',
      'fields',
      'odata',
      'flow',
      'design',
      'runtime',
      'monitor',
      'secrets',
      'inbound',
      'keystore',
      'identity',
      'audit',
      'connectivity',
    ],
    types: ['expiry', 'lint'],
    why: 'the management API translates; the rules are in the services',
  },
  database: {
    to: ['base'],
    types: [
      'flow',
      'design',
      'runtime',
      'monitor',
      'identity',
      'keystore',
      'stores',
      'secrets',
      'audit',
      'records',
      'backup',
      'auth',
    ],
    why: 'a service declares the store it needs and never imports it',
  },
  settings: { to: ['base', 'fields'], why: 'the environment is read once, in one place' },
  cli: {
    to: [
      'assertions',
      'base',
      'connectivity',
      'fields',
      'formats',
      'flow',
      'keystore',
      'lint',
      'scripts',
      'settings',
      'steps',
      'adapters',
    ],
    why: 'the command line talks to the API as any client; only `check` and `cert show` work offline',
  },
  app: { to: ['*'], why: 'the composition root is the only room that knows all' },
}

const roomOf = (file: string): string => /^src\/([^/]+)\//.exec(file)?.[1] ?? ''
const imports = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm
const files = globSync('src/*/**/*.ts').map((file) => file.replaceAll('\\', '/'))
const sources = files.filter((file) => !file.endsWith('.test.ts'))

describe('the walls between rooms', () => {
  it('every room has a rule and every rule has a room', () => {
    assert.deepEqual([...new Set(files.map(roomOf))].sort(), Object.keys(doors).sort())
  })

  it('no import goes through a wall', () => {
    const breaches = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(imports)].flatMap(([statement, typeOnly, path = '', dynamic = '']) => {
        const from = roomOf(file)
        const to = roomOf(normalize(join(dirname(file), path || dynamic)).replaceAll('\\', '/'))
        const door = doors[from]
        // A dynamic import in a type position is a type, in an expression a value: both need the full door.
        const types = typeOnly !== undefined || /^(?:import|export)\s*\{(?:\s*type\s[^,}]+,?)+\s*\}/.test(statement)
        const open =
          from === to || door?.to.includes('*') || door?.to.includes(to) || (types && door?.types?.includes(to))
        return open || to === '' ? [] : [`${file} imports ${to}: ${door?.why}`]
      }),
    )
    assert.deepEqual(breaches, [])
  })

  it('every room says in its first line what it is for', () => {
    const silent = Object.keys(doors).filter(
      (room) => room !== 'app' && !/^\/\*\* .+/.test(readFileSync(`src/${room}/index.ts`, 'utf8')),
    )
    assert.deepEqual(silent, [])
  })
})
