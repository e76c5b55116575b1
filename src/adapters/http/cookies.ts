import type { FlowFacts, Run } from '../../flow/index.ts'

/** Cookies of one session: sent back only to the host that set them, whatever their Domain says. */
export interface Jar {
  /** Value of the Cookie header; undefined when there is nothing to send. */
  readonly cookieFor: (origin: string, path: string, now: number) => string | undefined
  readonly store: (origin: string, path: string, setCookie: string | readonly string[] | undefined, now: number) => void
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly origin: string
  readonly path: string
  readonly expires: number
}

/** More than any receiver needs; what comes after is not kept. */
const most = 100

export function createJar(): Jar {
  const cookies = new Map<string, Cookie>()
  return {
    cookieFor(origin, path, now) {
      const sent: string[] = []
      for (const [key, cookie] of cookies) {
        if (cookie.expires <= now) cookies.delete(key)
        else if (cookie.origin === origin && covers(cookie.path, path)) sent.push(`${cookie.name}=${cookie.value}`)
      }
      return sent.length === 0 ? undefined : sent.join('; ')
    },
    store(origin, path, setCookie, now) {
      if (setCookie === undefined) return
      for (const line of typeof setCookie === 'string' ? [setCookie] : setCookie) {
        const cookie = readCookie(line, origin, path, now)
        if (cookie === undefined) continue
        const key = `${cookie.origin} ${cookie.path} ${cookie.name}`
        if (cookie.expires <= now) cookies.delete(key)
        else if (cookies.has(key) || cookies.size < most) cookies.set(key, cookie)
      }
    },
  }
}

const covers = (cookiePath: string, path: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)

/** Reads one Set-Cookie line (RFC 6265, 5.2); undefined when it is no cookie, or asks for HTTPS over HTTP. */
function readCookie(line: string, origin: string, path: string, now: number): Cookie | undefined {
  const [pair = '', ...attributes] = line.split(';')
  const equals = pair.indexOf('=')
  const name = pair.slice(0, equals).trim()
  if (equals < 1 || name === '') return undefined
  const given = new Map(attributes.map((attribute) => splitAttribute(attribute)))
  if (given.has('secure') && !origin.startsWith('https:')) return undefined
  const asked = given.get('path') ?? ''
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    origin,
    path: asked.startsWith('/') ? asked : path.slice(0, Math.max(path.lastIndexOf('/'), 1)),
    expires: expiryOf(given, now),
  }
}

function splitAttribute(attribute: string): [string, string] {
  const equals = attribute.indexOf('=')
  if (equals < 0) return [attribute.trim().toLowerCase(), '']
  return [attribute.slice(0, equals).trim().toLowerCase(), attribute.slice(equals + 1).trim()]
}

function expiryOf(given: ReadonlyMap<string, string>, now: number): number {
  const maxAge = given.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1_000
  const expires = Date.parse(given.get('expires') ?? '')
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires
}

/** Jars by whom the receiver takes the caller for: the session of one user is never another's. */
type Jars = Map<string, Jar>

/** Users of one flow whose sessions are kept; that of the one who came first ends. */
const mostJars = 1_000
const ofMessages = new Map<string, Jars>()
const ofFlows = new WeakMap<FlowFacts, Jars>()

/** The cookies a call takes part in, by the flow's HTTP session reuse (iflow-format 4.1); undefined for None. */
export function jarOf(flow: FlowFacts, run: Run, identity: string): Jar | undefined {
  if (flow.sessionHandling === 'None') return undefined
  const jars = flow.sessionHandling === 'onIntegrationFlow' ? jarsOfFlow(flow) : jarsOfMessage(run)
  const known = jars.get(identity)
  if (known !== undefined) return known
  const jar = createJar()
  jars.set(identity, jar)
  if (jars.size > mostJars) jars.delete(jars.keys().next().value ?? '')
  return jar
}

function jarsOfFlow(flow: FlowFacts): Jars {
  const jars = ofFlows.get(flow) ?? new Map<string, Jar>()
  ofFlows.set(flow, jars)
  return jars
}

function jarsOfMessage(run: Run): Jars {
  const known = ofMessages.get(run.messageId)
  if (known !== undefined) return known
  const jars: Jars = new Map()
  ofMessages.set(run.messageId, jars)
  run.defer(() => void ofMessages.delete(run.messageId))
  return jars
}
