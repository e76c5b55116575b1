/** A Sluice whose authorization server is asked, and what the tests of it ask with. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { command } from './deploy.ts'
import { type RunningSluice, startSluice } from './sluice.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { type ClientKey, createTokenClient, type TokenClient } from './token-client.ts'

export interface AuthorizationWorld {
  /** The one that runs now: another after a restart. */
  readonly sluice: RunningSluice
  readonly client: TokenClient
  /** PEM of the root by which the server is trusted. */
  readonly ca: string
  /** Path of a file in a folder of the test's own. */
  readonly file: (name: string) => string
  /** Runs the command line, which has to succeed. */
  readonly say: (words: readonly string[], input?: string) => Promise<string>
  readonly newKey: (instance: string, name: string, type: 'secret' | 'certificate') => Promise<ClientKey>
  /** A service key that a command has written. */
  readonly readKey: (name: string) => ClientKey
  /** An access token of the client itself, or by the form. */
  readonly tokenOf: (key: ClientKey, form?: Readonly<Record<string, string>>) => Promise<string>
  /** What the sample flow says about who called. @throws AssertionError unless the call was let in */
  readonly nameOf: (token: string, by?: TokenClient) => Promise<string>
  /** @throws AssertionError when the call is let in, or the caller is told why it is not */
  readonly isRefused: (token: string, by?: TokenClient) => Promise<void>
  readonly restart: (signal?: NodeJS.Signals) => Promise<void>
  readonly dispose: () => Promise<void>
}

/** The flow that says who calls. */
export const whoAmI = '/http/sample/whoami'

export const grant = (name: string): string => `urn:ietf:params:oauth:grant-type:${name}`

/** Flags of a service instance. */
export const withGrants = (...grants: readonly string[]): string[] => grants.flatMap((each) => ['--grant-type', each])

/** The reference that a refused caller is given. */
export const referenceIn = (text: string): string => /\b([0-9A-Z]{10})\b/.exec(text)?.[1] ?? ''

const partOf = (token: string, nth: number) =>
  JSON.parse(Buffer.from(token.split('.')[nth] ?? '', 'base64url').toString()) as Record<string, unknown>
export const headOf = (token: string) => partOf(token, 0)
export const claimsOf = (token: string) => partOf(token, 1)
/** JSON as a part of a JWT. */
export const encodedPart = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const keyPairOf = ({ certificate = '', key = '' }: ClientKey) => ({ cert: certificate, key })

/** @param environment settings of the server */
export async function openAuthorizationWorld(
  environment: Readonly<Record<string, string>> = {},
): Promise<AuthorizationWorld> {
  let sluice = await startSluice(environment)
  const folder = temporaryFolder('authorization')
  const file = (name: string): string => join(folder, name)
  const ca = readFileSync(sluice.file('ca.pem'), 'utf8')
  const client = createTokenClient({ ca })

  const say: AuthorizationWorld['say'] = async (words, input) => {
    const { code, out, err } = await command(sluice, words, input)
    assert.equal(code, 0, `sluice ${words.join(' ')}: ${out}${err}`)
    return out
  }
  const readKey = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as ClientKey
  const call = (token: string, by: TokenClient) => by.bearer(sluice.runtimeUrl + whoAmI, token)

  return {
    get sluice() {
      return sluice
    },
    client,
    ca,
    file,
    say,
    readKey,
    async newKey(instance, name, type) {
      const made = `${instance}-${name}.json`
      await say(['service-key', 'create', instance, name, '--type', type, '--out', file(made)])
      return readKey(made)
    },
    async tokenOf(key, form = { grant_type: 'client_credentials' }) {
      const { status, text, json } = await client.post(key.tokenurl, form, key)
      assert.equal(status, 200, text)
      return json.access_token
    },
    async nameOf(token, by = client) {
      const { status, text, json } = await call(token, by)
      assert.equal(status, 200, text)
      return json.name
    },
    async isRefused(token, by = client) {
      const { status, text } = await call(token, by)
      assert.equal(status, 401, text)
      assert.doesNotMatch(text, /expected|signature|expired|audience/)
    },
    async restart(signal) {
      await sluice.end(signal)
      sluice = await sluice.startAgain()
    },
    async dispose() {
      client.close()
      await sluice.dispose()
    },
  }
}
