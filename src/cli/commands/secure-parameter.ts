import { text } from '../../fields/index.ts'
import { declareCommand } from '../command.ts'
import { givenOnly, putMaterial } from '../put-material.ts'

export const secureParameterSet = declareCommand({
  name: 'secure-parameter set',
  summary: 'Creates or changes a secure parameter. The value comes from a prompt or standard input.',
  examples: [
    { line: 'secure-parameter set TOKEN', words: 'Asks for the value.' },
    { line: 'secure-parameter set TOKEN < token.txt', words: 'Takes the first line of a file.' },
  ],
  positionals: { name: text({ label: 'name', help: 'Name under which flows refer to it.', maxLength: 150 }) },
  flags: { description: text({ label: 'text', help: 'What it is for.', default: '', maxLength: 1024 }) },
  async run({ name, description }, session) {
    const done = await putMaterial(session, {
      set: 'SecureParameters',
      name,
      properties: givenOnly({ Description: description }),
      secrets: [{ property: 'SecureParam', words: 'Value' }],
    })
    session.output.result({ name, done }, `${done}  ${name}`)
  },
})
