package sluice.host

/** Facts by their name, which nobody can change. */
class Facts extends AbstractMap<String, Object> {
  private final Map<String, Object> facts = new LinkedHashMap<>()

  /** Of the typed JSON of a map: a list of pairs. */
  Facts(Object pairs) {
    for (List<Object> pair : (List<List<Object>>) pairs) facts.put((String) pair.get(0), formOf(pair.get(1)))
  }

  private static Object formOf(Object json) {
    if (!(json instanceof List)) return json
    List<Object> typed = (List<Object>) json
    typed.get(0) == 'l' ? new FactList((List<Object>) typed.get(1)) : new Facts(typed.get(1))
  }

  @Override
  Set<Map.Entry<String, Object>> entrySet() { Collections.unmodifiableMap(facts).entrySet() }

  /** Names may be GStrings. */
  @Override
  Object get(Object name) { name == null ? null : facts.get(name.toString()) }

  @Override
  boolean containsKey(Object name) { name != null && facts.containsKey(name.toString()) }
}

class FactList extends AbstractList<Object> {
  private final List<Object> items

  FactList(List<Object> items) { this.items = items }

  @Override
  Object get(int index) { items.get(index) }

  @Override
  int size() { items.size() }
}

/** The caller, as the property `principal` of a message. Its text is its name, as in an expression. */
class PrincipalFacts extends Facts {
  private final String text

  PrincipalFacts(String text, Object pairs) {
    super(pairs)
    this.text = text
  }

  @Override
  String toString() { text }
}
