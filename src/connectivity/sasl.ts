import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)
/** More rounds than any server asks for; beyond, the server only wants to keep us busy. */
const mostRounds = 1_000_000

export interface Credential {
  readonly user: string
  readonly password: string
}

/** The client's half of a SASL exchange (RFC 4422): an answer to each challenge. */
export interface SaslClient {
  readonly mechanism: string
  /** Sent along with the name of the mechanism; undefined where the server speaks first. */
  readonly initial: Buffer | undefined
  /** @throws Error in safe words when the challenge is not to be answered */
  readonly answer: (challenge: Buffer) => Promise<Buffer>
}

const mechanisms: Readonly<Record<string, (credential: Credential) => SaslClient>> = {
  PLAIN: plain,
  LOGIN: login,
  'CRAM-MD5': cramMd5,
  'SCRAM-SHA-256': (credential) => scram('SCRAM-SHA-256', 'sha256', credential),
  'SCRAM-SHA-512': (credential) => scram('SCRAM-SHA-512', 'sha512', credential),
}

/** By how the password travels: as it is, or as a proof of it. The best comes first. */
export const saslChoices = {
  plain: ['PLAIN', 'LOGIN'],
  encrypted: ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'CRAM-MD5'],
} as const

/** The first of the wanted mechanisms that the server offers, at work; undefined when it offers none of them. */
export function openSasl(
  wanted: readonly string[],
  offered: readonly string[],
  credential: Credential,
): SaslClient | undefined {
  const names = new Set(offered.map((name) => name.toUpperCase()))
  const found = wanted.find((name) => names.has(name))
  return found === undefined ? undefined : mechanisms[found]?.(credential)
}

/** RFC 4616. */
function plain({ user, password }: Credential): SaslClient {
  return {
    mechanism: 'PLAIN',
    initial: Buffer.from(`\0${user}\0${password}`),
    answer: () => Promise.resolve(Buffer.alloc(0)),
  }
}

/** Never standardised; asked for user and password in turn. */
function login({ user, password }: Credential): SaslClient {
  const answers = [user, password]
  return {
    mechanism: 'LOGIN',
    initial: undefined,
    answer: () => Promise.resolve(Buffer.from(answers.shift() ?? '')),
  }
}

/** RFC 2195. */
function cramMd5({ user, password }: Credential): SaslClient {
  return {
    mechanism: 'CRAM-MD5',
    initial: undefined,
    answer: (challenge) =>
      Promise.resolve(Buffer.from(`${user} ${createHmac('md5', password).update(challenge).digest('hex')}`)),
  }
}

/** RFC 5802 and 7677, without channel binding; `nonce` is given by tests only. */
export function scram(
  mechanism: string,
  hash: 'sha256' | 'sha512',
  { user, password }: Credential,
  nonce: string = randomBytes(18).toString('base64'),
): SaslClient {
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
  let serverSignature: Buffer | undefined

  async function prove(first: string): Promise<Buffer> {
    const [, combined = '', salt = '', count = ''] = /^r=([^,]+),s=([^,]+),i=(\d{1,9})(?:,|$)/.exec(first) ?? []
    const rounds = Number(count)
    if (!combined.startsWith(nonce) || combined.length === nonce.length) throw new Error('its SCRAM challenge is wrong')
    if (rounds < 1 || rounds > mostRounds) throw new Error(`it asks for ${rounds} rounds of SCRAM`)
    const length = createHash(hash).digest().length
    const salted = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), rounds, length, hash)
    const clientKey = hmac(salted, 'Client Key')
    const storedKey = createHash(hash).update(clientKey).digest()
    const withoutProof = `c=biws,r=${combined}`
    const message = `${bare},${first},${withoutProof}`
    const signature = hmac(storedKey, message)
    serverSignature = hmac(hmac(salted, 'Server Key'), message)
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)
  }

  return {
    mechanism,
    initial: Buffer.from(`n,,${bare}`),
    async answer(challenge) {
      if (serverSignature === undefined) return await prove(challenge.toString())
      const claimed = Buffer.from(/^v=([^,]+)/.exec(challenge.toString())?.[1] ?? '', 'base64')
      if (claimed.length !== serverSignature.length || !timingSafeEqual(claimed, serverSignature))
        throw new Error('it could not prove that it knows the password')
      return Buffer.alloc(0)
    },
  }
}
