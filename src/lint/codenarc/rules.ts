import { rulesOfCare } from './rules-of-care.ts'
import { rulesOfLogic } from './rules-of-logic.ts'

/** The chosen rules by CodeNarc's names; docs/decisions/0027-codenarc.md says why not others. */
export const codeNarcRules = { ...rulesOfLogic, ...rulesOfCare }

export type CodeNarcRuleName = keyof typeof codeNarcRules
export type CodeNarcCode = `codenarc.${CodeNarcRuleName}`

export const codeNarcNames = Object.keys(codeNarcRules) as readonly CodeNarcRuleName[]

export const codeNarcCode = (name: CodeNarcRuleName): CodeNarcCode => `codenarc.${name}`

/** Whether what CodeNarc said is one of the rules that it was asked for. */
export const isCodeNarcName = (name: string): name is CodeNarcRuleName => Object.hasOwn(codeNarcRules, name)
