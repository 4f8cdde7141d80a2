/**
 * Doing by hand what packages' maintainer scripts would do, without running anything: users and
 * groups, certificates, alternatives, PAM, enabled units, and the plain file commands of the
 * scripts themselves, read by a small interpreter. What is not understood is listed.
 */
@NullMarked
package dev.imgstore.builder.setup;

import org.jspecify.annotations.NullMarked;
