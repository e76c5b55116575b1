package sluice.host

import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.control.ClassNodeResolver
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.SourceUnit

import java.security.CodeSource
import java.util.concurrent.ConcurrentHashMap

/** A script that was asked for and cannot be run: `kind` is the name of the fault in the tenant process. */
class ScriptProblem extends RuntimeException {
  final String kind

  ScriptProblem(String kind, String message) {
    super(message)
    this.kind = kind
  }
}

/** The scripts of one bundle: compiled one by one when first asked for, seeing each other as a package. */
class Folder {
  private static final String PACKAGE = 'src.main.resources.script.'
  private final Map<String, String> sources = [:]
  private final Map<String, byte[]> jars = [:]
  private final Map<String, Class> compiled = new ConcurrentHashMap<>()
  /** Classes of scripts that were compiled before, by script and name. */
  private final Map<String, Map<String, byte[]>> given = [:]
  private FolderLoader loader

  Folder(Frame frame) {
    for (List<Object> file : filesOf(frame, 'files')) sources.put((String) file.get(0), frame.text((Integer) file.get(1)))
    for (List<Object> jar : filesOf(frame, 'jars')) jars.put((String) jar.get(0), frame.part((Integer) jar.get(1)))
    // A class: its script, its name, its bytes.
    for (List<Object> type : filesOf(frame, 'classes')) {
      String file = (String) type.get(0)
      Map<String, byte[]> classes = given.get(file)
      if (classes == null) given.put(file, classes = new LinkedHashMap<String, byte[]>())
      classes.put((String) type.get(1), frame.part((Integer) type.get(2)))
    }
  }

  private static List<List<Object>> filesOf(Frame frame, String key) {
    List<List<Object>> files = (List<List<Object>>) frame.header.get(key)
    files == null ? Collections.<List<Object>> emptyList() : files
  }

  Class script(String file, String function) {
    Class type = compiled.get(file)
    if (type == null) {
      synchronized (this) {
        type = compiled.get(file)
        if (type == null) compiled.put(file, type = make(file))
      }
    }
    for (java.lang.reflect.Method method : type.methods) {
      if (method.name == function && method.parameterCount == 1) return type
    }
    throw new ScriptProblem('functionMissing', function)
  }

  private Class make(String file) {
    String source = sources.get(file)
    if (source == null) throw new ScriptProblem('fileMissing', file)
    if (loader == null) loader = createLoader()
    Map<String, byte[]> classes = given.get(file)
    if (classes != null) return new CompiledLoader(classes, loader).loadClass(classes.keySet().iterator().next())
    // A name of its own: a script may hold a class that is called as its file.
    GroovyCodeSource code = new GroovyCodeSource(source, nameOf(file) + '.groovy', '/sluice/scripts')
    code.cachable = false
    loader.parseClass(code)
  }

  /** The same for the same scripts, so that classes can be kept. */
  private String nameOf(String file) { 'SluiceScript' + new ArrayList<String>(sources.keySet()).indexOf(file) }

  private FolderLoader createLoader() {
    ClassLoader parent = Folder.classLoader
    if (!jars.isEmpty()) parent = new JarLoader(jars, parent)
    Map<String, byte[]> shared = [:]
    for (Map<String, byte[]> classes : given.values()) {
      for (Map.Entry<String, byte[]> entry : classes.entrySet()) if (isShared(entry.key)) shared.put(entry.key, entry.value)
    }
    new FolderLoader(parent, new CompilerConfiguration(sourceEncoding: 'UTF-8'), new Resolver(this), shared)
  }

  /** Classes that several scripts of the folder import: each of them is there once. */
  static boolean isShared(String name) { name.startsWith(PACKAGE) }

  /** The classes that the script was compiled to now, the script's own first; none when they were given. */
  void encodeClasses(String file, Map<String, Object> answer, List<byte[]> parts) {
    Map<String, byte[]> made = loader?.takeMade()
    if (made == null || made.isEmpty() || given.containsKey(file)) return
    String own = nameOf(file)
    List<Object> classes = []
    List<String> names = new ArrayList<String>(made.keySet())
    Collections.sort(names) { String a, String b -> a == own ? -1 : b == own ? 1 : a <=> b }
    for (String name : names) classes.add([(Object) name, Values.addPart(parts, made.get(name))])
    if (names.get(0) == own) answer.put('classes', classes)
  }

  /** The source of a class of the folder's package; null where there is none. */
  String sourceOfClass(String name) {
    if (!isShared(name)) return null
    String simple = name.substring(PACKAGE.length())
    String source = sources.get(simple + '.groovy')
    source == null ? sources.get(simple + '.gsh') : source
  }

  Class loadedClass(String name) { loader.loaded(name) }
}

/** Loads what Groovy compiled. */
class FolderLoader extends GroovyClassLoader {
  private final ClassNodeResolver resolver
  private final Map<String, byte[]> shared
  private Map<String, byte[]> made = new LinkedHashMap<>()

  FolderLoader(ClassLoader parent, CompilerConfiguration configuration, ClassNodeResolver resolver, Map<String, byte[]> shared) {
    super(parent, configuration)
    this.resolver = resolver
    this.shared = shared
    shouldRecompile = false
  }

  @Override
  protected CompilationUnit createCompilationUnit(CompilerConfiguration configuration, CodeSource source) {
    CompilationUnit unit = super.createCompilationUnit(configuration, source)
    unit.classNodeResolver = resolver
    unit
  }

  @Override
  protected Class<?> findClass(String name) {
    byte[] bytes = shared.get(name)
    if (bytes == null) throw new ClassNotFoundException(name)
    defineClass(name, bytes, 0, bytes.length)
  }

  @Override
  protected GroovyClassLoader.ClassCollector createCollector(CompilationUnit unit, SourceUnit source) {
    made = new LinkedHashMap<>()
    new Collector(new GroovyClassLoader.InnerLoader(this), unit, source, made)
  }

  /** The classes of the last compilation, once. */
  Map<String, byte[]> takeMade() {
    Map<String, byte[]> taken = made
    made = new LinkedHashMap<>()
    taken
  }

  Class loaded(String name) { shared.containsKey(name) ? loadClass(name) : getClassCacheEntry(name) }
}

/** Notes the classes of a compilation. */
class Collector extends GroovyClassLoader.ClassCollector {
  private final Map<String, byte[]> made

  Collector(GroovyClassLoader.InnerLoader loader, CompilationUnit unit, SourceUnit source, Map<String, byte[]> made) {
    super(loader, unit, source)
    this.made = made
  }

  @Override
  protected Class createClass(byte[] code, org.codehaus.groovy.ast.ClassNode node) {
    made.put(node.name, code)
    super.createClass(code, node)
  }
}

/** Loads the classes of one script that was compiled before; two scripts may have classes of the same name. */
class CompiledLoader extends ClassLoader {
  private final Map<String, byte[]> classes

  CompiledLoader(Map<String, byte[]> classes, ClassLoader parent) {
    super(parent)
    this.classes = classes
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) {
    byte[] bytes = Folder.isShared(name) ? null : classes.get(name)
    if (bytes == null) return super.loadClass(name, resolve)
    synchronized (getClassLoadingLock(name)) {
      findLoadedClass(name) ?: defineClass(name, bytes, 0, bytes.length)
    }
  }
}

/** Finds classes by the names they had in another Groovy, and those of the script folder. */
class Resolver extends ClassNodeResolver {
  private final Folder folder

  Resolver(Folder folder) {
    this.folder = folder
  }

  @Override
  ClassNodeResolver.LookupResult findClassNode(String name, CompilationUnit unit) {
    String here = GroovyVersion.nameHere(name)
    if (here != null) return super.findClassNode(here, unit)
    String source = folder.sourceOfClass(name)
    if (source == null) return super.findClassNode(name, unit)
    Class loaded = folder.loadedClass(name)
    if (loaded != null) return new ClassNodeResolver.LookupResult(null, ClassHelper.make(loaded))
    SourceUnit added = unit.addSource(name.substring(name.lastIndexOf('.') + 1) + '.groovy', source)
    new ClassNodeResolver.LookupResult(added, null)
  }
}
