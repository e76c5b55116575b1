const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** Text for an XML attribute or element; characters that XML 1.0 cannot hold become U+FFFD. */
export const xmlText = (value: string): string =>
  value
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    )
    .replace(/[&<>"\r\n\t]/g, (sign) => escapes[sign] ?? sign)

export const xmlDeclaration = "<?xml version='1.0' encoding='utf-8'?>"
