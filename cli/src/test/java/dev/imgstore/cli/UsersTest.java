package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who uses what was revoked. */
final class UsersTest {
  @TempDir Path directory;

  private static Revocation of(String image) {
    return new Revocation(
        Digest.parse(image), Collections.emptySortedSet(), "CVE", "ann", Desk.NOW);
  }

  @Test
  void ofAnyNumberOfRevocationsTheRootsAreReadOnce() throws IOException {
    Desk desk = new Desk(directory);
    desk.file("web", "one");
    String one = desk.run("build", "web").with(0).image();
    desk.file("web", "two");
    String two = desk.run("build", "web").with(0).image();
    List<String> asked = new ArrayList<>();
    try (Store store = DiskStore.open(desk.store(), notice -> {})) {
      Roots roots = counting(Roots.class, store.roots(), asked);
      Store counted =
          (Store)
              Proxy.newProxyInstance(
                  UsersTest.class.getClassLoader(),
                  new Class<?>[] {Store.class},
                  (proxy, method, args) ->
                      method.getName().equals("roots") ? roots : method.invoke(store, args));
      List<Users> users = Users.of(counted, List.of(of(one), of(two), of(one)));
      assertEquals(
          List.of(List.of("web@1"), List.of("web@2 (current)"), List.of("web@1")),
          users.stream().map(Users::names).toList());
      assertEquals(List.of("all"), asked);
      assertEquals(List.of(), Users.of(counted, List.of()));
      assertEquals(List.of("all"), asked);
    }
  }

  private static <T> T counting(Class<T> type, T real, List<String> asked) {
    return type.cast(
        Proxy.newProxyInstance(
            UsersTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              asked.add(method.getName());
              return method.invoke(real, args);
            }));
  }
}
