package dev.imgstore.builder.spec;

/**
 * Something to say about a place of a file.
 *
 * @param line from 1
 * @param column from 1, in characters
 */
public record Note(int line, int column, String text) {}
