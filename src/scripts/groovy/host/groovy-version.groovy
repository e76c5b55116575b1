package sluice.host

/** Which Groovy runs, and where its classes are that changed their package. */
class GroovyVersion {
  /** Groovy 2.4, not 3 or later. */
  static final boolean OLD = GroovySystem.version.startsWith('2.')
  /** Names of Groovy 2.4 by those of Groovy 4; a name that ends with a dot stands for all names that begin with it. */
  private static final Map<String, String> MOVED = [
    'groovy.xml.XmlSlurper': 'groovy.util.XmlSlurper',
    'groovy.xml.XmlParser': 'groovy.util.XmlParser',
    'groovy.xml.XmlNodePrinter': 'groovy.util.XmlNodePrinter',
    'groovy.xml.slurpersupport.': 'groovy.util.slurpersupport.',
    'groovy.namespace.QName': 'groovy.xml.QName',
  ]

  /** The name that a class has in this Groovy; null when it is the same. */
  static String nameHere(String name) {
    for (Map.Entry<String, String> entry : MOVED.entrySet()) {
      String from = OLD ? entry.key : entry.value
      String to = OLD ? entry.value : entry.key
      if (name == from || from.endsWith('.') && name.startsWith(from)) return to + name.substring(from.length())
    }
    null
  }

  /** By its name in Groovy 4. */
  static Class classOf(String name) { Class.forName(nameHere(name) ?: name) }
}
