import type { Check } from './check.ts'

/** The checks of a JWT assertion, in the order in which they are made. */
export const jwtChecks = {
  'jwt.size': {
    element: 'assertion parameter',
    wants: 'at most 64 KiB',
    problem: 'The assertion is too large.',
    remedy: 'Leave out claims that are not needed here.',
  },
  'jwt.encrypted': {
    element: 'assertion parameter',
    wants: 'a signed token: TLS keeps it secret on its way',
    problem: 'The assertion is encrypted (JWE), which is not supported.',
    remedy: 'Send a signed token.',
  },
  'jwt.form': {
    element: 'assertion parameter',
    wants: 'three parts of base64url without padding, joined by dots (RFC 7515 3.1)',
    problem: 'The assertion is not a signed JWT in compact form.',
    remedy: 'Send header, claims and signature in base64url without padding.',
  },
  'jwt.header': {
    element: 'header',
    wants: 'a JSON object, every member once (RFC 7515 4)',
    problem: 'The header is not a JSON object.',
    remedy: 'Use a library for JOSE to make the token.',
  },
  'jwt.claims': {
    element: 'claims',
    wants: 'a JSON object, every member once (RFC 7519 4)',
    problem: 'The claims are not a JSON object.',
    remedy: 'Use a library for JOSE to make the token.',
  },
  'jwt.type': {
    element: 'header/typ',
    wants: "'JWT', or nothing: an access token is no assertion (RFC 9068 2.1)",
    problem: 'The token is of another kind.',
    remedy: 'Make an assertion of its own; exchange tokens by token exchange.',
  },
  'jwt.critical': {
    element: 'header/crit',
    wants: 'not there: no extension is understood (RFC 7515 4.1.11)',
    problem: 'The header asks for extensions.',
    remedy: 'Leave out crit.',
  },
  'jwt.keyInHeader': {
    element: 'header',
    wants: 'no jku, x5u or jwk: a key that comes with its token proves nothing',
    problem: 'The header brings its own key.',
    remedy: 'Leave out jku, x5u and jwk, and register the key at the identity provider.',
  },
  'jwt.issuer': {
    element: 'claims/iss',
    wants: 'the issuer of a trusted identity provider, exactly (RFC 7523 3, 1)',
    problem: 'No trusted identity provider has this issuer.',
    remedy: 'Register the issuer as a trusted identity provider, or correct iss: it is compared letter by letter.',
  },
  'jwt.provider': {
    element: 'claims/iss',
    wants: 'an identity provider that is switched on',
    problem: 'The identity provider is switched off.',
    remedy: 'Switch the identity provider on.',
  },
  'jwt.client': {
    element: 'claims/iss',
    wants: 'a client that may bring assertions of this identity provider',
    problem: 'This client may not bring assertions of this identity provider.',
    remedy: 'Add the client to the clients of the identity provider.',
  },
  'jwt.algorithm': {
    element: 'header/alg',
    wants: 'an algorithm that the identity provider may use; never none, never HS256',
    problem: 'The algorithm is not allowed for this identity provider.',
    remedy: 'Sign with RS256 or ES256; or allow the algorithm at the identity provider.',
  },
  'jwt.key': {
    element: 'header/kid',
    wants: 'a key or certificate of the identity provider that counts now and fits the algorithm',
    problem: 'The identity provider has no such key.',
    remedy: 'Register the key, or correct kid or x5t#S256.',
  },
  'jwt.signature': {
    element: 'signature',
    wants: 'the signature of header and claims by a key of the identity provider',
    problem: 'The signature is not right by any key of the identity provider.',
    remedy: 'Sign with the private key of what is registered; ECDSA as 64, 96 or 132 bytes, not as DER.',
  },
  'jwt.subject': {
    element: 'claims/sub',
    wants: '1 to 255 characters without blanks around (RFC 7523 3, 2)',
    problem: 'The subject names nobody.',
    remedy: 'Put the user id into sub.',
  },
  'jwt.audience': {
    element: 'claims/aud',
    wants: 'an audience or the token endpoint of this server (RFC 7523 3, 3)',
    problem: 'The assertion is for another audience.',
    remedy: 'Set aud to one that is accepted here, letter by letter, or add it to the identity provider.',
  },
  'jwt.expired': {
    element: 'claims/exp',
    wants: 'a time that is not over, in seconds since 1970 (RFC 7523 3, 4)',
    problem: 'The assertion has expired, or says no end.',
    remedy: "Make a new assertion for each token request, and compare the sender's clock.",
  },
  'jwt.notBefore': {
    element: 'claims/nbf',
    wants: 'a time that has come (RFC 7523 3, 5)',
    problem: 'The assertion is not valid yet.',
    remedy: "Compare the sender's clock; the skew of the identity provider is added.",
  },
  'jwt.issuedAt': {
    element: 'claims/iat',
    wants: 'a time that is not in the future (RFC 7523 3, 6)',
    problem: 'The time of issue cannot be right.',
    remedy: "Give seconds since 1970, and compare the sender's clock.",
  },
  'jwt.lifetime': {
    element: 'claims/exp',
    wants: 'an end within 24 hours (RFC 7523 3, 4)',
    problem: 'The assertion is valid for too long.',
    remedy: 'Let it end some minutes after it is made.',
  },
  'jwt.id': {
    element: 'claims/jti',
    wants: 'text of 1 to 256 characters, where it is there (RFC 7523 3, 7)',
    problem: 'The id of the assertion cannot be used.',
    remedy: 'Set jti to a new random text, such as a UUID.',
  },
  'jwt.actors': {
    element: 'claims/act',
    wants: 'an object with sub, and at most ten inside each other (RFC 8693 4.1)',
    problem: 'The chain of actors cannot be read.',
    remedy: 'Correct act, or leave it out.',
  },
  'jwt.user': {
    element: 'claims',
    wants: 'one text in the claim that holds the user id',
    problem: 'The claim that holds the user id is missing or has several values.',
    remedy: 'Send the claim with one value, or let the identity provider take sub.',
  },
  'jwt.replay': {
    element: 'claims/jti',
    wants: 'an id that was not used before; without jti, claims that were not (RFC 7523 3, 7)',
    problem: 'The assertion was used before.',
    remedy: 'Make a new assertion, with a new jti, for each token request.',
  },
} as const satisfies Readonly<Record<string, Check>>
