package sluice.host

import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.control.ClassNodeResolver
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.SourceUnit

import java.security.CodeSource
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

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
  private static final AtomicInteger count = new AtomicInteger()
  private final Map<String, String> sources
  private final Map<String, Class> compiled = new ConcurrentHashMap<>()
  private final FolderLoader loader

  Folder(Map<String, String> sources) {
    this.sources = sources
    CompilerConfiguration configuration = new CompilerConfiguration(sourceEncoding: 'UTF-8')
    loader = new FolderLoader(Folder.classLoader, configuration, new Resolver(this))
  }

  Class script(String file, String function) {
    Class type = compiled.get(file)
    if (type == null) {
      synchronized (this) {
        type = compiled.get(file)
        if (type == null) compiled.put(file, type = compile(file))
      }
    }
    for (java.lang.reflect.Method method : type.methods) {
      if (method.name == function && method.parameterCount == 1) return type
    }
    throw new ScriptProblem('functionMissing', function)
  }

  private Class compile(String file) {
    String source = sources.get(file)
    if (source == null) throw new ScriptProblem('fileMissing', file)
    // A name of its own: a script may hold a class that is called as its file.
    String name = "SluiceScript${count.incrementAndGet()}.groovy"
    GroovyCodeSource code = new GroovyCodeSource(source, name, '/sluice/scripts')
    code.cachable = false
    loader.parseClass(code)
  }

  /** The source of a class of the folder's package; null where there is none. */
  String sourceOfClass(String name) {
    if (!name.startsWith(PACKAGE)) return null
    String simple = name.substring(PACKAGE.length())
    String source = sources.get(simple + '.groovy')
    source == null ? sources.get(simple + '.gsh') : source
  }

  Class loadedClass(String name) { loader.loaded(name) }
}

class FolderLoader extends GroovyClassLoader {
  private final ClassNodeResolver resolver

  FolderLoader(ClassLoader parent, CompilerConfiguration configuration, ClassNodeResolver resolver) {
    super(parent, configuration)
    this.resolver = resolver
    shouldRecompile = false
  }

  @Override
  protected CompilationUnit createCompilationUnit(CompilerConfiguration configuration, CodeSource source) {
    CompilationUnit unit = super.createCompilationUnit(configuration, source)
    unit.classNodeResolver = resolver
    unit
  }

  Class loaded(String name) { getClassCacheEntry(name) }
}

/** Finds classes by the names they had in Groovy 2.4, and those of the script folder. */
class Resolver extends ClassNodeResolver {
  private static final Map<String, String> MOVED = [
    'groovy.util.XmlSlurper': 'groovy.xml.XmlSlurper',
    'groovy.util.XmlParser': 'groovy.xml.XmlParser',
    'groovy.util.XmlNodePrinter': 'groovy.xml.XmlNodePrinter',
    'groovy.util.XmlUtil': 'groovy.xml.XmlUtil',
    'groovy.xml.QName': 'groovy.namespace.QName',
  ]
  private static final String OLD_SLURPER = 'groovy.util.slurpersupport.'
  private final Folder folder

  Resolver(Folder folder) {
    this.folder = folder
  }

  @Override
  ClassNodeResolver.LookupResult findClassNode(String name, CompilationUnit unit) {
    String moved = MOVED.get(name)
    if (moved == null && name.startsWith(OLD_SLURPER)) moved = 'groovy.xml.slurpersupport.' + name.substring(OLD_SLURPER.length())
    if (moved != null) return super.findClassNode(moved, unit)
    String source = folder.sourceOfClass(name)
    if (source == null) return super.findClassNode(name, unit)
    Class loaded = folder.loadedClass(name)
    if (loaded != null) return new ClassNodeResolver.LookupResult(null, ClassHelper.make(loaded))
    SourceUnit added = unit.addSource(name.substring(name.lastIndexOf('.') + 1) + '.groovy', source)
    new ClassNodeResolver.LookupResult(added, null)
  }
}
