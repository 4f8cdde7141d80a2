/**
 * The registry we are: an OCI distribution server (distribution-spec 1.1) over a store. Reads
 * profiles at each request, sends stored bytes, and takes pushes where it is told to. Opens no file
 * and starts no process; who may do what, and all bounds, are handed in.
 */
@NullMarked
package dev.imgstore.sync.serve;

import org.jspecify.annotations.NullMarked;
