import { type CalledKind, type Capability, type CapabilityKind, partnersName, valueMappingName } from './capability.ts'
import { anyAlias } from './grants.ts'
import type { Bundle } from './model.ts'
import { isScript, withoutComments } from './script-aliases.ts'
import { argumentsAt } from './script-arguments.ts'
import { scriptHosts } from './script-hosts.ts'

interface Call {
  readonly kind: CalledKind
  /** The method, called or named: one that is handed around may be called with anything. */
  readonly pattern: RegExp
  /** The name, of the arguments that are literals; undefined stands for one that is not. */
  readonly nameOf: (given: readonly (string | undefined)[]) => string | undefined
}

const calls: readonly Call[] = [
  {
    kind: 'valueMapping',
    pattern: /\bgetMappedValue\b(\s*\()?/g,
    nameOf: ([agency, schema, , targetAgency, targetSchema]) =>
      agency === undefined || schema === undefined || targetAgency === undefined || targetSchema === undefined
        ? undefined
        : valueMappingName({ agency, schema }, { agency: targetAgency, schema: targetSchema }),
  },
  {
    kind: 'numberRange',
    pattern: /\bgetNextValue(?:f|F)?(?:rom)?\w*\b(\s*\()?/g,
    nameOf: ([name]) => name,
  },
  { kind: 'partnerDirectory', pattern: /\bgetParameter\b(\s*\()?/g, nameOf: ([name]) => name },
  {
    kind: 'partnerDirectory',
    pattern: /\bget(?:PartnerId\w*|Alternative(?:PartnerId|Partners?)\w*|AuthorizedUsers?\w*)\b/g,
    nameOf: () => partnersName,
  },
]

const literal = /^\s*(?:'((?:[^'\\\n$]|\\.)*)'|"((?:[^"\\\n$]|\\.)*)")\s*$/

/** What the scripts of a bundle name beside credentials and keys, found without running them. */
export function scriptCapabilities(bundle: Bundle, flowId: string): readonly Capability[] {
  const scripts = [...bundle.files]
    .filter(([path]) => isScript.test(path))
    .map(([path, content]) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const file = bundle.id === flowId ? name : `${bundle.id}/${name}`
      return { file, code: withoutComments(content.toString('utf8')) }
    })
  // Other objects have a getParameter, too; a script may be handed the service by another of its bundle.
  const asksPartners = scripts.some(({ code }) => /partnerDirectory/i.test(code))
  return scripts.flatMap(({ code, file }) => capabilitiesIn(code, file, asksPartners))
}

function capabilitiesIn(code: string, file: string, asksPartners: boolean): readonly Capability[] {
  const at = (index: number): string => `${file}:${code.slice(0, index).split('\n').length}`
  const one = (kind: CapabilityKind, name: string | undefined, index: number): Capability => ({
    kind,
    name: name ?? anyAlias,
    basis: 'script',
    where: at(index),
  })
  return [
    ...calls
      .filter(({ kind }) => kind !== 'partnerDirectory' || asksPartners)
      .flatMap(({ kind, pattern, nameOf }) =>
        [...code.matchAll(pattern)].map(({ index, 0: words, 1: opened }) =>
          one(kind, nameOf(opened === undefined ? [] : argumentsAt(code, index + words.length).map(textOf)), index),
        ),
      ),
    ...scriptHosts(code).map(({ name, index }) => one('host', name, index)),
  ]
}

const textOf = (given: string): string | undefined => {
  const [whole, single, double] = literal.exec(given) ?? []
  return whole === undefined ? undefined : (single ?? double ?? '').replace(/\\(.)/g, '$1')
}
