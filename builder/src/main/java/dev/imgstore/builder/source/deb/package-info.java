/**
 * One Debian package file (deb(5)) into trees of the store: its files and its control files. What
 * several packages mean together is the business of the dpkg room.
 */
@NullMarked
package dev.imgstore.builder.source.deb;

import org.jspecify.annotations.NullMarked;
