import { Agent, request } from 'undici'

import { connectionFault } from './connection-faults.ts'

export interface RuntimeCall {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array | undefined
  readonly ca: string | undefined
  /** PEM of a client certificate and its key. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
}

export interface RuntimeAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** Calls a flow as a sender would, once and without following redirects. @throws cli faults of the connection */
export async function callRuntime({
  url,
  method,
  headers,
  body,
  ca,
  certificate,
}: RuntimeCall): Promise<RuntimeAnswer> {
  const agent = new Agent({
    connect: { ...(ca !== undefined && { ca }), ...certificate },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    const sent = headers.flatMap(([name, value]) => [name, value])
    const answer = await request(url, { method, headers: sent, dispatcher: agent, ...(body && { body }) })
    const pairs = Object.entries(answer.headers).flatMap(([name, values]) =>
      [values ?? []].flat().map((value) => [name, value] as const),
    )
    return {
      status: answer.statusCode,
      statusText: answer.statusText,
      headers: pairs,
      body: Buffer.from(await answer.body.arrayBuffer()),
    }
  } catch (error) {
    throw connectionFault(error, url)
  } finally {
    await agent.close()
  }
}
