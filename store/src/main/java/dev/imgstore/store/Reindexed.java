package dev.imgstore.store;

/**
 * What was made anew from segments and journal.
 *
 * @param segments covered by the index of blobs
 * @param blobs entries of that index
 * @param unread segments that could not be read, which verify names
 * @param profiles whose state was written
 */
public record Reindexed(int segments, long blobs, int unread, int profiles) {}
