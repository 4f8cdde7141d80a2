/**
 * Maven artifacts: what a list of them means with all they depend on, through Maven Resolver and
 * the machine's Maven settings, and the repository or class path that is made of what was locked.
 */
@NullMarked
package dev.imgstore.builder.source.maven;

import org.jspecify.annotations.NullMarked;
