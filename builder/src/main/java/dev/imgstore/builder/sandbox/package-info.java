/**
 * Where foreign programs run: a user namespace with a whole range of ids, a private mount and a
 * file system in memory, and for each command a bubblewrap cell inside it, without network. The
 * only room that starts processes. Trees enter and leave as tar streams made inside the namespace,
 * so owners, modes and capabilities are those of the image whoever runs us.
 */
@NullMarked
package dev.imgstore.builder.sandbox;

import org.jspecify.annotations.NullMarked;
