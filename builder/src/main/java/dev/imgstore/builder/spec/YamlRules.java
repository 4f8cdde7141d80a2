package dev.imgstore.builder.spec;

import java.util.List;
import java.util.Optional;

/** Compose files and the workflows of forges: mappings whose images are single texts. */
final class YamlRules {
  private static final String DOCKER = "docker://";

  private final Findings findings;

  YamlRules(Findings findings) {
    this.findings = findings;
  }

  static boolean isCompose(Node.Mapping document) {
    return document
        .mapping("services")
        .filter(
            services ->
                services.entries().stream()
                    .anyMatch(
                        each ->
                            each.value() instanceof Node.Mapping service
                                && (service.get("image").isPresent()
                                    || service.get("build").isPresent())))
        .isPresent();
  }

  static boolean isWorkflow(Node.Mapping document) {
    boolean jobs =
        document
            .mapping("jobs")
            .filter(
                each ->
                    each.entries().stream()
                        .anyMatch(
                            job ->
                                job.value() instanceof Node.Mapping one
                                    && (one.get("runs-on").isPresent()
                                        || one.get("uses").isPresent())))
            .isPresent();
    return jobs
        || document.mapping("runs").filter(each -> each.get("using").isPresent()).isPresent();
  }

  /** The services of a Compose file (Compose Specification, "image"). */
  void compose(Node.Mapping document) {
    Optional<Node.Mapping> services = document.mapping("services");
    for (Node.Entry entry : services.map(Node.Mapping::entries).orElse(List.of())) {
      if (entry.value() instanceof Node.Mapping service) {
        String where = "services." + entry.key().value() + ".image";
        Optional<Node.Scalar> image = service.scalar("image");
        if (image.isPresent() && service.get("build").isPresent()) {
          findings.left(
              image.get().at(),
              where + " is what the service's `build` makes, so it is not pinned");
        } else {
          image.ifPresent(each -> findings.whole(each, "", where));
        }
      }
    }
  }

  /** Containers, services and steps of a workflow, and those of an action. */
  void workflow(Node.Mapping document) {
    for (Node.Entry entry : document.mapping("jobs").map(Node.Mapping::entries).orElse(List.of())) {
      if (entry.value() instanceof Node.Mapping job) {
        job("jobs." + entry.key().value(), job);
      }
    }
    document
        .mapping("runs")
        .ifPresent(
            runs -> {
              runs.scalar("image").ifPresent(each -> findings.whole(each, DOCKER, "runs.image"));
              steps("runs", runs);
            });
  }

  private void job(String where, Node.Mapping job) {
    container(where + ".container", job.get("container"));
    for (Node.Entry entry : job.mapping("services").map(Node.Mapping::entries).orElse(List.of())) {
      container(where + ".services." + entry.key().value(), Optional.of(entry.value()));
    }
    steps(where, job);
  }

  private void container(String where, Optional<Node> container) {
    if (container.isPresent() && container.get() instanceof Node.Scalar image) {
      findings.whole(image, "", where);
    } else if (container.isPresent() && container.get() instanceof Node.Mapping mapping) {
      mapping.scalar("image").ifPresent(each -> findings.whole(each, "", where + ".image"));
    }
  }

  private void steps(String where, Node.Mapping job) {
    int number = 0;
    for (Node each : job.sequence("steps")) {
      if (each instanceof Node.Mapping step) {
        String place = where + ".steps[" + number + "].uses";
        step.scalar("uses").ifPresent(uses -> findings.whole(uses, DOCKER, place));
      }
      number++;
    }
  }
}
