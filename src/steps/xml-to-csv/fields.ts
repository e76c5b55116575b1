import { choice, fixed, flag, text } from '../../fields/index.ts'

export const fields = {
  XPath_Field_Location: text({
    label: 'Path to Source Element in XSD',
    help: 'Path of the element that becomes a line, such as /root/row.',
  }),
  Field_Separator_in_CSV: text({
    label: 'Field Separator',
    help: 'Stands between the fields.',
    default: ',',
    maxLength: 10,
  }),
  Include_Header: flag({
    label: 'Include Field Name as Headers',
    help: 'Begin with a line of element names.',
    default: false,
  }),
  CSV_Header: choice({
    label: 'Column Names',
    help: 'Newer versions: whether a line of element names comes first.',
    options: { none: 'None', XML: 'From XML' },
    default: 'none',
    unsupported: ['XSD', 'xsd', 'XMLSchema'],
  }),
  Include_Master: fixed({
    label: 'Include Parent Element',
    help: 'Fields of the parent are not supported.',
    accepts: ['false', '0', ''],
  }),
  Master_XPath_Field_Location: fixed({
    label: 'Path of Parent Element',
    help: 'Fields of the parent are not supported.',
    accepts: [''],
  }),
  Include_Attribute: fixed({
    label: 'Include Attribute Values',
    help: 'Attributes are not supported.',
    accepts: ['false', '0', ''],
  }),
  XML_Schema_File_Path: fixed({
    label: 'XML Schema',
    help: 'Column names from a schema are not supported.',
    accepts: [''],
  }),
}
