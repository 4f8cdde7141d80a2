/**
 * The tree of a commit of a local clone, read object by object from git and checked against the
 * commit's own hash, so that neither configuration nor attributes of anybody can change it.
 */
@NullMarked
package dev.imgstore.builder.source.git;

import org.jspecify.annotations.NullMarked;
