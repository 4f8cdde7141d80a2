package dev.imgstore.store.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables, the same for both databases; {@code docs/design/08-catalog.md} says what each is for.
 * Portable: no type, clause or function that only one of them has.
 */
final class Schema {
  /** Of the tables. A catalog of another format is made anew. */
  static final int FORMAT = 2;

  static final List<String> TABLES =
      List.of(
          "head",
          "change",
          "profile",
          "turn",
          "generation",
          "part",
          "installed",
          "package",
          "entry",
          "tree");

  private static final List<String> MAKING =
      List.of(
          """
          CREATE TABLE head (
            format INTEGER NOT NULL,
            sequence BIGINT NOT NULL,
            hash VARCHAR NOT NULL,
            pending INTEGER NOT NULL)""",
          """
          CREATE TABLE change (
            sequence BIGINT NOT NULL PRIMARY KEY,
            hash VARCHAR NOT NULL,
            moment VARCHAR NOT NULL,
            who VARCHAR NOT NULL,
            why VARCHAR NOT NULL,
            kind VARCHAR NOT NULL,
            subject VARCHAR NOT NULL,
            facts VARCHAR NOT NULL)""",
          """
          CREATE TABLE profile (
            name VARCHAR NOT NULL PRIMARY KEY,
            present INTEGER NOT NULL)""",
          """
          CREATE TABLE turn (
            profile VARCHAR NOT NULL,
            place INTEGER NOT NULL,
            number INTEGER NOT NULL,
            kind VARCHAR NOT NULL,
            began VARCHAR NOT NULL,
            ended VARCHAR,
            who VARCHAR NOT NULL,
            why VARCHAR NOT NULL,
            PRIMARY KEY (profile, place))""",
          """
          CREATE TABLE generation (
            profile VARCHAR NOT NULL,
            number INTEGER NOT NULL,
            image VARCHAR NOT NULL,
            record VARCHAR NOT NULL,
            created VARCHAR NOT NULL,
            author VARCHAR NOT NULL,
            message VARCHAR NOT NULL,
            milliseconds BIGINT NOT NULL,
            PRIMARY KEY (profile, number))""",
          """
          CREATE TABLE part (
            record VARCHAR NOT NULL,
            platform VARCHAR NOT NULL,
            manifest VARCHAR NOT NULL,
            bytes BIGINT NOT NULL,
            tree BIGINT NOT NULL,
            packages VARCHAR NOT NULL,
            PRIMARY KEY (record, platform))""",
          """
          CREATE TABLE package (
            id BIGINT NOT NULL PRIMARY KEY,
            name VARCHAR NOT NULL,
            version VARCHAR NOT NULL,
            architecture VARCHAR NOT NULL)""",
          """
          CREATE TABLE installed (
            packages VARCHAR NOT NULL,
            package BIGINT NOT NULL)""",
          """
          CREATE TABLE tree (
            id BIGINT NOT NULL PRIMARY KEY,
            digest VARCHAR NOT NULL UNIQUE)""",
          """
          CREATE TABLE entry (
            tree BIGINT NOT NULL,
            name VARCHAR NOT NULL,
            kind VARCHAR NOT NULL,
            mode INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            gid INTEGER NOT NULL,
            size BIGINT NOT NULL,
            content VARCHAR NOT NULL,
            target VARCHAR NOT NULL,
            child BIGINT)""");

  private static final List<String> INDEXES =
      List.of(
          "CREATE INDEX package_name ON package (name)",
          "CREATE INDEX installed_package ON installed (package)",
          "CREATE INDEX installed_packages ON installed (packages)",
          "CREATE INDEX entry_tree ON entry (tree)",
          "CREATE INDEX entry_name ON entry (name, tree)",
          "CREATE INDEX entry_child ON entry (child)");

  private Schema() {}

  /** Makes all tables, empty, with a head before the first entry of any journal, no index yet. */
  static void make(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String each : MAKING) {
        statement.execute(each);
      }
      statement.execute("INSERT INTO head VALUES (" + FORMAT + ", 0, '', 0)");
    }
  }

  /** Adds what makes questions fast: after the first rows, which is faster than before them. */
  static void index(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String each : INDEXES) {
        statement.execute(each);
      }
    }
  }

  /** Removes all tables that are there, and what others have made on top of them. */
  static void drop(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String each : TABLES) {
        statement.execute("DROP TABLE IF EXISTS " + each + " CASCADE");
      }
    }
  }
}
