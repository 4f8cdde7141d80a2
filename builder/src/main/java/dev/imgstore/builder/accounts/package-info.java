/** Users and groups of an image: the four files under {@code /etc} that name them. */
@NullMarked
package dev.imgstore.builder.accounts;

import org.jspecify.annotations.NullMarked;
