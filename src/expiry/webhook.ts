import { createHmac } from 'node:crypto'
import { request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'

import { type Clock, wordsOf } from '../base/index.ts'
import type { AlertChannel } from './alerts.ts'
import type { CalendarEntry } from './contracts.ts'
import { faults } from './faults.ts'

const patience = 10_000

/**
 * Alerts by POST to an https address: `{alerts: [...]}`. `x-sluice-signature` is the HMAC-SHA-256 under `key` of the
 * time in `x-sluice-timestamp` (seconds since 1970), a dot and the body, so that the receiver knows who speaks. An
 * answer other than 2xx is tried again after the `pauses` (milliseconds); redirects are not followed.
 * @throws expiry.webhookRefused when the last attempt failed
 */
export function webhookChannel(given: {
  readonly url: URL
  readonly key: Uint8Array
  readonly clock: Clock
  readonly pauses?: readonly number[]
  /** Certificates in PEM that the server is trusted by, besides the public ones. */
  readonly ca?: string
}): AlertChannel {
  const { url, key, clock, pauses = [1_000, 5_000, 30_000], ca } = given
  if (url.protocol !== 'https:') throw new RangeError('a webhook has an https address')

  async function deliver(entries: readonly CalendarEntry[]): Promise<void> {
    const body = JSON.stringify({ alerts: entries.map(alertOf) })
    for (let attempt = 0; ; attempt++) {
      try {
        const status = await post(body)
        if (status >= 200 && status < 300) return
        throw faults.webhookRefused({ why: `it answered ${status}` })
      } catch (thrown) {
        const pause = pauses[attempt]
        if (pause === undefined) throw faults.webhookRefused({ why: wordsOf(thrown) }, { cause: thrown })
        await delay(pause)
      }
    }
  }

  function post(body: string): Promise<number> {
    const timestamp = String(Math.floor(clock.now() / 1000))
    const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-sluice-timestamp': timestamp,
          'x-sluice-signature': `sha256=${signature}`,
        },
        signal: AbortSignal.timeout(patience),
        ...(ca !== undefined && { ca }),
      })
      sent.once('error', reject)
      sent.once('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      sent.end(body)
    })
  }

  return { name: 'webhook', deliver }
}

const alertOf = ({ kind, id, name, until, daysLeft, state, where, renewable }: CalendarEntry) => ({
  kind,
  id,
  name,
  until: new Date(until).toISOString(),
  daysLeft,
  state,
  where,
  renewable,
})
