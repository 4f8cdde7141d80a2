package dev.imgstore.sync.client;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Content;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A repository over HTTP (OCI distribution-spec 1.1, "API"). */
final class HttpRegistry implements Registry {
  private static final String ACCEPTED =
      "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json,"
          + " application/vnd.docker.distribution.manifest.v2+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.oci.artifact.manifest.v1+json, */*;q=0.1";
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}");
  private static final String CONTENT_TYPE = "Content-Type";
  private static final String BYTES = "application/octet-stream";

  private final String name;
  private final String base;
  private final String scope;
  private final Session session;

  /**
   * A repository.
   *
   * @param name for people
   * @param repository for the registry
   */
  HttpRegistry(String name, String repository, String scope, Session session) {
    this.name = name;
    this.base = "/v2/" + repository + "/";
    this.scope = scope;
    this.session = session;
  }

  @Override
  public String name() {
    return name;
  }

  private Call call(String method, String path) {
    return new Call(method, session.at(base + path));
  }

  private Call manifests(String method, String reference) {
    Call call = call(method, "manifests/" + reference);
    return call.isReading() ? call.with("Accept", ACCEPTED) : call;
  }

  @Override
  public Optional<Manifest> manifest(String reference) throws IOException {
    Call call = manifests("GET", reference);
    Trial trial = session.trial(call.what());
    while (true) {
      try (Answer answer = session.ask(call, scope)) {
        if (answer.status() == 404) {
          return Optional.empty();
        }
        if (answer.status() != 200) {
          throw session.refused(call, answer);
        }
        return Optional.of(checked(call, reference, answer));
      } catch (IOException e) {
        trial.again(session.reason(e), Duration.ZERO, e);
      }
    }
  }

  private Manifest checked(Call call, String reference, Answer answer) throws IOException {
    byte[] bytes = answer.bytes(Manifest.MAX_BYTES);
    if (bytes.length > Manifest.MAX_BYTES) {
      throw wrong(call, "it sends a manifest of more than " + Manifest.MAX_BYTES + " bytes");
    }
    String digest = Digest.of(bytes).toString();
    String wanted = reference.startsWith("sha256:") ? reference : said(call, answer, digest);
    if (!digest.equals(wanted)) {
      throw wrong(call, "it sends " + digest + " for " + wanted);
    }
    String type = type(answer);
    return new Manifest(type.isEmpty() ? Documents.mediaType(bytes) : type, bytes);
  }

  /** What the registry says the digest is; what we found if it says nothing of use. */
  private static String said(Call call, Answer answer, String found) throws RegistryException {
    String said = answer.header("Docker-Content-Digest");
    if (said.startsWith("sha256:")) {
      try {
        return Digest.parse(said).toString();
      } catch (IllegalArgumentException e) {
        throw wrong(call, "it names a digest that is none");
      }
    }
    return found;
  }

  /** Empty if the registry says none that means anything. */
  private static String type(Answer answer) {
    String type = answer.header(CONTENT_TYPE).replaceFirst(";.*", "").strip();
    String lower = type.toLowerCase(Locale.ROOT);
    boolean plain =
        lower.equals("application/json") || lower.equals(BYTES) || lower.startsWith("text/");
    return !plain && MEDIA_TYPE.matcher(lower).matches() ? type : "";
  }

  @Override
  public Optional<Descriptor> head(String reference) throws IOException {
    Call call = manifests("HEAD", reference);
    try (Answer answer = session.ask(call, scope)) {
      if (answer.status() == 404) {
        return Optional.empty();
      }
      if (answer.status() != 200) {
        throw session.refused(call, answer);
      }
      String digest = said(call, answer, "");
      String type = type(answer);
      if (reference.startsWith("sha256:") && !digest.isEmpty() && !digest.equals(reference)) {
        throw wrong(call, "it answers with " + digest);
      }
      if (!digest.isEmpty() && !type.isEmpty() && answer.length() >= 0) {
        return Optional.of(new Descriptor(type, Digest.parse(digest), answer.length()));
      }
    }
    return manifest(reference).map(Manifest::descriptor);
  }

  @Override
  public void put(Manifest manifest, String tag) throws IOException {
    String digest = manifest.digest().toString();
    byte[] bytes = manifest.bytes();
    Call call =
        manifests("PUT", tag.isEmpty() ? digest : tag)
            .with(CONTENT_TYPE, manifest.mediaType())
            .with(new Call.Body(bytes.length, () -> new ByteArrayInputStream(bytes)));
    boolean referrers;
    try (Answer answer = session.ask(call, scope)) {
      if (answer.status() / 100 != 2) {
        throw session.refused(call, answer);
      }
      if (!said(call, answer, digest).equals(digest)) {
        throw wrong(call, "it took " + said(call, answer, digest) + " for " + digest);
      }
      referrers = !answer.header("OCI-Subject").isEmpty();
    }
    Optional<Digest> subject = referrers ? Optional.empty() : Documents.subject(bytes);
    if (subject.isPresent()) {
      new Referrers(this, session, base, scope).add(subject.get(), manifest);
    }
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    Call call = call("HEAD", "blobs/" + blob);
    try (Answer answer = session.ask(call, scope)) {
      if (answer.status() != 200 && answer.status() != 404) {
        throw session.refused(call, answer);
      }
      return answer.status() == 200;
    }
  }

  @Override
  public boolean mount(Digest blob, String repository) throws IOException {
    Call call = call("POST", "blobs/uploads/?mount=" + blob + "&from=" + repository);
    String wider = scope + " repository:" + repository + ":pull";
    try (Answer answer = session.ask(call, wider)) {
      if (answer.status() == 202) {
        cancel(answer);
      }
      return answer.status() == 201;
    } catch (RegistryException e) {
      if (e.kind() == Kind.DENIED) {
        return false; // not that repository; the blob can still be sent
      }
      throw e;
    }
  }

  /** The registry began an upload instead, which nobody will go on with. */
  private void cancel(Answer begun) {
    try {
      URI place = session.hosts().follow(begun.address(), begun.header("Location"), "an upload");
      session.once(new Call("DELETE", place), scope).close();
    } catch (IOException e) {
      // It forgets uploads by itself, after a time.
    }
  }

  @Override
  public void upload(Descriptor blob, Content content) throws IOException {
    Trial trial = session.trial("sending " + blob.digest() + " to " + name);
    boolean sent = false;
    while (!sent) {
      try {
        sent = send(blob, content, trial);
      } catch (SentBody.Unreadable e) {
        throw (IOException) e.getCause();
      } catch (IOException e) {
        String reason = session.reason(e);
        sent = has(blob.digest());
        if (!sent) {
          trial.again(reason, Duration.ZERO, e);
        }
      }
    }
  }

  /** POST, then PUT with all of it (distribution-spec 1.1, "Pushing a blob monolithically"). */
  private boolean send(Descriptor blob, Content content, Trial trial) throws IOException {
    Call begin = call("POST", "blobs/uploads/");
    URI place;
    try (Answer answer = session.ask(begin, scope)) {
      if (answer.status() != 202) {
        throw session.refused(begin, answer);
      }
      place = session.hosts().follow(answer.address(), answer.header("Location"), "an upload");
    }
    String joint = place.getRawQuery() == null ? "?" : "&";
    Call call =
        new Call("PUT", URI.create(place + joint + "digest=" + blob.digest()))
            .with(CONTENT_TYPE, BYTES)
            .with(new Call.Body(blob.size(), content));
    try (Answer answer = session.once(call, scope)) {
      if (answer.status() / 100 == 2) {
        return true;
      }
      // An upload that the registry has forgotten is begun again.
      if (!Session.isBusy(answer.status()) && answer.status() != 404) {
        throw session.refused(call, answer);
      }
      trial.again("it answers " + answer.status(), Trial.asked(answer), null);
      return false;
    }
  }

  @Override
  public InputStream open(Descriptor blob) throws IOException {
    return begun(blob, BlobStream.Hash.CHECKED);
  }

  @Override
  public InputStream openUnhashed(Descriptor blob) throws IOException {
    return begun(blob, BlobStream.Hash.LEFT);
  }

  private InputStream begun(Descriptor blob, BlobStream.Hash hash) throws IOException {
    Call call = call("GET", "blobs/" + blob.digest());
    BlobStream stream = new BlobStream(session, call, scope, blob, hash);
    stream.begin();
    return stream;
  }

  @Override
  public List<String> tags() throws IOException {
    return new Pages(session, scope).tags(call("GET", "tags/list?n=1000"));
  }

  @Override
  public List<Referrer> referrers(Digest subject, String artifactType) throws IOException {
    return new Referrers(this, session, base, scope).of(subject, artifactType);
  }

  @Override
  public boolean delete(Digest manifest) throws IOException {
    Call call = manifests("DELETE", manifest.toString());
    String wider = scope.replaceFirst(":[^:]*$", ":pull,push,delete");
    try (Answer answer = session.ask(call, wider)) {
      if (answer.status() == 404) {
        return false;
      }
      if (answer.status() / 100 != 2) {
        throw session.refused(call, answer);
      }
      return true;
    }
  }

  private static RegistryException wrong(Call call, String what) {
    return new RegistryException(Kind.WRONG, call.what() + ": " + what);
  }

  @Override
  public void close() throws IOException {
    session.close();
  }
}
