package groovy.lang;

/**
 * Nothing of Groovy's. picocli asks for a class of this name at every start, and not to have it
 * means that every jar of the class path is opened to look: a fifteenth of a short command's time.
 */
public abstract class Closure {
  private Closure() {}
}
