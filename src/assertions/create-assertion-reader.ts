import type { Asserted, AssertionFailure, AssertionReader, ReaderParts } from './contracts.ts'
import { readJwt } from './read-jwt.ts'
import { decodeSaml, readSaml } from './read-saml.ts'
import { createTrail, followed, type Trail } from './trail.ts'

/**
 * Reads assertions of trusted identity providers, strictly: every check of `checks.ts` has to hold, in that order, and
 * each assertion counts once. Only what the store of spent ids throws is thrown.
 */
export function createAssertionReader({ providers, spent, clock, fetchKeys }: ReaderParts): AssertionReader {
  async function spend(
    { skew, ...asserted }: Asserted & { readonly skew: number },
    check: 'saml.replay' | 'jwt.replay',
    trail: Trail,
  ): Promise<Asserted> {
    const { issuer, id, until } = asserted
    // The skew is added to the end when that is checked, so the id must be known as long.
    const fresh = await spent.spend(issuer, id, until + skew)
    trail.check(check, fresh, { expected: 'an id not used before', found: id })
    return asserted
  }

  const reading = (trail: Trail) => ({
    providerOf: (issuer: string) => providers.identityProviderOf(issuer),
    now: clock.now(),
    trail,
    fetchKeys,
  })

  return {
    saml: async (assertion, audience): Promise<Asserted | AssertionFailure> => {
      const trail = createTrail({ strict: true })
      return followed(trail, () => {
        const xml = decodeSaml(assertion, trail)
        return spend(readSaml(xml, { ...reading(trail), audience }), 'saml.replay', trail)
      })
    },
    jwt: async (assertion, audience): Promise<Asserted | AssertionFailure> => {
      const trail = createTrail({ strict: true })
      return followed(trail, async () =>
        spend(await readJwt(assertion, { ...reading(trail), audience }), 'jwt.replay', trail),
      )
    },
  }
}
