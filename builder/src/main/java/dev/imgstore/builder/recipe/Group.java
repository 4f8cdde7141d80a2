package dev.imgstore.builder.recipe;

/** A group of the image. */
public record Group(String name, int gid) {}
