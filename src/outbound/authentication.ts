import type { Log } from '../base/index.ts'
import type { FlowFacts, Services } from '../flow/index.ts'
import type { Profile, ProfileSettings, Prove } from './contracts.ts'
import { authorizationCode } from './profiles/authorization-code.ts'
import { basic } from './profiles/basic.ts'
import { clientCertificate } from './profiles/client-certificate.ts'
import { clientCredentials } from './profiles/client-credentials.ts'
import { jwtBearer, tokenExchange } from './profiles/jwt-bearer.ts'
import { principalPropagation } from './profiles/principal-propagation.ts'
import { samlBearer } from './profiles/saml-bearer.ts'

/** Every way to authenticate at a receiver; None is the absence of one. */
export const profiles: readonly Profile[] = [
  basic,
  clientCertificate,
  clientCredentials,
  samlBearer,
  authorizationCode,
  jwtBearer,
  tokenExchange,
  principalPropagation,
]

export interface AuthenticationSettings extends ProfileSettings {
  /** As the original stores it. */
  readonly method: string
}

export interface Authentication {
  /** Headers that belong to it, in lower case: those of a message are not sent. */
  readonly headers: readonly string[]
  /** Undefined where nothing is proven. */
  readonly prove: Prove | undefined
}

const none: Authentication = { headers: [], prove: undefined }

/**
 * Opens the authentication of a channel. What it names and is not there is a warning in the log, not an error: it may
 * be deployed after the flow, as in the original; until then messages fail and name it.
 * @throws outbound.subjectInvalid and those of expressions
 */
export async function openAuthentication(
  settings: AuthenticationSettings,
  context: {
    readonly flow: FlowFacts
    readonly channel: { readonly id: string }
    readonly services: Services
    readonly log: Log
  },
): Promise<Authentication> {
  const profile = profiles.find(({ method }) => method === settings.method)
  if (profile === undefined) return none
  const prove = profile.compile(settings)
  for (const why of await flaws(profile, settings, context.services))
    context.log.warn('messages to a receiver will fail until its authentication is complete', {
      flow: context.flow.id,
      channel: context.channel.id,
      method: profile.method,
      why,
    })
  return { headers: profile.headers, prove }
}

/** What is missing for constant names; those drawn when a message runs are looked at then. */
async function flaws(
  { credential, key }: Profile,
  { credentialName, keyAlias }: ProfileSettings,
  { outbound }: Services,
): Promise<readonly string[]> {
  const found: string[] = []
  const isConstant = (alias: string): boolean => !alias.includes('${')
  const name = credentialName.trim()
  if (credential !== undefined && isConstant(name)) {
    const type = name === '' ? '' : await outbound.typeOf('credential', name)
    if (type === '') found.push(`the name of ${credential.words} is empty: enter it in the channel`)
    else if (type === undefined) found.push(`there is no '${name}': deploy ${credential.words} with this name`)
    else if (!credential.types.includes(type)) found.push(`'${name}' is of the type ${type}: name ${credential.words}`)
  }
  const alias = keyAlias.trim()
  if (key !== undefined && isConstant(alias)) {
    if (alias !== '' && (await outbound.typeOf('key', alias)) !== 'keypair')
      found.push(`there is no key pair '${alias}' in the keystore: import or generate it`)
    if (alias === '' && key === 'named') found.push('the alias of the key pair is empty: enter it in the channel')
  }
  return found
}
