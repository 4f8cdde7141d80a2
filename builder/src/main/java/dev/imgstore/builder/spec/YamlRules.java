package dev.imgstore.builder.spec;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Compose files and what runs in forges: mappings whose images are single texts. */
final class YamlRules {
  private static final String DOCKER = "docker://";
  private static final String CONTEXT = "docker-image://";
  private static final Pattern FROM =
      Pattern.compile("(?im)^[ \\t]*+FROM[ \\t]++(?:--\\S++[ \\t]++)*+([^\\s#]++)");

  /** What stands beside the jobs of GitLab and is none. */
  private static final Set<String> NO_JOBS =
      Set.of("image", "variables", "include", "workflow", "stages", "spec", "cache");

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
              where + " is what the service's `build` makes, so it is not pinned",
              List.of(image.get().value()));
        } else {
          image.ifPresent(each -> findings.whole(each, "", where));
        }
        volumes("services." + entry.key().value(), service);
        service.mapping("build").ifPresent(each -> build(entry.key().value(), each));
      }
    }
  }

  /** Volumes that are images (Compose Specification, "volumes", type image). */
  private void volumes(String where, Node.Mapping service) {
    int number = 0;
    for (Node each : service.sequence("volumes")) {
      if (each instanceof Node.Mapping volume && volume.text("type").equals("image")) {
        String place = where + ".volumes[" + number + "].source";
        volume.scalar("source").ifPresent(source -> findings.whole(source, "", place));
      }
      number++;
    }
  }

  /** What a service is built from (Compose Build Specification). */
  private void build(String service, Node.Mapping build) {
    String where = "services." + service + ".build.";
    for (Node.Entry entry :
        build.mapping("additional_contexts").map(Node.Mapping::entries).orElse(List.of())) {
      if (entry.value() instanceof Node.Scalar context) {
        findings.whole(context, CONTEXT, where + "additional_contexts." + entry.key().value());
      }
    }
    Optional<Node.Scalar> inline = build.scalar("dockerfile_inline");
    List<String> images =
        inline.stream()
            .flatMap(each -> FROM.matcher(each.value()).results())
            .map(each -> each.group(1))
            .filter(each -> !each.equals("scratch"))
            .toList();
    if (!images.isEmpty()) {
      findings.left(
          inline.orElseThrow().at(),
          where + "dockerfile_inline begins with " + Findings.shown(images.get(0)),
          images);
    }
  }

  static boolean isGitLab(String file, Node.Mapping document) {
    boolean jobs =
        document.entries().stream()
            .anyMatch(
                each -> each.value() instanceof Node.Mapping job && job.get("script").isPresent());
    return file.endsWith(".gitlab-ci.yml")
        || file.endsWith(".gitlab-ci.yaml")
        || (jobs && document.get("stages").filter(Node.Sequence.class::isInstance).isPresent());
  }

  /** The image and the services of each job, and of all of them (GitLab CI/CD YAML, "image"). */
  void gitLab(Node.Mapping document) {
    jobOfGitLab("", document);
    for (Node.Entry entry : document.entries()) {
      String name = entry.key().value();
      if (entry.value() instanceof Node.Mapping job && !NO_JOBS.contains(name)) {
        jobOfGitLab(name + ".", job);
      }
    }
  }

  private void jobOfGitLab(String where, Node.Mapping job) {
    named(where + "image", job.get("image"));
    int number = 0;
    for (Node each : job.sequence("services")) {
      named(where + "services[" + number++ + "]", Optional.of(each));
    }
  }

  /** A text, or a mapping whose name it is. */
  private void named(String where, Optional<Node> image) {
    if (image.isPresent() && image.get() instanceof Node.Scalar scalar) {
      findings.whole(scalar, "", where);
    } else if (image.isPresent() && image.get() instanceof Node.Mapping mapping) {
      findings.look(mapping.at());
      mapping.scalar("name").ifPresent(each -> findings.whole(each, "", where + ".name"));
    } else if (image.isPresent()) {
      findings.left(image.get().at(), where + " is a reference to another place");
      findings.skip(image.get());
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
