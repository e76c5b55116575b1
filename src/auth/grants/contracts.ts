import type { AssertionReader } from '../../assertions/index.ts'
import type { Clock, Log } from '../../base/index.ts'
import type { Identity } from '../../identity/index.ts'
import type { Guesses, Passwords } from '../../inbound/index.ts'
import type { ServerAddresses } from '../addresses.ts'
import type { AuthenticatedClient } from '../authenticate-client.ts'
import type { Peer } from '../authorization-server.ts'
import type { Granted } from '../issue-token.ts'
import type { Form } from '../read-form.ts'
import type { RunningTokenVerifier } from '../token-verifier.ts'

/** A request for a token whose client is known and may use the grant. */
export interface GrantRequest {
  readonly client: AuthenticatedClient
  readonly form: Form
  readonly peer: Peer
}

/** Finds out what is granted. @throws OAuthRefusal */
export type Grant = (request: GrantRequest) => Granted | Promise<Granted>

/** What grants are made of. */
export interface GrantParts {
  readonly identity: Identity
  readonly assertions: AssertionReader
  readonly verifier: RunningTokenVerifier
  readonly guesses: Guesses
  readonly passwords: Passwords
  readonly addresses: () => ServerAddresses
  readonly clock: Clock
  readonly log: Log
}
