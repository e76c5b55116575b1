import { script, text } from '../../fields/index.ts'

export const fields = {
  script: script({
    label: 'Script File',
    help: 'Name of the file below src/main/resources/script, or in the collection.',
  }),
  scriptFunction: text({
    label: 'Script Function',
    help: 'Function that gets the message; empty means processData.',
    default: '',
  }),
  scriptBundleId: text({
    label: 'Script Collection',
    help: 'Id of the script collection that holds the file; empty means the flow itself.',
    default: '',
  }),
}
