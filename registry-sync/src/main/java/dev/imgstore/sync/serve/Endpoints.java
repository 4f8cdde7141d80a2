package dev.imgstore.sync.serve;

import java.io.IOException;
import org.apache.http.HttpException;

/** Which method of which end point does what. */
final class Endpoints {
  private static final String READ = "GET, HEAD";

  private final Terms terms;
  private final Reaches reaches = new Reaches();
  private final Fresh fresh;
  private final Pulls pulls = new Pulls();
  private final Uploads uploads;
  private final Intake intake;
  private final Deletion deletion;
  private final Metrics metrics;

  Endpoints(
      Terms terms,
      Fresh fresh,
      Uploads uploads,
      Intake intake,
      Deletion deletion,
      Metrics metrics) {
    this.terms = terms;
    this.fresh = fresh;
    this.uploads = uploads;
    this.intake = intake;
    this.deletion = deletion;
    this.metrics = metrics;
  }

  void answer(Call call, Target target) throws IOException, HttpException, Refusal {
    switch (target.kind()) {
      case HEALTH -> text(call, "ok\n", "text/plain; charset=utf-8");
      case METRICS -> text(call, metrics.text(uploads.count(), uploads.staged()), Metrics.TYPE);
      case BASE -> text(call, "{}", Call.JSON);
      default -> {
        try (Terms.Term term = terms.take()) {
          inStore(call, target, term);
        }
      }
    }
  }

  private static void text(Call call, String text, String type)
      throws IOException, HttpException, Refusal {
    only(call, READ);
    call.bytes(200, type, Front.utf8(text));
  }

  private void inStore(Call call, Target target, Terms.Term term)
      throws IOException, HttpException, Refusal {
    Repositories all = new Repositories(term, reaches, fresh);
    if (target.kind() == Target.Kind.CATALOG) {
      only(call, READ);
      Lists.repositories(call, all);
      return;
    }
    Repository repository = all.read(target.name());
    switch (target.kind()) {
      case TAGS -> {
        only(call, READ);
        Lists.tags(call, repository);
      }
      case REFERRERS -> {
        only(call, READ);
        Lists.referrers(call, repository, Pulls.digest(target.reference()));
      }
      case MANIFEST -> manifest(call, term, repository, target.reference());
      case BLOB -> blob(call, term, repository, target.reference());
      case UPLOADS -> {
        only(call, "POST");
        uploads.begin(call, term, repository, all);
      }
      default -> upload(call, term, repository, target.reference());
    }
  }

  private void manifest(Call call, Terms.Term term, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    switch (call.method()) {
      case "PUT" -> intake.put(call, term, repository, reference);
      case "DELETE" -> deletion.manifest(call, term, repository, reference);
      default -> {
        only(call, "GET, HEAD, PUT, DELETE");
        pulls.manifest(call, term, repository, reference);
      }
    }
  }

  private void blob(Call call, Terms.Term term, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    if (call.method().equals("DELETE")) {
      deletion.blob(call, repository, reference);
    } else {
      only(call, "GET, HEAD, DELETE");
      pulls.blob(call, term, repository, reference);
    }
  }

  private void upload(Call call, Terms.Term term, Repository repository, String id)
      throws IOException, HttpException, Refusal {
    switch (call.method()) {
      case "GET", "HEAD" -> uploads.status(call, repository, id);
      case "PATCH" -> uploads.part(call, repository, id);
      case "PUT" -> uploads.end(call, term, repository, id);
      case "DELETE" -> uploads.cancel(call, repository, id);
      default -> only(call, "GET, PATCH, PUT, DELETE");
    }
  }

  /** Refuses other methods than these. */
  private static void only(Call call, String methods) throws Refusal {
    for (String each : methods.split(", ", -1)) {
      if (each.equals(call.method())) {
        return;
      }
    }
    throw new Refusal(Refusal.Code.UNSUPPORTED, "this end point knows other methods than that one")
        .with("Allow", methods);
  }
}
