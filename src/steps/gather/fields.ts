import { choice, fixed, text } from '../../fields/index.ts'

export const fields = {
  messageType: choice({
    label: 'Incoming Format',
    help: 'What the parts are.',
    options: {
      SameXMLFormat: 'XML (Same Format)',
      DiffXMLFormat: 'XML (Different Format)',
      PlainText: 'Plain Text',
    },
    default: 'SameXMLFormat',
  }),
  aggregationAlgorithm: choice({
    label: 'Aggregation Algorithm',
    help: 'How the parts become one message.',
    options: {
      'sap-identical-multi-mapping': 'Combine',
      'sap-pi-multi-mapping': 'Combine (Different Formats)',
      'xpath-merge-strategy': 'Combine at XPath',
      'concatenate-strategy': 'Concatenate',
    },
    unsupported: ['zip-strategy', 'tar-strategy'],
  }),
  sourceXPath: text({
    label: 'Combine from Source (XPath)',
    help: 'For Combine at XPath: what is taken from each part; empty takes the root element.',
    default: '',
  }),
  targetXPath: text({
    label: 'Combine at Target (XPath)',
    help: 'For Combine at XPath: the element of the first part it is put into; empty means the root element.',
    default: '',
  }),
  gatherFileNames: fixed({
    label: 'File Names',
    help: 'Names in an archive; archives are not supported.',
    accepts: [''],
  }),
}
