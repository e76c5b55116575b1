import type { Place } from '../base/index.ts'
import type { Bundle, Channel, Element, FlowModel, Process, Properties, SequenceFlow } from './model.ts'
import { modernModifier } from './old-modifier.ts'
import { channelFacts, elementFacts } from './parse-model.ts'
import { type Problem, problemOf } from './problem.ts'
import { createSubstitution, type Substitution } from './resolve-parameters.ts'

export interface ResolvedModel {
  /** Every value final: parameters replaced, tables as JSON text of their rows (`fields/kinds/table`). */
  readonly model: FlowModel
  /** One for each place where a parameter without a value stands. */
  readonly unknownParameters: readonly Problem[]
}

/**
 * The model of an integration flow with its parameters replaced by the values of the bundle, or by `overrides`, which
 * have the form of `parameters.prop`. Throws when the bundle is no integration flow.
 */
export function resolveModel(bundle: Bundle, overrides: Readonly<Record<string, string>> = {}): ResolvedModel {
  const { model } = bundle
  if (model === undefined) throw new Error(`${bundle.id} is no integration flow`)
  const substitution = createSubstitution(
    new Map([...bundle.parameters.map(({ name, value }) => [name, value] as const), ...Object.entries(overrides)]),
  )
  const resolve = createResolver(substitution, model.file)
  return {
    model: {
      file: model.file,
      properties: resolve.properties(model.properties, { file: model.file }),
      participants: model.participants.map((participant) => ({
        ...participant,
        properties: resolve.properties(participant.properties, { file: model.file, element: participant.id }),
      })),
      channels: model.channels.map(resolve.channel),
      processes: model.processes.map(resolve.process),
    },
    unknownParameters: substitution.unknown.map(problemOf),
  }
}

function createResolver(substitution: Substitution, file: string) {
  const placeOf = ({ id, line }: { readonly id: string; readonly line: number | undefined }): Place => ({
    file,
    element: id,
    ...(line !== undefined && { line }),
  })

  const properties = (given: Properties, place: Place): Properties =>
    new Map([...given].map(([key, text]) => [key, substitution.property(key, text, { ...place, property: key })]))

  const channel = (given: Channel): Channel => {
    const resolved = properties(given.properties, placeOf(given))
    return { ...given, ...channelFacts(resolved, given.direction), properties: resolved }
  }

  const element = (given: Element): Element => {
    const place = placeOf(given)
    const resolved = properties(given.properties, place)
    const facts = elementFacts(resolved)
    return {
      ...given,
      ...facts,
      properties: facts.activity === 'Enricher' ? modernModifier(resolved) : resolved,
      loop: given.loop && {
        maximum: substitution.text(given.loop.maximum, { ...place, property: 'loopMaximum' }),
        condition: substitution.text(given.loop.condition, { ...place, property: 'loopCondition' }),
      },
    }
  }

  const sequenceFlow = (given: SequenceFlow): SequenceFlow => {
    const place = placeOf(given)
    return {
      ...given,
      condition: given.condition && substitution.text(given.condition, { ...place, property: 'conditionExpression' }),
      expressionType: substitution.text(given.expressionType, { ...place, property: 'expressionType' }),
    }
  }

  const process = (given: Process): Process => ({
    ...given,
    properties: properties(given.properties, placeOf(given)),
    elements: given.elements.map(element),
    sequenceFlows: given.sequenceFlows.map(sequenceFlow),
    exceptionSubprocess: given.exceptionSubprocess && process(given.exceptionSubprocess),
  })

  return { properties, channel, process }
}
