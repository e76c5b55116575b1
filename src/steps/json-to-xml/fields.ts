import { fixed, flag, informative, text } from '../../fields/index.ts'

export const fields = {
  addXMLRootElement: flag({
    label: 'Add XML Root Element',
    help: 'Put an element of its own around the content.',
    default: true,
  }),
  additionalRootElementName: text({
    label: 'Root Element Name',
    help: 'Name of the element that is put around.',
    pattern: /^[\p{L}_][\p{L}\p{N}._-]*$/u,
    form: 'an XML name without a prefix',
    default: 'root',
  }),
  additionalRootElementNamespace: fixed({
    label: 'Root Element Namespace',
    help: 'A namespace of the root element is not supported.',
    accepts: [''],
  }),
  useNamespaces: informative({ label: 'Use Namespace Mapping', help: 'Has no effect without a mapping.' }),
  jsonNamespaceMapping: fixed({ label: 'Namespace Mapping', help: 'A mapping is not supported.', accepts: ['', '[]'] }),
  jsonNamespaceSeparator: informative({ label: 'Prefix Separator', help: 'Has no effect without a mapping.' }),
}
