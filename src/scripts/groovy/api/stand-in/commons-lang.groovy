package org.apache.commons.lang

/** Escaping of text as scripts ask for it: XML, HTML with the basic entities, Java. */
class StringEscapeUtils {
  static String escapeXml(String text) {
    text?.replace('&', '&amp;')?.replace('<', '&lt;')?.replace('>', '&gt;')?.replace('"', '&quot;')?.replace("'", '&apos;')
  }

  static String escapeHtml(String text) {
    text?.replace('&', '&amp;')?.replace('<', '&lt;')?.replace('>', '&gt;')?.replace('"', '&quot;')
  }

  static String unescapeXml(String text) { unescape(text) }
  static String unescapeHtml(String text) { unescape(text) }

  private static String unescape(String text) {
    if (text == null) return null
    Map<String, String> named = [lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: '\u00a0']
    text.replaceAll(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w+));/) { List<String> found ->
      String name = found[3]
      if (name != null) return named.get(name) ?: found[0]
      int code = found[1] != null ? Integer.parseInt(found[1]) : Integer.parseInt(found[2], 16)
      Character.isValidCodePoint(code) ? new String(Character.toChars(code)) : found[0]
    }
  }

  static String escapeJava(String text) { groovy.json.StringEscapeUtils.escapeJava(text) }
  static String unescapeJava(String text) { groovy.json.StringEscapeUtils.unescapeJava(text) }
  static String escapeJavaScript(String text) { groovy.json.StringEscapeUtils.escapeJavaScript(text) }
  static String unescapeJavaScript(String text) { unescapeJava(text) }
}
