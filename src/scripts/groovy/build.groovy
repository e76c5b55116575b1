// Compiles the host into a jar. Run by Groovy itself with `<jar> <source>...`, so that no Java compiler is needed.
import groovy.transform.CompileStatic
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.Phases
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer

import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream

def configuration = new CompilerConfiguration(sourceEncoding: 'UTF-8')
configuration.addCompilationCustomizers(new ASTTransformationCustomizer(CompileStatic))
def unit = new CompilationUnit(configuration)
args.drop(1).each { unit.addSource(new File(it)) }
// Classes are kept in memory and written once, so that a jar is whole or not there.
unit.compile(Phases.CLASS_GENERATION)
new ZipOutputStream(new FileOutputStream(args[0])).withCloseable { jar ->
  unit.classes.sort { it.name }.each {
    // Always the same time, so that the same classes make the same jar.
    def entry = new ZipEntry(it.name.replace('.', '/') + '.class')
    entry.time = 0
    jar.putNextEntry(entry)
    jar.write(it.bytes)
  }
}
