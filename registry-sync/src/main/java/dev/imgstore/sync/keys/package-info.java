/**
 * Keys that say whose word something is: Ed25519 (RFC 8032), as text that people can carry. Where
 * they are kept is not known here, nor what is signed with them.
 */
@NullMarked
package dev.imgstore.sync.keys;

import org.jspecify.annotations.NullMarked;
