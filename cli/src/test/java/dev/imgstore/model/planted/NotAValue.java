package dev.imgstore.model.planted;

import java.io.InputStream;

/** A value that holds a stream. */
record NotAValue(InputStream stream) {}
