package dev.imgstore.cli.walls;

import com.tngtech.archunit.lang.ArchRule;

/**
 * One rule of the house.
 *
 * @param sentence what it says
 * @param rule the rule over all classes
 * @param offender the full name of the planted class or package that breaks it
 */
record Wall(String sentence, ArchRule rule, String offender) {
  @Override
  public String toString() {
    return sentence;
  }
}
