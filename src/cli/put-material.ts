import type { Entity } from './api/entity.ts'
import { entity } from './api/odata-address.ts'
import { promptSecrets } from './prompt-secret.ts'
import type { Session } from './session.ts'

/**
 * Creates or changes a security material with its secrets, which are asked for once it is known that the server is
 * there. What is not given is left as it is.
 */
export async function putMaterial(
  { api, input, err }: Session,
  given: {
    readonly set: string
    readonly name: string
    readonly properties: Readonly<Record<string, unknown>>
    /** In the order in which they are asked for. */
    readonly secrets: readonly { readonly property: string; readonly words: string }[]
    /** Asks for the secrets also where there are some; otherwise they are kept. */
    readonly ask?: (before: Entity | undefined) => boolean
  },
): Promise<'created' | 'changed'> {
  const { set, name, properties, secrets, ask = () => true } = given
  const address = `${set}${entity`(${name})`}`
  const before = await api().find(address)
  const words = ask(before) ? secrets.map((each) => each.words) : []
  const typed = words.length === 0 ? [] : await promptSecrets(words, input, err)
  const entered = Object.fromEntries(typed.map((secret, index) => [secrets[index]?.property ?? '', secret]))
  const body = { Name: name, ...properties, ...entered }
  if (before === undefined) await api().write('POST', set, body)
  else await api().write('PUT', address, body)
  return before === undefined ? 'created' : 'changed'
}

/** The properties that are given: an empty flag says nothing. */
export const givenOnly = (properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== ''))
