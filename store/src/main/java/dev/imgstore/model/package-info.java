/**
 * Values and nothing else: digests, byte strings, trees, images, generations. No class here touches
 * a disk, a clock or a network, and only the JDK's language, collection, time and hash classes are
 * used. Text formats such as JSON live with their readers and writers, not here.
 */
@NullMarked
package dev.imgstore.model;

import org.jspecify.annotations.NullMarked;
