/**
 * Steps: a command in a sandbox that makes trees of trees. Here is what a step is keyed by, when it
 * runs, what is kept of it and why it would run again; how a process is confined is the sandbox's,
 * and where its root and inputs come from is said by whoever builds.
 */
@NullMarked
package dev.imgstore.builder.steps;

import org.jspecify.annotations.NullMarked;
