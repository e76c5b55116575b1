package com.sap.it.scripts.system

/** What scripts may know of where they run. */
class Properties {
  private static final Set<String> KNOWN = ['java.version', 'java.specification.version', 'file.separator', 'line.separator',
    'file.encoding', 'user.timezone', 'os.name'] as Set<String>

  /** Null where nothing of the name is for scripts. */
  static String get(String name) { KNOWN.contains(name) ? System.getProperty(name) : null }
  static String get(String name, String otherwise) { get(name) ?: otherwise }

  /** `Properties.getProperty(name)`: a method of this name is Groovy's own, and cannot be declared. */
  static Object $static_methodMissing(String name, Object given) {
    Object[] arguments = (Object[]) given
    if (name != 'getProperty') throw new MissingMethodException(name, Properties, arguments, true)
    get(String.valueOf(arguments[0])) ?: arguments.length > 1 ? String.valueOf(arguments[1]) : null
  }
}
