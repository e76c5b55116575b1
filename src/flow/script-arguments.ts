/** The arguments of a call, as they are written; a call that is not closed within reach has one that says nothing. */
export function argumentsAt(code: string, begin: number): readonly string[] {
  const given: string[] = ['']
  let depth = 0
  let quote = ''
  for (const character of code.slice(begin, begin + 2_000)) {
    if (quote === '' && character === ')' && depth === 0) return given
    if (quote === '' && character === ',' && depth === 0) {
      given.push('')
      continue
    }
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === "'" || character === '"') quote = character
    else depth += '([{'.includes(character) ? 1 : ')]}'.includes(character) ? -1 : 0
    given[given.length - 1] += character
  }
  return ['...']
}
