/** Fakes, faults and generators for the tests of every module; published as a test jar. */
@NullMarked
package dev.imgstore.testkit;

import org.jspecify.annotations.NullMarked;
