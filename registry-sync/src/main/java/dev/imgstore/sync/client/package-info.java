/**
 * The client side of the wire: one repository of a registry over HTTP, with credentials, retries
 * and bounds on all that a registry may do to us. What is pushed and why is not known here.
 */
@NullMarked
package dev.imgstore.sync.client;

import org.jspecify.annotations.NullMarked;
