/** What picocli looks for; see {@link groovy.lang.Closure}. */
@NullMarked
package groovy.lang;

import org.jspecify.annotations.NullMarked;
