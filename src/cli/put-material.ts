import type { Entity } from './api/entity.ts'
import { entity } from './api/odata-address.ts'
import { promptSecret } from './prompt-secret.ts'
import type { Session } from './session.ts'

/**
 * Creates or changes a security material with one secret, which is asked for once it is known that the server is
 * there. What is not given is left as it is.
 */
export async function putMaterial(
  { api, input, err }: Session,
  given: {
    readonly set: string
    readonly name: string
    readonly properties: Readonly<Record<string, unknown>>
    readonly secret: { readonly property: string; readonly words: string }
    /** Asks for the secret also where there is one; otherwise it is kept. */
    readonly ask?: (before: Entity | undefined) => boolean
  },
): Promise<'created' | 'changed'> {
  const { set, name, properties, secret, ask = () => true } = given
  const address = `${set}${entity`(${name})`}`
  const before = await api().find(address)
  const typed = ask(before) ? { [secret.property]: await promptSecret(secret.words, input, err) } : {}
  const body = { Name: name, ...properties, ...typed }
  if (before === undefined) await api().write('POST', set, body)
  else await api().write('PUT', address, body)
  return before === undefined ? 'created' : 'changed'
}

/** The properties that are given: an empty flag says nothing. */
export const givenOnly = (properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== ''))
